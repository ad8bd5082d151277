#include "store/migrations.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>

namespace tsp::store {
namespace {

// Types that SQLite and PostgreSQL both take: TEXT, BIGINT, BYTEA (SQLite gives BYTEA columns an
// affinity that leaves octet strings alone). Times are milliseconds since 1970. INTEGER PRIMARY KEY
// makes the audit log's number its row's address.
constexpr std::string_view kFirst = R"sql(
CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

CREATE TABLE counters (
  name TEXT PRIMARY KEY,
  value BIGINT NOT NULL CHECK (value > 0)
);

CREATE TABLE users (
  name TEXT PRIMARY KEY CHECK (length(name) > 0),
  kind TEXT NOT NULL CHECK (kind IN ('natural', 'legal')),
  group_name TEXT NOT NULL,
  common_name TEXT NOT NULL,
  given_name TEXT NOT NULL,
  surname TEXT NOT NULL,
  serial_number TEXT NOT NULL,
  organization TEXT NOT NULL,
  organization_id TEXT NOT NULL,
  email TEXT NOT NULL,
  country TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('registered', 'active', 'suspended', 'removed')),
  proofing_sha256 TEXT NOT NULL CHECK (length(proofing_sha256) IN (0, 64)),
  created_at BIGINT NOT NULL
);

CREATE TABLE factors (
  id BIGINT PRIMARY KEY,
  user_name TEXT NOT NULL REFERENCES users (name),
  type TEXT NOT NULL CHECK (length(type) > 0),
  data BYTEA NOT NULL,
  last_step BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX factors_of_user ON factors (user_name);

CREATE TABLE attempts (
  name TEXT PRIMARY KEY,
  tries BIGINT NOT NULL CHECK (tries >= 0),
  last_at BIGINT NOT NULL
);

CREATE TABLE keys (
  id TEXT PRIMARY KEY CHECK (length(id) > 0),
  owner TEXT NOT NULL REFERENCES users (name),
  algorithm TEXT NOT NULL,
  scal BIGINT NOT NULL CHECK (scal IN (1, 2)),
  label TEXT NOT NULL,
  spki BYTEA NOT NULL CHECK (length(spki) > 0),
  blob BYTEA NOT NULL,
  mechanism TEXT NOT NULL,
  wrapping_key TEXT NOT NULL,
  link_mac BYTEA NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('active', 'destroyed')),
  created_at BIGINT NOT NULL,
  destroyed_at BIGINT,
  request BYTEA NOT NULL,
  CHECK ((state = 'destroyed') = (destroyed_at IS NOT NULL)),
  CHECK ((state = 'destroyed') = (length(blob) = 0))
);
CREATE INDEX keys_of_owner ON keys (owner);
CREATE INDEX keys_by_spki ON keys (spki);

CREATE TABLE certificates (
  serial TEXT PRIMARY KEY CHECK (length(serial) > 0),
  role TEXT NOT NULL CHECK (length(role) > 0),
  key_name TEXT NOT NULL,
  owner TEXT REFERENCES users (name),
  issuer_serial TEXT NOT NULL,
  subject TEXT NOT NULL,
  profile TEXT NOT NULL,
  not_before BIGINT NOT NULL,
  not_after BIGINT NOT NULL,
  spki BYTEA NOT NULL CHECK (length(spki) > 0),
  der BYTEA NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('reserved', 'valid', 'revoked', 'abandoned', 'external')),
  revoked_at BIGINT,
  reason TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  CHECK (not_before <= not_after),
  CHECK ((state = 'revoked') = (revoked_at IS NOT NULL)),
  CHECK (state IN ('reserved', 'abandoned') OR length(der) > 0)
);
CREATE INDEX certificates_of_owner ON certificates (owner);
CREATE INDEX certificates_of_key ON certificates (key_name);
CREATE INDEX certificates_of_issuer ON certificates (issuer_serial, state, serial);
CREATE INDEX certificates_of_role ON certificates (role, state, created_at);
CREATE INDEX certificates_by_spki ON certificates (spki);

