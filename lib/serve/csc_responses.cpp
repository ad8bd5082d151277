#include "serve/csc_responses.h"

#include "crypto/digest.h"
#include "serve/csc.h"
#include "store/rows.h"

namespace tsp::serve {
namespace {

constexpr std::size_t kNameOctets = 24;
constexpr std::int64_t kMostOfCaller = 256, kMostOctetsOfCaller = std::int64_t{64} << 20,
                       kMostOfAll = 4096;

// The store learns no name by which an answer is fetched.
Bytes response_id_of(const std::string& name) {
  return crypto::sha256(as_bytes(name));
}

Answer with_body(int status, Bytes body) {
  Answer answer;
  answer.status = status;
  answer.body = std::move(body);
  return answer;
}

}  // namespace

CscResponses::Promised CscResponses::promise(const std::string& user,
                                             std::chrono::milliseconds kept) {
  Promised out;
  out.name = to_hex(random_bytes(kNameOctets));
  out.id = response_id_of(out.name);
  const Time now = provider_.now();
  store::ResponseRow row{
      out.id, provider_.caller().name, user, 0, {}, now + kThereWithin, now + kThereWithin + kept};
  store::Transaction transaction(provider_.database());
  store::delete_expired_responses(transaction, now);
  const auto totals = store::count_responses(provider_.database(), row.caller);
  if (totals.of_caller >= kMostOfCaller || totals.octets_of_caller >= kMostOctetsOfCaller ||
      totals.of_all >= kMostOfAll)
    throw Error(Fault::busy, "too many answers wait to be fetched", "",
                "nothing was signed; fetch them, or let them expire");
  store::insert_response(transaction, row);
  transaction.commit();
  return out;
}

void CscResponses::complete(const Bytes& id, const Answer& answer) {
  store::Transaction transaction(provider_.database());
  store::complete_response(transaction, id, answer.status, answer.body);
  transaction.commit();
}

Answer CscResponses::fetch(const std::string& name, const std::optional<std::string>& user) {
  auto row = store::find_response(provider_.database(), response_id_of(name));
  const Time now = provider_.now();
  if (!row || row->caller != provider_.caller().name || row->expires_at <= now)
    csc::invalid("Invalid parameter requestID");
  if (user && *user != row->user) csc::invalid("Invalid parameter \"userID\"");
  if (row->status != 0) return with_body(static_cast<int>(row->status), std::move(row->body));
  if (now >= row->due_at)
    throw Error(Fault::busy, "the request was lost", "the worker that had it is gone",
                "what was signed is in the audit log");
  return with_body(
      202, to_bytes(as_bytes(dump(
               Json{{"error", "accepted_request"},
                    {"error_description",
                     "The previous async request has been accepted but not yet completed"}}))));
}

}  // namespace tsp::serve
