#include "jail/environment.h"

#include <string.h>
#include <unistd.h>

#include <string_view>

#include "base/sanitized.h"

namespace tsp::jail {
namespace {

bool stays(std::string_view variable) {
  return kSanitized && variable.substr(0, variable.find('=')).ends_with("SAN_OPTIONS");
}

}  // namespace

void forget_environment() {
  if (environ == nullptr) return;
  char** kept = environ;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (stays(*variable))
      *kept++ = *variable;
    else
      ::explicit_bzero(*variable, ::strlen(*variable));
  }
  *kept = nullptr;
}

}  // namespace tsp::jail
