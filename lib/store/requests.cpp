#include "store/requests.h"

#include "store/changed.h"

namespace tsp::store {
namespace {

constexpr std::string_view kSelectRequests =
    "SELECT id, user_name, key_id, request, manifest, code_mac, answer_key, answer, expires_at "
    "FROM requests ";

RequestRow request_row(const Statement& row) {
  return {row.blob(0), row.text(1), row.text(2), row.blob(3), row.blob(4),
          row.blob(5), row.blob(6), row.blob(7), row.time(8)};
}

}  // namespace

void insert_request(Transaction& transaction, const RequestRow& request) {
  transaction
      .prepare(
          "INSERT INTO requests (id, user_name, key_id, request, manifest, code_mac, answer_key, "
          "answer, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(request.id)
      .bind(request.user)
      .bind(request.key)
      .bind(request.request)
      .bind(request.manifest)
      .bind(request.code_mac)
      .bind(request.answer_key)
      .bind(request.answer)
      .bind(request.expires_at)
      .run();
}

std::optional<RequestRow> find_request(Database& database, ByteView id) {
  Statement row = database.prepare(std::string(kSelectRequests) + "WHERE id = ?");
  if (!row.bind(id).step()) return std::nullopt;
  return request_row(row);
}

std::vector<RequestRow> requests_of(Database& database, std::string_view user) {
  std::vector<RequestRow> requests;
  Statement row = database.prepare(std::string(kSelectRequests) +
                                   "WHERE user_name = ? ORDER BY expires_at, id");
  row.bind(user);
  while (row.step()) requests.push_back(request_row(row));
  return requests;
}

bool answer_request(Transaction& transaction, ByteView id, ByteView answer) {
  transaction.prepare("UPDATE requests SET answer = ? WHERE id = ? AND length(answer) = 0")
      .bind(answer)
      .bind(id)
      .run();
  return transaction.database().changes() > 0;
}

bool delete_request(Transaction& transaction, ByteView id) {
  transaction.prepare("DELETE FROM requests WHERE id = ?").bind(id).run();
  return forget_changed(transaction.database()) > 0;
}

std::int64_t delete_requests_of(Transaction& transaction, std::string_view user) {
  transaction.prepare("DELETE FROM requests WHERE user_name = ?").bind(user).run();
  return forget_changed(transaction.database());
}

std::int64_t delete_expired_requests(Transaction& transaction, Time now) {
  transaction.prepare("DELETE FROM requests WHERE expires_at <= ?").bind(now).run();
  return forget_changed(transaction.database());
}

}  // namespace tsp::store