CREATE TABLE crls (
  ca TEXT PRIMARY KEY,
  number BIGINT NOT NULL CHECK (number > 0),
  this_update BIGINT NOT NULL,
  next_update BIGINT NOT NULL,
  der BYTEA NOT NULL CHECK (length(der) > 0)
);

CREATE TABLE audit_records (
  seq INTEGER PRIMARY KEY CHECK (seq >= 0),
  record BYTEA NOT NULL CHECK (length(record) BETWEEN 1 AND 65535),
  chain BYTEA NOT NULL CHECK (length(chain) = 32)
);

CREATE TABLE audit_head (
  id INTEGER PRIMARY KEY CHECK (id = 0),
  frontier BYTEA NOT NULL
);

CREATE TABLE audit_checkpoints (
  size BIGINT PRIMARY KEY CHECK (size >= 0),
  note TEXT NOT NULL,
  frontier BYTEA NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE approvals (
  id BYTEA PRIMARY KEY CHECK (length(id) = 32),
  user_name TEXT NOT NULL REFERENCES users (name),
  key_id TEXT NOT NULL,
  manifest_sha256 BYTEA NOT NULL CHECK (length(manifest_sha256) = 32),
  allowed BIGINT NOT NULL CHECK (allowed > 0),
  expires_at BIGINT NOT NULL
);
CREATE INDEX approvals_of_user ON approvals (user_name);

CREATE TABLE approval_hashes (
  approval_id BYTEA NOT NULL REFERENCES approvals (id) ON DELETE CASCADE,
  position BIGINT NOT NULL,
  hash BYTEA NOT NULL CHECK (length(hash) > 0),
  consumed BIGINT NOT NULL CHECK (consumed IN (0, 1)),
  PRIMARY KEY (approval_id, position)
);
CREATE INDEX approval_hashes_by_hash ON approval_hashes (approval_id, hash, consumed, position);

CREATE TABLE intents (
  audit_seq BIGINT PRIMARY KEY REFERENCES audit_records (seq),
  key_name TEXT NOT NULL,
  dtbs BYTEA NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE timestamp_serials (
  serial TEXT PRIMARY KEY CHECK (length(serial) > 0)
);

CREATE TABLE refusals (
  caller TEXT NOT NULL,
  reason TEXT NOT NULL,
  minute BIGINT NOT NULL,
  times BIGINT NOT NULL CHECK (times > 0),
  PRIMARY KEY (minute, caller, reason)
);
)sql";

// The signature activation module: groups of service providers, requests that wait for a signer's
// device or code, sealed approvals, enrolment in two steps, notices, accounting. Approvals live for
// minutes, so those of before are dropped.
constexpr std::string_view kSecond = R"sql(
CREATE TABLE groups (
  name TEXT PRIMARY KEY CHECK (length(name) > 0),
  profile TEXT NOT NULL,
  ca TEXT NOT NULL CHECK (length(ca) > 0),
  factors_scal1 TEXT NOT NULL CHECK (length(factors_scal1) > 0),
  factors_scal2 TEXT NOT NULL CHECK (length(factors_scal2) > 0),
  enrolment TEXT NOT NULL CHECK (enrolment IN ('one-step', 'two-step')),
  bare_hashes BIGINT NOT NULL CHECK (bare_hashes IN (0, 1)),
  documents BIGINT NOT NULL CHECK (documents >= 0),
  approval_seconds BIGINT NOT NULL CHECK (approval_seconds >= 0),
  api_key_sha256 TEXT NOT NULL CHECK (length(api_key_sha256) IN (0, 64)),
  state TEXT NOT NULL CHECK (state IN ('active', 'suspended')),
  created_at BIGINT NOT NULL
);
INSERT INTO groups VALUES ('default', '', 'issuing', 'pin+totp', 'pin+device', 'one-step', 1, 0, 0,
  '', 'active', 0);

CREATE TABLE accounting (
  day BIGINT NOT NULL,
  group_name TEXT NOT NULL,
  operation TEXT NOT NULL CHECK (length(operation) > 0),
  outcome TEXT NOT NULL CHECK (length(outcome) > 0),
  calls BIGINT NOT NULL CHECK (calls > 0),
  PRIMARY KEY (group_name, day, operation, outcome)
);

CREATE TABLE enrolments (
  user_name TEXT PRIMARY KEY REFERENCES users (name),
  code_mac BYTEA NOT NULL CHECK (length(code_mac) = 32),
  terms TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);

CREATE TABLE shares (
  key_id TEXT NOT NULL REFERENCES keys (id),
  factor_id BIGINT NOT NULL,
  sealed BYTEA NOT NULL CHECK (length(sealed) > 0),
  PRIMARY KEY (key_id, factor_id)
);

DROP TABLE approval_hashes;
DROP TABLE approvals;
CREATE TABLE approvals (
  id BYTEA PRIMARY KEY CHECK (length(id) = 32),
  user_name TEXT NOT NULL REFERENCES users (name),
  key_id TEXT NOT NULL,
  manifest_sha256 BYTEA NOT NULL CHECK (length(manifest_sha256) = 32),
  allowed BIGINT NOT NULL CHECK (allowed > 0),
  expires_at BIGINT NOT NULL,
  sealed BYTEA NOT NULL,
  mac BYTEA NOT NULL CHECK (length(mac) = 32)
);
CREATE INDEX approvals_of_user ON approvals (user_name);
CREATE INDEX approvals_by_end ON approvals (expires_at);
CREATE TABLE approval_hashes (
  approval_id BYTEA NOT NULL REFERENCES approvals (id) ON DELETE CASCADE,
  position BIGINT NOT NULL,
  hash BYTEA NOT NULL CHECK (length(hash) > 0),
  consumed BIGINT NOT NULL CHECK (consumed IN (0, 1)),
  PRIMARY KEY (approval_id, position)
);
CREATE INDEX approval_hashes_by_hash ON approval_hashes (approval_id, hash, consumed, position);

CREATE TABLE requests (
  id BYTEA PRIMARY KEY CHECK (length(id) = 16),
  user_name TEXT NOT NULL REFERENCES users (name),
  key_id TEXT NOT NULL,
  request BYTEA NOT NULL CHECK (length(request) > 0),
  manifest BYTEA NOT NULL,
  code_mac BYTEA NOT NULL CHECK (length(code_mac) IN (0, 32)),
  answer_key BYTEA NOT NULL,
  answer BYTEA NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX requests_of_user ON requests (user_name, expires_at);

CREATE TABLE notices (
  id BIGINT PRIMARY KEY,
  user_name TEXT NOT NULL REFERENCES users (name),
  address TEXT NOT NULL,
  subject TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  tries BIGINT NOT NULL CHECK (tries >= 0),
  next_at BIGINT NOT NULL
);
CREATE INDEX notices_by_time ON notices (next_at);
)sql";

// Requests may be of names that nobody has: whoever asks must not learn it from what becomes of
// them. They live for minutes, so those of before are dropped.
constexpr std::string_view kThird = R"sql(
DROP TABLE requests;
CREATE TABLE requests (
  id BYTEA PRIMARY KEY CHECK (length(id) = 16),
  user_name TEXT NOT NULL,
  key_id TEXT NOT NULL,
  request BYTEA NOT NULL CHECK (length(request) > 0),
  manifest BYTEA NOT NULL,
  code_mac BYTEA NOT NULL CHECK (length(code_mac) IN (0, 32)),
  answer_key BYTEA NOT NULL,
  answer BYTEA NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX requests_of_user ON requests (user_name, expires_at);
)sql";

// Seals of legal persons: windows in which a machine signs, and how many operators a group asks
// for.
constexpr std::string_view kFourth = R"sql(
CREATE TABLE seal_windows (
  id BYTEA PRIMARY KEY CHECK (length(id) = 16),
  user_name TEXT NOT NULL REFERENCES users (name),
  key_id TEXT NOT NULL REFERENCES keys (id),
  not_before BIGINT NOT NULL,
  not_after BIGINT NOT NULL,
  allowed BIGINT NOT NULL CHECK (allowed > 0),
  used BIGINT NOT NULL CHECK (used >= 0),
  operators BIGINT NOT NULL CHECK (operators > 0),
  approved_by TEXT NOT NULL,
  credential_mac BYTEA NOT NULL CHECK (length(credential_mac) IN (0, 32)),
  opened_at BIGINT NOT NULL,
  last_used_at BIGINT NOT NULL,
  mac BYTEA NOT NULL CHECK (length(mac) = 32)
);
CREATE INDEX seal_windows_of_user ON seal_windows (user_name, opened_at);
ALTER TABLE groups ADD COLUMN seal_operators BIGINT NOT NULL DEFAULT 1
  CHECK (seal_operators IN (0, 1, 2));
ALTER TABLE approvals ADD COLUMN window_id BYTEA NOT NULL DEFAULT '';
)sql";

