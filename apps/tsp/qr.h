// A secret URI shown on the terminal, as a QR code and as text. It goes to the terminal itself,
// never into a pipe or a log.
#pragma once

#include "base/secret.h"

namespace tsp::app {

// `unicode`: half-block characters; otherwise two characters a module.
void show_on_terminal(const Secret& uri, bool unicode);

}  // namespace tsp::app
