// Where a secret goes that is shown once: into a 0600 file, into the JSON (with -), or onto the
// terminal.
#pragma once

#include <functional>
#include <memory>

#include "invocation.h"

namespace tsp::app {

class SecretOutput {
 public:
  // `perhaps`: whether there is a secret is known only when the operation is on its way.
  enum class Comes { surely, perhaps };
  struct Order {
    const char* option;                       // names the target
    const char* what;                         // the secret: "TOTP secret"
    std::function<void(const Secret&)> show;  // puts it on the terminal
    Comes comes = Comes::surely;
    std::function<void()> expect = {};  // throws where that cannot be
  };
  // Decides and opens, before anything is changed. Error{usage} for - without --json,
  // {input_needed} where nobody could see it and it surely comes, {already_exists} for a file.
  SecretOutput(Invocation& run, Order order);

  // Whether there is a place for it.
  bool takes() const { return takes_; }
  // Before the change is in the store; the JSON alone waits for the receipt. `member` is its name
  // there.
  void deliver(Invocation& run, const std::string& member, const Secret& secret);
  void add_to(Json& receipt) const;
  // Whether it is where somebody finds it.
  bool is_out() const { return delivered_; }
  // Nothing was changed: the file would stand in the way of the next try.
  void take_back();

 private:
  Order order_;
  std::string target_, member_;
  std::unique_ptr<OutputFile> file_;
  std::optional<Secret> kept_;
  bool takes_ = false, delivered_ = false, in_file_ = false;
};

// Orders for a token's URI, shown as a QR code, and for a line of text after `label`.
SecretOutput::Order uri_order(Invocation& run, const char* option, const char* what,
                              SecretOutput::Comes comes = SecretOutput::Comes::surely);
SecretOutput::Order line_order(const char* option, const char* what, const char* label);

// A store that took the change in part may show it whole once the disk is well (ops/recording.h).
inline bool may_come_to_light(const Error& error) {
  return error.fault == Fault::audit_before_signing || error.fault == Fault::audit_after_signing;
}

// What to do about the secret then. `out`: it is where somebody finds it.
inline Error with_advice(Error error, bool out) {
  error.next += out ? "; the change may stand all the same: look, and delete what was handed out "
                      "where it does not"
                    : "; the change may stand all the same, and what it hands out is lost: look, "
                      "and have a new one made where it stands";
  return error;
}

// Runs the operation; what it hands out goes to `output`, whose face is SecretOutput's, and is
// taken back where it fails, unless what failed may stand all the same: nobody else has the secret.
template <class Output>
Json call_with(Invocation& run, ops::Call call, Output& output) {
  bool handed_out = false;
  if (output.takes())
    call.hand_out = [&](const std::string& name, const Secret& secret) {
      output.deliver(run, name, secret);
      handed_out = true;
    };
  try {
    Json receipt = run.call(std::move(call));
    output.add_to(receipt);
    return receipt;
  } catch (const Error& error) {
    if (may_come_to_light(error) && output.takes())
      throw with_advice(error, handed_out && output.is_out());
    if (!may_come_to_light(error)) output.take_back();
    throw;
  }
}

}  // namespace tsp::app
