// Plain rows and the functions that read and write them, one file a table (users.cpp, factors.cpp,
// …). Columns only: who may do what, and when, is decided above. Functions that change take a
// Transaction. Times are milliseconds since 1970 (base/time.h); serial numbers and digests are
// lower-case hex.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "store/database.h"

namespace tsp::store {

// --- settings: small named values of this TSP (name, test policy OID, founding state, …)
std::optional<std::string> setting(Database&, std::string_view name);
void set_setting(Transaction&, std::string_view name, std::string_view value);

// --- users
struct UserRow {
  std::string name;  // the login name, primary key
  std::string kind;  // natural, legal
  std::string group;
  std::string common_name, given_name, surname, serial_number, organization, organization_id, email,
      country;
  std::string state;            // registered, active, suspended, removed
  std::string proofing_sha256;  // hex of the proofing record, or empty
  Time created_at{};
};
void insert_user(Transaction&, const UserRow&);
std::optional<UserRow> find_user(Database&, std::string_view name);
std::vector<UserRow> all_users(Database&);
void set_user_state(Transaction&, std::string_view name, std::string_view state);

// --- factors: what a signer knows or has
struct FactorRow {
  std::int64_t id = 0;  // assigned by insert
  std::string user;
  std::string type;  // pin, totp, …
  Bytes data;        // pin: verifier with its parameters; totp: sealed seed (docs/formats)
  std::int64_t last_step = 0;  // totp: last accepted step; hotp: counter
  Time created_at{};
};
std::int64_t insert_factor(Transaction&, const FactorRow&);
std::vector<FactorRow> factors_of(Database&, std::string_view user);
void set_factor_data(Transaction&, std::int64_t id, ByteView data);
// Moves last_step forward; false when `step` is not greater than what is stored (somebody used it).
bool advance_factor(Transaction&, std::int64_t id, std::int64_t step);
void delete_factor(Transaction&, std::int64_t id);

// --- attempts: wrong tries by name (known or unknown), raised before the check
std::int64_t raise_attempts(Transaction&, std::string_view name, Time now);  // the new count
std::int64_t attempts_of(Database&, std::string_view name);
void clear_attempts(Transaction&, std::string_view name);

// --- keys
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
};
void insert_key(Transaction&, const KeyRow&);
std::optional<KeyRow> find_key(Database&, std::string_view id);
std::vector<KeyRow> keys_of(Database&, std::string_view owner);  // empty owner: all
bool spki_is_known(Database&, ByteView spki);                    // any key or certificate of ours
void destroy_key(Transaction&, std::string_view id, Time now);   // blob and MAC overwritten

// --- certificates; a row is inserted with state "reserved" and no DER before the HSM signs
struct CertificateRow {
  std::string serial;         // hex, primary key
  std::string role;           // root, issuing, ocsp, tsa, signer
  std::string key;            // key id, or the HSM label of an infrastructure key
  std::string owner;          // user, or empty
  std::string issuer_serial;  // empty: self-signed or external
  std::string subject, profile;
  Time not_before{}, not_after{};
  Bytes der;
  std::string state;  // reserved, valid, revoked, abandoned, external
  std::optional<Time> revoked_at;
  std::string reason;
  Time created_at{};
};
void insert_certificate(Transaction&, const CertificateRow&);  // Error{already_exists} for a serial
void complete_certificate(Transaction&, std::string_view serial, ByteView der);  // reserved → valid
void set_certificate_state(Transaction&, std::string_view serial, std::string_view state);
void revoke_certificate(Transaction&, std::string_view serial, Time at, std::string_view reason);
std::optional<CertificateRow> find_certificate(Database&, std::string_view serial);
std::vector<CertificateRow> all_certificates(Database&);
std::vector<CertificateRow> certificates_of(Database&, std::string_view owner);
std::vector<CertificateRow> certificates_of_key(Database&, std::string_view key);
// The newest valid one of an infrastructure role.
std::optional<CertificateRow> current_certificate(Database&, std::string_view role);
// Calls `each` for every revoked certificate of an issuer, by serial.
void revoked_of(Database&, std::string_view issuer_serial,
                const std::function<void(const CertificateRow&)>& each);

// --- CRLs: the newest of each CA is kept
struct CrlRow {
  std::string ca;  // root, issuing
  std::int64_t number = 0;
  Time this_update{}, next_update{};
  Bytes der;
};
std::optional<CrlRow> current_crl(Database&, std::string_view ca);
// The next CRL number, stored before the CRL is signed.
std::int64_t reserve_crl_number(Transaction&, std::string_view ca);
void put_crl(Transaction&, const CrlRow&);

// --- audit: the log's own rows; only the room `audit` uses these
struct AuditRow {
  std::int64_t seq = 0;  // from 0, contiguous
  Bytes record;          // canonical octets
  Bytes chain;           // 32 octets
};
void insert_audit(Transaction&, const AuditRow&);
std::int64_t audit_size(Database&);
std::optional<AuditRow> find_audit(Database&, std::int64_t seq);
void each_audit(Database&, std::int64_t from, const std::function<bool(const AuditRow&)>& each);
std::optional<Bytes> audit_frontier(Database&);  // hashes of the full subtrees, largest first
void set_audit_frontier(Transaction&, ByteView frontier);
struct CheckpointRow {
  std::int64_t size = 0;
  std::string note;
  Time created_at{};
};
void put_checkpoint(Transaction&, const CheckpointRow&);
std::optional<CheckpointRow> last_checkpoint(Database&);

// --- approvals: signature activation data that was given and not used up
struct ApprovalRow {
  Bytes id;  // H(s), 32 octets
  std::string user, key;
  Bytes manifest_sha256;
  std::int64_t count = 0;  // signatures allowed
  Time expires_at{};
};
void insert_approval(Transaction&, const ApprovalRow&, const std::vector<Bytes>& hashes);
std::optional<ApprovalRow> find_approval(Database&, ByteView id);
// Marks one hash consumed; false when it is not in the approval or was consumed before.
bool consume_hash(Transaction&, ByteView id, ByteView hash);
std::int64_t unconsumed(Database&, ByteView id);
void delete_approval(Transaction&, ByteView id);
std::int64_t delete_approvals_of(Transaction&, std::string_view user);
std::int64_t delete_expired_approvals(Transaction&, Time now);

// --- intents: recorded, result not yet (promise 3)
struct IntentRow {
  std::int64_t audit_seq = 0;
  std::string key;
  Bytes dtbs;
  Time created_at{};
};
void insert_intent(Transaction&, const IntentRow&);
void close_intent(Transaction&, std::int64_t audit_seq);
std::vector<IntentRow> open_intents(Database&);

// --- time-stamp serial numbers: drawn at random, stored before signing; false when taken
bool reserve_tst_serial(Transaction&, std::string_view serial);

// --- refusals before a caller is authenticated, counted by caller, reason and minute
struct RefusalRow {
  std::string caller, reason;
  std::int64_t minute = 0, count = 0;
};
std::int64_t count_refusal(Transaction&, const RefusalRow&);  // the new count
// Takes out (and returns) the counters of minutes before `minute`, to be put on record.
std::vector<RefusalRow> take_refusals_before(Transaction&, std::int64_t minute);

}  // namespace tsp::store
