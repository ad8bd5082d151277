// Signers' wrapped keys.
#pragma once

#include <vector>

#include "store/database.h"

namespace tsp::store {

struct KeyRow {
  std::string id;         // hex, random
  std::string owner;      // a user's name
  std::string algorithm;  // ecdsa-p256, …
  int scal = 1;
  std::string label;
  Bytes spki;
  Bytes blob;  // wrapped key; empty once destroyed
  std::string mechanism, wrapping_key;
  Bytes link_mac;     // HMAC over owner, algorithm, SPKI, SCAL and blob digest
  std::string state;  // active, destroyed
  Time created_at{};
  std::optional<Time> destroyed_at;
  Bytes request;  // DER of the PKCS#10 request made when the key was generated
};
void insert_key(Transaction&, const KeyRow&);  // Error{already_exists} for an id
std::optional<KeyRow> find_key(Database&, std::string_view id);
std::vector<KeyRow> keys_of(Database&, std::string_view owner);  // empty owner: all; oldest first
// The same from behind the key `id` on, at most so many; empty id: from the beginning. None where
// there is no such key.
std::vector<KeyRow> keys_after(Database&, std::string_view owner, std::string_view id,
                               std::size_t most);
// By id; for telling which one an abbreviation means. The prefix is of hex digits.
std::vector<KeyRow> keys_beginning(Database&, std::string_view prefix, std::size_t most);
bool spki_is_known(Database&, ByteView spki);  // any key or certificate of ours
void replace_blob(Transaction&, std::string_view id, ByteView blob, ByteView link_mac);
// Blob and MAC are overwritten and emptied; the WAL keeps them until Database::truncate_log().
void destroy_key(Transaction&, std::string_view id, Time now);

}  // namespace tsp::store
