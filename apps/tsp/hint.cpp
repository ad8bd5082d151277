#include "hint.h"

namespace tsp::app {

std::string hint_of(const Error& error, const Command* command) {
  if (!error.next.empty()) return error.next;
  std::string help =
      command == nullptr ? "see tsp help" : "see tsp help " + std::string(command->path);
  switch (error.fault) {
    case Fault::not_found:
      return "look whether the name is right, and its folder is there; " + help;
    case Fault::bad_input:
      return "look whether it is the right file, and whole; " + help;
    case Fault::tampered:
      return "tsp audit verify tells what was changed; compare with a backup";
    case Fault::evidence_missing:
      return "look at the network and try again";
    case Fault::factor_refused:
      return "try again with the right PIN or code";
    case Fault::locked_out:
      return "an officer unlocks the signer with: tsp user unlock NAME";
    case Fault::hsm_unavailable:
      return "tsp doctor tells what the HSM says";
    case Fault::audit_before_signing:
    case Fault::audit_after_signing:
      return "look at the disk and try again; tsp status tells how the log is";
    case Fault::already_exists:
      return "look at what is there already; " + help;
    case Fault::not_permitted:
      return "look at the permissions, or run it as the user whose file it is";
    case Fault::space_low:
      return "make room on the disk of the store";
    case Fault::busy:
      return "try again later";
    case Fault::interrupted:
      return "run it again";
    case Fault::output_failed:
      return "make room, or choose another place to write to";
    case Fault::failed:
      return "tsp doctor looks for the cause";
    case Fault::usage:
    case Fault::policy_refused:
    case Fault::input_needed:
      break;
  }
  return help;
}

}  // namespace tsp::app
