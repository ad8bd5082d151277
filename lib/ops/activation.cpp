#include "ops/activation.h"

#include "base/files.h"
#include "ops/notices.h"
#include "ops/services.h"
#include "sam/factors.h"

namespace tsp::ops {
namespace {

constexpr std::size_t kLargestList = 1 << 20;

}  // namespace

std::unique_ptr<sam::SignatureActivationModule> activation_module(Provider& provider) {
  sam::Policy policy;
  policy.pin_cost = provider.pin_cost();
  policy.wrong_tries = static_cast<int>(provider.config().integer("pin.tries"));
  policy.approval_lifetime = provider.config().duration("sign.approval");
  policy.whole_documents = provider.config().boolean("csc.documents");
  policy.most_documents = static_cast<std::size_t>(provider.config().integer("sign.documents"));
  policy.accepted = accepted_assertions(provider);
  policy.keys_elsewhere = !provider.config().text("auth.signing_services").empty();
  policy.tell = [&provider](store::Transaction& transaction, const sam::KeyUse& use) {
    tell_of_use(provider, transaction, use);
  };
  return std::make_unique<sam::SignatureActivationModule>(
      provider.database(), provider.world().clock, provider.session("signers"), policy);
}

std::optional<std::string> objection_to_new_pin(const Provider& provider, const Secret& pin) {
  const Bytes common = read_file(provider.world().data + "/common-pins.txt", kLargestList);
  return sam::objection_to_pin(pin, as_text(common));
}

}  // namespace tsp::ops
