// The signature activation module of a provider, under its configuration; and the rules for new
// PINs.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "ops/provider.h"

namespace tsp::ops {

// Logs in to the token `signers`. Tells signers of uses of their keys (ops/notices.h). Must not
// outlive the provider. Error{hsm_unavailable}.
std::unique_ptr<sam::SignatureActivationModule> activation_module(Provider& provider);

// Why a PIN may not be chosen, or nothing (sam/factors.h, with the list of common PINs). The text
// follows "the PIN ".
std::optional<std::string> objection_to_new_pin(const Provider& provider, const Secret& pin);

}  // namespace tsp::ops
