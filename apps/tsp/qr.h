// A secret shown on the terminal: a URI as a QR code and as text, or a line. It goes to the
// terminal itself, never into a pipe or a log.
#pragma once

#include "base/secret.h"

namespace tsp::app {

// Error{failed} where the library that makes QR codes cannot be loaded: before anything is changed.
void expect_qr_codes();

// `unicode`: half-block characters; otherwise two characters a module.
void show_on_terminal(const Secret& uri, bool unicode);

// A line on the terminal itself, by the same rule.
void show_line_on_terminal(std::string_view label, const Secret& secret);

}  // namespace tsp::app
