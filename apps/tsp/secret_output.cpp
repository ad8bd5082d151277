#include "secret_output.h"

#include <unistd.h>

#include "base/error.h"

namespace tsp::app {

SecretOutput::SecretOutput(Invocation& run, const std::string& option, std::string what)
    : target_(run.text(option)), what_(std::move(what)) {
  if (target_ == "-" && !run.terminal.json) throw Error(Fault::usage, option + " - needs --json");
  if (!target_.empty() && target_ != "-")
    file_ = std::make_unique<OutputFile>(target_, Existing::refuse, 0600);
  if (target_.empty() && !run.terminal.can_ask() && !run.dry_run())
    throw Error(Fault::input_needed, "the " + what_ + " has nowhere to go", "there is no terminal",
                "give " + option + " FILE");
}

void SecretOutput::deliver(Invocation& run, Secret secret,
                           const std::function<void(const Secret&)>& show) {
  if (target_ == "-") {
    kept_ = std::move(secret);
  } else if (file_) {
    file_->write(secret.view());
    file_->write(as_bytes("\n"));
    file_->keep();
    delivered_ = true;
    run.terminal.note("The " + what_ + " is in " + target_ + "; hand it over and delete it.");
  } else {
    show(secret);
  }
}

void SecretOutput::add_to(Json& receipt, const char* member) const {
  if (kept_) receipt[member] = std::string(kept_->text());
}

void SecretOutput::take_back() {
  if (delivered_) ::unlink(target_.c_str());
}

}  // namespace tsp::app
