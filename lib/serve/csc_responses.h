// Answers that are fetched later (CSC operationMode A, 11.12). What is to be signed waits in the
// worker's memory, because the SAD must not lie in the store; that an answer will come, and the
// answer, lie in the store, so that any worker gives it. For desk_*.cpp alone.
#pragma once

#include "ops/provider.h"
#include "serve/message.h"

namespace tsp::serve {

// An answer must be begun in this time and is there soon after, or does not come any more.
inline constexpr std::chrono::seconds kBeginWithin{30}, kThereWithin{60};

class CscResponses {
 public:
  explicit CscResponses(ops::Provider& provider) : provider_(provider) {}

  struct Promised {
    std::string name;  // responseID, for the caller
    Bytes id;
  };
  // For provider.caller() and a credential of `user`. Error{busy} where he, or all together, have
  // too many that nobody fetched.
  Promised promise(const std::string& user, std::chrono::milliseconds kept);
  // An answer of any kind, an error in the specification's words among them. Once it is there it
  // stays. Errors of the store are the caller's: the answer is lost then.
  void complete(const Bytes& id, const Answer& answer);
  // For provider.caller() alone. Error{usage} for a name that is unknown, expired or another
  // caller's; 202 while it is worked on; Error{busy} for one that was lost.
  Answer fetch(const std::string& name, const std::optional<std::string>& user);

 private:
  ops::Provider& provider_;
};

}  // namespace tsp::serve
