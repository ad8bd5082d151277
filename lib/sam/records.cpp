#include <exception>

#include "sam/context.h"

namespace tsp::sam {

Refusal refusal(std::string reason, std::string what, std::string why, Fault fault) {
  return {std::move(reason), Error(fault, std::move(what), std::move(why), "nothing was signed")};
}

audit::Event event_of(std::string name, const Caller& caller, const std::string& signer) {
  audit::Event event;
  event.event = std::move(name);
  event.actor = caller.name;
  event.role = "signer";
  event.subject = counted_name(signer);
  return event;
}

audit::Event event_of(std::string name, const Caller& caller, const std::string& signer,
                      const std::string& key, const Manifest& manifest) {
  audit::Event event = event_of(std::move(name), caller, signer);
  event.details = {{"key", counted_name(key)},
                   {"documents", manifest.entries.size()},
                   {"hash", crypto::name_of(manifest.hash)},
                   {"manifest_sha256", to_hex(manifest_hash(manifest))}};
  return event;
}

std::int64_t put(Context& context, const std::function<std::int64_t(store::Transaction&)>& write) {
  std::string why;
  try {
    store::Transaction transaction(context.database);
    const std::int64_t seq = write(transaction);
    transaction.commit();
    return seq;
  } catch (const Refusal&) {
    throw;
  } catch (const Error& error) {
    if (error.fault == Fault::busy) throw;
    why = error.message;
  } catch (const std::exception& error) {
    why = error.what();
  }
  throw Error(Fault::audit_before_signing, "the record could not be written", why,
              "the HSM was not called and nothing was signed; make room and try again");
}

void account_refusal(Context& context, store::Transaction& transaction, audit::Event& event,
                     const Refusal& refusal) {
  event.outcome = audit::Outcome::refused;
  event.details["reason"] = refusal.reason;
  account(context, transaction, view_of(context, event.subject).group, event.event, "refused");
}

void refuse(Context& context, audit::Event event, const Refusal& refusal,
            const std::function<void(store::Transaction&)>& also) {
  Refused error(refusal.reason, static_cast<const Error&>(refusal));
  error.audit_seq = static_cast<std::uint64_t>(put(context, [&](store::Transaction& transaction) {
    if (also) also(transaction);
    account_refusal(context, transaction, event, refusal);
    return audit::append(transaction, context.clock.now(), event);
  }));
  throw Refused(error);
}

}  // namespace tsp::sam
