// Where a secret goes that is shown once: into a 0600 file, into the JSON (with -), or onto the
// terminal.
#pragma once

#include <functional>
#include <memory>

#include "invocation.h"

namespace tsp::app {

class SecretOutput {
 public:
  // Decides and opens, before anything is changed. `option` names the target, `what` the secret:
  // "TOTP secret". Error{usage} for - without --json, {input_needed} where nobody could see it,
  // {already_exists} for a file.
  SecretOutput(Invocation& run, const std::string& option, std::string what);

  // Before the change is in the store; the JSON alone waits for the receipt. `show` puts it on the
  // terminal.
  void deliver(Invocation& run, Secret secret, const std::function<void(const Secret&)>& show);
  void add_to(Json& receipt, const char* member) const;
  // Nothing was changed: the file would stand in the way of the next try.
  void take_back();

 private:
  std::string target_, what_;
  std::unique_ptr<OutputFile> file_;
  std::optional<Secret> kept_;
  bool delivered_ = false;
};

}  // namespace tsp::app
