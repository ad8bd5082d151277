// The authentication service's part: factors in, a signed assertion of them out.
#include "sam/context.h"
#include "sam/octets.h"

namespace tsp::sam {
namespace {

Task assertion_task(const Caller& caller, const std::string& signer, const std::string& credential,
                    const Manifest& manifest, const GroupPolicy& group, const Presented& factors) {
  Task task{
      caller, signer, std::nullopt, Ask::sign, manifest_hash(manifest), manifest.entries.size(),
      {}};
  task.credential = credential;
  try {
    task.needed = choose_factors(Requirement::parse(group.factors[0], 1), 1, factors);
  } catch (const Refusal&) {
    if (caller.staff) throw;
    task.needed = hopeless(factors);
    task.enough = false;
  }
  return task;
}

Assertion assertion_of(const Task& task, const Asserter& by, std::chrono::seconds lifetime,
                       Time now) {
  Assertion said;
  said.id = random_bytes(kIdSize);
  said.issuer = by.issuer;
  said.audience = by.audience;
  said.signer = task.signer;
  said.credential = task.credential;
  said.manifest_sha256 = task.manifest_sha256;
  said.count = static_cast<std::uint32_t>(task.count);
  said.factors = task.needed;
  said.issued_at = now;
  said.expires_at = now + std::min({lifetime, by.lifetime, kLongestAssertion});
  return said;
}

// Names that can stand in an assertion; all others are nobody's.
void check_names(const std::string& credential, const Asserter& by) {
  if (!by.audience_known)
    throw refusal("audience-unknown", "the assertion is refused",
                  "auth.signing_services does not name the service that it would be for");
  if (counted_name(credential) != credential)
    throw refusal("key-unknown", "there is no key of that name", "", Fault::not_found);
}

}  // namespace

void check_elsewhere(const SignerView& signer, const Manifest& manifest) {
  check_signer(signer);
  check_group(signer.group, manifest);
}

Asserted SignatureActivationModule::attest(const Caller& caller, const std::string& signer,
                                           const std::string& credential, const Manifest& manifest,
                                           const Presented& factors, const Asserter& by) {
  Context& context = *state_;
  const Time now = context.clock.now();
  audit::Event event = event_of("assertion.issue", caller, signer, credential, manifest);
  try {
    check_names(credential, by);
    event.details["audience"] = by.audience;
    const SignerView view = view_of(context, signer);
    if (caller.staff) check_elsewhere(view, manifest);
    const Task task = assertion_task(caller, signer, credential, manifest, view.group, factors);
    event.details["factors"] = text_of(task.needed);
    const Trial trial = try_factors(context, task, factors, now);
    try {
      check_elsewhere(view, manifest);
    } catch (const Refusal& refusal) {  // right factors: the code is used, the tries are not
      refuse(context, event, refusal,
             [&](store::Transaction& transaction) { accept(context, transaction, task, trial); });
    }
    const Assertion said = assertion_of(task, by, lifetime_of(view.group, 1), now);
    Asserted out{without_cost(context, signer, [&] { return sign_assertion(said, *by.key); }),
                 said.expires_at};
    event.details["assertion"] = to_hex(said.id);
    event.details["expires_at"] = to_rfc3339(said.expires_at, true);
    out.audit_seq = put(context, [&](store::Transaction& transaction) {
      accept(context, transaction, task, trial);
      account(context, transaction, view.group, event.event, "done");
      return audit::append(transaction, context.clock.now(), event);
    });
    return out;
  } catch (const Refusal& refusal) {
    add_tries(context, event, refusal);
    refuse(context, event, refusal, void_refused(refusal, factors));
  }
}

}  // namespace tsp::sam
