// One audit record: docs/formats/audit-record.md. Canonical octets are one line of JSON without
// white space, members in a fixed order, at most 65535 octets (C2SP tlog-tiles).
#pragma once

#include <optional>
#include <string>

#include "base/json.h"
#include "base/time.h"

namespace tsp::audit {

enum class Outcome { intent, done, refused, failed };

std::string_view name_of(Outcome outcome);  // "intent", …
std::optional<Outcome> parse_outcome(std::string_view name);

// Who did what to whom, and how it ended. `details` holds names, numbers, truth values and digests
// (no fractions); never a secret: see find_secret_name().
struct Event {
  std::string event;  // "user.enroll", "sign", "cert.issue", … lower case, dotted
  Outcome outcome = Outcome::done;
  std::string actor;    // who asked: "uid:1000", "signer:alice", "system"
  std::string role;     // administrator, officer, operator, auditor, signer, system
  std::string subject;  // user, key or serial that it is about; may be empty
  Json details = Json::object();
};

struct Record {
  std::int64_t seq = 0;
  Time time{};
  Event event;
  Bytes chain;  // chain value after this record; empty where only the record is known
};

inline constexpr std::size_t kRecordLimit = 65535;  // octets

// Canonical octets and back. Encoding throws Error{failed} for what cannot be recorded (event name,
// fractions, depth over 12, size): an error of the program. Null details are none. Invalid UTF-8 in
// values becomes U+FFFD. Decoding is strict: what encode() would not have made is Error{bad_input};
// `chain` stays empty.
Bytes encode(std::int64_t seq, Time time, const Event& event);
Record decode(ByteView octets);

// The chain value after a record: SHA-256(previous ‖ record). Before the first: 32 zero octets.
Bytes chain_after(ByteView previous, ByteView record);
Bytes first_chain();

// A member name, at any depth, that has one of these words in it (pin, puk, otp, totp, code,
// secret, seed, sad, share, pepper, password, passwd, passphrase, "private key"), however they are
// joined: "new_pin", "totpSeed", "pin-sha256" (a short secret is guessed from its digest). Values
// are not judged: "factor": "pin" is well.
std::optional<std::string> find_secret_name(const Json& details);

}  // namespace tsp::audit
