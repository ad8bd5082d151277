// What one run asks of its backend: the command's operation, lists page by page; and the notices
// that are due after it.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "invocation.h"
#include "ops/notices.h"

namespace tsp::app {
namespace {

// What is only read for a command that changes something knows no dry run.
bool takes_dry_run(std::string_view operation) {
  const ops::Operation* known = ops::find_operation(operation);
  return known != nullptr && std::ranges::find(known->members, "dry_run") != known->members.end();
}

bool changes_something(std::string_view operation) {
  const ops::Operation* known = ops::find_operation(operation);
  return known != nullptr && known->changes_state;
}

std::optional<std::int64_t> record_of(const Json& receipt) {
  const auto seq = receipt.find("audit_seq");
  if (seq == receipt.end() || !seq->is_number_integer()) return std::nullopt;
  return seq->get<std::int64_t>();
}

}  // namespace

Json Invocation::call(Json request) {
  ops::Call call;
  call.request = std::move(request);
  return this->call(std::move(call));
}

Json Invocation::call(ops::Call call) {
  if (call.operation.empty()) call.operation = command.path;
  if (dry_run() && takes_dry_run(call.operation)) call.request["dry_run"] = true;
  Json receipt = backend().call(call);
  if (!dry_run() && changes_something(call.operation)) terminal.was_done(record_of(receipt));
  return receipt;
}

void Invocation::call_each(Json request, const char* list,
                           const std::function<void(const Json&)>& each) {
  while (true) {
    const Json page = call(request);
    for (const Json& entry : page.at(list)) each(entry);
    if (!page.contains("next")) return;
    throw_if_interrupted();
    request["after"] = page.at("next");
  }
}

Json Invocation::call_all(Json request, const char* list) {
  Json all = Json::array();
  call_each(std::move(request), list, [&](const Json& entry) { all.push_back(entry); });
  return {{list, std::move(all)}};
}

void Invocation::flush_notices() {
  constexpr std::size_t kMost = 5;
  constexpr std::chrono::seconds kPatience{3};
  if (!provider_ || !command.changes_state || dry_run()) return;
  try {
    const ops::Flushed flushed = ops::flush_notices(*provider_, kMost, kPatience);
    if (flushed.sent > 0) terminal.detail(fmt::format("Notices sent: {}", flushed.sent));
    for (const std::string& why : flushed.why)
      terminal.detail("Notice not sent to " + printable(why));
  } catch (const Error& error) {
    terminal.detail("Notices wait: " + printable(error.message));
  }
}

}  // namespace tsp::app
