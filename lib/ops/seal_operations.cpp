// Seals of legal persons. Members are named as the options are; WINDOW is `window`.
#include "ops/operations.h"
#include "ops/seals.h"

namespace tsp::ops {
namespace {

// {user, key, from, until, seconds, count}: until a moment, or so many seconds. Hands out
// credential.
Json open_seal_window(Provider& provider, const Call& call) {
  OpenSealWindow request;
  request.user = required_text(call, "user");
  request.key = text_of(call, "key");
  request.not_before = time_of(call, "from");
  request.count = required_integer(call, "count");
  request.hand_out = hand_out_as(call, "credential");
  request.dry_run = flag_of(call, "dry_run");
  const auto until = time_of(call, "until");
  const auto seconds = integer_of(call, "seconds");
  request.not_after = end_of_window(request.not_before.value_or(provider.now()), until, seconds);
  return to_json(open_seal_window(provider, request));
}

Json approve_seal_window(Provider& provider, const Call& call) {
  return to_json(
      approve_seal_window(provider, required_text(call, "window"), flag_of(call, "dry_run")));
}

Json close_seal_window(Provider& provider, const Call& call) {
  return to_json(
      close_seal_window(provider, required_text(call, "window"), flag_of(call, "dry_run")));
}

Json list_seal_windows(Provider& provider, const Call& call) {
  Json windows = Json::array();
  for (const auto& window : list_seal_windows(provider, text_of(call, "user"))) {
    windows.push_back(to_json(window));
    windows.back().erase("audit_seq");
  }
  return {{"windows", std::move(windows)}};
}

}  // namespace

std::vector<Operation> seal_operations() {
  return {
      {"seal open",
       kOperator,
       Worker::signers,
       true,
       {"user", "key", "from", "until", "seconds", "count", "dry_run"},
       {},
       &open_seal_window},
      {"seal approve",
       kOperator,
       Worker::signers,
       true,
       {"window", "dry_run"},
       {},
       &approve_seal_window},
      {"seal close",
       kOperator,
       Worker::signers,
       true,
       {"window", "dry_run"},
       {},
       &close_seal_window},
      {"seal list", kReaders, Worker::pki, false, {"user"}, {}, &list_seal_windows},
  };
}

}  // namespace tsp::ops