// Lists are read page by page, oldest first.
constexpr std::string_view kFifth = R"sql(
CREATE INDEX keys_by_time ON keys (created_at, id);
CREATE INDEX certificates_by_time ON certificates (created_at, serial);
)sql";

// Certificates by their end, for warnings before it.
constexpr std::string_view kSixth = R"sql(
CREATE INDEX certificates_by_end ON certificates (not_after, serial);
)sql";

// Whether a service provider may list its signers' credentials.
constexpr std::string_view kSeventh = R"sql(
ALTER TABLE groups ADD COLUMN lists_credentials BIGINT NOT NULL DEFAULT 0
  CHECK (lists_credentials IN (0, 1));
)sql";

// What would read whole tables where there are a million signers.
constexpr std::string_view kEighth = R"sql(
CREATE INDEX users_of_group ON users (group_name, state);
CREATE INDEX groups_by_api_key ON groups (api_key_sha256);
CREATE INDEX shares_of_factor ON shares (factor_id);
CREATE INDEX requests_by_end ON requests (expires_at);
)sql";

// Assertions of authentication services, and whatever else is good once.
constexpr std::string_view kNinth = R"sql(
CREATE TABLE used_once (
  purpose TEXT NOT NULL,
  id BYTEA NOT NULL CHECK (length(id) > 0),
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (purpose, id)
);
CREATE INDEX used_once_by_end ON used_once (expires_at);
)sql";

// Answers of the CSC API that are fetched later.
constexpr std::string_view kTenth = R"sql(
CREATE TABLE responses (
  id BYTEA PRIMARY KEY CHECK (length(id) = 32),
  caller TEXT NOT NULL,
  user_name TEXT NOT NULL REFERENCES users (name),
  status BIGINT NOT NULL,
  body BYTEA NOT NULL,
  due_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX responses_of_caller ON responses (caller, expires_at);
CREATE INDEX responses_by_end ON responses (expires_at);
)sql";

constexpr std::array kMigrations{
    Migration{1, kFirst}, Migration{2, kSecond}, Migration{3, kThird},   Migration{4, kFourth},
    Migration{5, kFifth}, Migration{6, kSixth},  Migration{7, kSeventh}, Migration{8, kEighth},
    Migration{9, kNinth}, Migration{10, kTenth},
};

}  // namespace

std::span<const Migration> migrations() {
  return kMigrations;
}

std::string checksum_of(const Migration& migration) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : migration.sql) {
    hash ^= static_cast<std::uint8_t>(c);
    hash *= 0x100000001b3U;
  }
  return fmt::format("{:016x}", hash);
}

}  // namespace tsp::store
