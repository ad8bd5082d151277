// The embedded HSM: SoftHSM 2 from the distribution. Its configuration is a file that the
// environment variable SOFTHSM2_CONF names; setting that variable, before Module::load, is the
// application's job.
#pragma once

#include <optional>
#include <string>

namespace tsp::hsm {

// The text of softhsm2.conf for tokens kept under `token_directory`, an absolute path. SoftHSM's
// reader knows no quoting: Error{usage} for a path that it would read differently ('#', '=',
// control characters, a blank at either end, more than 900 octets).
std::string softhsm_config(const std::string& token_directory);

// Where Debian and Ubuntu put the module; nothing where it is not installed.
std::optional<std::string> locate_softhsm();

}  // namespace tsp::hsm
