#include "sam/enrolment.h"

#include "sam/codes.h"
#include "sam/context.h"
#include "sam/factors.h"

namespace tsp::sam {
namespace {

constexpr std::string_view kEnrolmentContext = "tsp enrolment code 1";
constexpr std::size_t kGroups = 4, kGroup = 5;

// A signer who has yet to activate. Throws Refusal.
void check_registered(Context& context, const std::string& signer) {
  const SignerView view = view_of(context, signer);
  if (!view.state)
    throw refusal("signer-unknown", "there is no signer of that name", "", Fault::not_found);
  if (*view.state != "registered")
    throw refusal("not-registered", "the signer " + signer + " is not activated",
                  *view.state == "active" ? "he is active already" : "he is " + *view.state);
  if (!view.group.active)
    throw refusal("group-suspended", "the signer " + signer + " is not activated",
                  "the group " + view.group.name + " is suspended");
}

void check_not_expired(const store::EnrolmentRow& row, Time now) {
  if (now >= row.expires_at)
    throw Refusal("enrolment-expired",
                  Error(Fault::policy_refused, "the signer " + row.user + " is not activated",
                        "the enrolment code expired at " + to_rfc3339(row.expires_at),
                        "nothing was changed; an officer makes a new one with tsp user enroll " +
                            row.user + " --renew-code"));
}

}  // namespace

Secret make_enrolment_code() {
  const Secret random = Secret::random(kGroups * kGroup);
  Bytes code;
  code.reserve(kGroups * (kGroup + 1));
  for (std::size_t at = 0; at < random.size(); ++at) {
    if (at != 0 && at % kGroup == 0) code.push_back('-');
    code.push_back(
        static_cast<std::uint8_t>(kCodeAlphabet[random.view()[at] % kCodeAlphabet.size()]));
  }
  return Secret(std::move(code));
}

Bytes enrolment_code_mac(hsm::Session& hsm, std::string_view user, const Secret& code) {
  const Secret plain = normalised_code(code);
  Bytes message;
  message.reserve(kEnrolmentContext.size() + user.size() + plain.size() + 12);
  append_field(message, as_bytes(kEnrolmentContext));
  append_field(message, as_bytes(user));
  append_field(message, plain.view());
  const Secret guarded(std::move(message));
  return hsm.mac(kPepperKey, guarded.view());
}

std::int64_t SignatureActivationModule::activate(
    const Caller& caller, const std::string& signer, const Secret& code,
    const std::function<void()>& prepare,
    const std::function<std::int64_t(store::Transaction&)>& write) {
  Context& context = *state_;
  const Time now = context.clock.now();
  audit::Event event = event_of("user.activate", caller, signer);
  try {
    if (caller.staff) check_registered(context, signer);
    auto row = store::find_enrolment(context.database, signer);
    const std::int64_t count = try_counted(context, caller, signer, now, [&] {
      const Bytes mac = enrolment_code_mac(*context.signers, signer, code);
      return equal_in_constant_time(mac, row ? row->code_mac : Bytes(mac.size())) && row;
    });
    // Whoever has the code may know what stands in his way.
    try {
      check_registered(context, signer);
      check_not_expired(*row, now);
    } catch (const Refusal& refusal) {
      refuse(context, event, refusal,
             [&](store::Transaction& transaction) { clear_tries(transaction, caller, signer); });
    }
    without_cost(context, signer, prepare);
    return put(context, [&](store::Transaction& transaction) {
      const auto still = store::find_enrolment(context.database, signer);
      if (!still || !equal(still->code_mac, row->code_mac)) throw wrong(context, count);
      check_registered(context, signer);
      store::delete_enrolment(transaction, signer);
      store::set_user_state(transaction, signer, "active");
      clear_tries(transaction, caller, signer);
      return write(transaction);
    });
  } catch (const Refusal& refusal) {
    add_tries(context, event, refusal);
    refuse(context, event, refusal);
  }
}

}  // namespace tsp::sam
