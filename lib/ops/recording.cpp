#include "ops/recording.h"

#include "base/error.h"

namespace tsp::ops {
namespace {

bool keeps_its_name(Fault fault, Hsm hsm) {
  return fault == Fault::already_exists || fault == Fault::tampered ||
         (fault == Fault::busy && hsm == Hsm::not_called);
}

[[noreturn]] void throw_unrecorded(Hsm hsm, const std::string& why, const std::string& next) {
  if (hsm == Hsm::not_called)
    throw Error(Fault::audit_before_signing, "the record could not be written", why,
                next.empty() ? "the HSM was not called and nothing was changed; look at the disk "
                               "and try again"
                             : next);
  throw Error(Fault::audit_after_signing, "the HSM was called, but the record could not be written",
              why, next.empty() ? "what the HSM made was thrown away" : next);
}

}  // namespace

std::int64_t commit(Provider& provider, Hsm hsm,
                    const std::function<std::int64_t(store::Transaction&)>& write,
                    const std::string& next) {
  try {
    store::Transaction transaction(provider.database());
    const std::int64_t seq = write(transaction);
    transaction.commit();
    return seq;
  } catch (const Error& error) {
    if (keeps_its_name(error.fault, hsm)) throw;
    throw_unrecorded(hsm, error.message, next);
  } catch (const std::exception& error) {
    throw_unrecorded(hsm, error.what(), next);
  }
}

Json record_json(std::int64_t audit_seq) {
  return audit_seq == 0 ? Json(nullptr) : Json(audit_seq);
}

}  // namespace tsp::ops
