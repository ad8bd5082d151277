// The dated suite policy: which algorithms may be used for what, until when (ETSI TS 119 312
// V2.1.1, tables of clauses 5 and 6). One built-in table; a policy file may narrow it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "crypto/public_key.h"

namespace tsp::crypto {

// Why the algorithm is not acceptable at that moment, or nothing. The text names algorithm and
// date. `at` is the moment judged, not "now".
std::optional<std::string> objection(HashAlgorithm hash, Time at);
std::optional<std::string> objection(const PublicKey& key, Time at);
std::optional<std::string> objection(Scheme scheme, HashAlgorithm hash, const PublicKey& key,
                                     Time at);
// The same table, with last days that a validation policy puts in place of the table's.
class Suite {
 public:
  using Day = std::chrono::year_month_day;
  // Names of rows: "sha224", "rsa-pkcs1", "rsa-1900" (moduli from 1900 bits on, up to the next
  // row), "ecdsa-p256", "ecdsa-brainpoolp256r1", "ed25519", …
  static std::vector<std::string_view> rows();
  // The row ends with that day, UTC; nothing: it has no end. Error{failed} for an unknown row.
  void set_last_day(std::string_view row, std::optional<Day> day);

  std::optional<std::string> objection(HashAlgorithm hash, Time at) const;
  std::optional<std::string> objection(const PublicKey& key, Time at) const;
  std::optional<std::string> objection(Scheme scheme, HashAlgorithm hash, const PublicKey& key,
                                       Time at) const;
  // The last moment at which all of them are acceptable: Time::max() where there is no end,
  // nothing where one is not listed at all.
  std::optional<Time> last_moment(Scheme scheme, HashAlgorithm hash, const PublicKey& key) const;
  std::optional<Time> last_moment(HashAlgorithm hash) const;

 private:
  struct Row;
  Time end_of(std::string_view row) const;
  std::optional<std::string> judge(const Row* row, std::string_view shown, Time at) const;
  static const Row* row_of(HashAlgorithm hash);
  static const Row* row_of(const PublicKey& key);
  static const Row* row_named(std::string_view name);
  static const Row& known_row(std::string_view name);  // Error{failed}
  static const Row kRows[];
  std::map<std::string, std::optional<Day>, std::less<>> days_;
};

// For new certificates the rules are stricter: RSA below 3000 bits and hashes below 256 bits never.
std::optional<std::string> objection_to_issuing(const PublicKey& key, Time at);

}  // namespace tsp::crypto
