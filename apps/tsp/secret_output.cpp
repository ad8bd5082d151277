#include "secret_output.h"

#include <fmt/format.h>
#include <unistd.h>

#include "base/error.h"
#include "qr.h"

namespace tsp::app {

SecretOutput::SecretOutput(Invocation& run, Order order)
    : order_(std::move(order)), target_(run.text(order_.option)) {
  if (target_ == "-" && !run.terminal.json)
    throw Error(Fault::usage, fmt::format("{} - needs --json", order_.option));
  if (!target_.empty() && target_ != "-")
    file_ = std::make_unique<OutputFile>(target_, Existing::keep, 0600);
  takes_ = !target_.empty() || run.terminal.can_ask();
  if (!takes_ && order_.comes == Comes::surely && !run.dry_run())
    throw Error(Fault::input_needed, fmt::format("the {} has nowhere to go", order_.what),
                "there is no terminal", fmt::format("give {} FILE", order_.option));
  if (takes_ && target_.empty() && order_.expect) order_.expect();
}

void SecretOutput::deliver(Invocation& run, const std::string& member, const Secret& secret) {
  member_ = member;
  if (target_ == "-") {
    kept_ = secret.clone();
  } else if (file_) {
    file_->write(secret.view());
    file_->write(as_bytes("\n"));
    file_->keep();
    delivered_ = in_file_ = true;
    run.terminal.note(
        fmt::format("The {} is in {}; hand it over and delete it.", order_.what, target_));
  } else {
    order_.show(secret);
    delivered_ = true;
  }
}

void SecretOutput::add_to(Json& receipt) const {
  if (kept_) receipt[member_] = std::string(kept_->text());
}

void SecretOutput::take_back() {
  if (in_file_) ::unlink(target_.c_str());
}

SecretOutput::Order uri_order(Invocation& run, const char* option, const char* what,
                              SecretOutput::Comes comes) {
  return {option, what,
          [&run](const Secret& uri) { show_on_terminal(uri, run.terminal.unicode()); }, comes,
          &expect_qr_codes};
}

SecretOutput::Order line_order(const char* option, const char* what, const char* label) {
  return {option, what, [label](const Secret& line) { show_line_on_terminal(label, line); }};
}

}  // namespace tsp::app
