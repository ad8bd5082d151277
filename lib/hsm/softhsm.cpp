#include "hsm/softhsm.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/files.h"

namespace tsp::hsm {
namespace {

constexpr std::array kPlaces{
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
};

bool survives_softhsm_reader(const std::string& path) {
  const auto is_special = [](char c) {
    return c == '#' || c == '=' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  };
  return path.starts_with('/') && path.size() <= 900 && path.back() != ' ' &&
         std::ranges::none_of(path, is_special);
}

}  // namespace

std::string softhsm_config(const std::string& token_directory) {
  if (!survives_softhsm_reader(token_directory)) {
    throw Error(Fault::usage, "cannot keep SoftHSM tokens in " + token_directory,
                "SoftHSM's configuration cannot name this folder",
                "choose an absolute path without '#', '=' and control characters");
  }
  return "directories.tokendir = " + token_directory +
         "\n"
         "objectstore.backend = file\n"
         "log.level = ERROR\n"
         "slots.removable = false\n";
}

std::optional<std::string> locate_softhsm() {
  const auto found = std::ranges::find_if(kPlaces, [](const char* path) { return exists(path); });
  if (found == kPlaces.end()) return std::nullopt;
  return *found;
}

}  // namespace tsp::hsm
