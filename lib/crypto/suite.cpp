#include "crypto/suite.h"

#include <algorithm>
#include <chrono>

#include "base/error.h"

namespace tsp::crypto {

using namespace std::chrono;
using Day = Suite::Day;

struct Suite::Row {
  std::string_view name, shown;
  std::optional<Day> last;  // nothing: no end
  int rsa_bits = 0;         // a modulus from this size on, up to the next such row
};

namespace {

// "Legacy" algorithms may be used to the end of 2034.
constexpr Day kLegacy{year{2034}, December, day{31}};
constexpr Day kNewRsa2048{year{2026}, December, day{31}};
constexpr int kLeastNewModulus = 3000;
constexpr std::string_view kPkcs1 = "rsa-pkcs1";

constexpr Day end_of_year(int which) {
  return {year{which}, December, day{31}};
}

std::string not_listed(std::string_view shown) {
  return std::string(shown) + " is not among the algorithms of ETSI TS 119 312";
}

}  // namespace

// ETSI TS 119 312 V2.1.1 (2026-06). Algorithms that had left the suite before carry the last day
// that older editions and TS 102 176-1 gave them, so that an old signature with proof of its time
// is judged by its own day.
const Suite::Row Suite::kRows[] = {
    {"sha1", "SHA-1", end_of_year(2008)},  // TS 102 176-1
    {"sha224", "SHA-224", end_of_year(2028)},
    {"sha256", "SHA-256", {}},
    {"sha384", "SHA-384", {}},
    {"sha512", "SHA-512", {}},
    {kPkcs1, "RSA PKCS#1 v1.5", kLegacy},
    {"rsa-1024", "RSA", end_of_year(2008), 1024},  // TS 102 176-1 V2.0.0
    {"rsa-1536", "RSA", end_of_year(2015), 1536},  // TS 119 312 V1.1.1
    // No new certificates after 2026; those issued by then end by this day.
    {"rsa-1900", "RSA", end_of_year(2028), 1900},
    {"rsa-3000", "RSA", {}, kLeastNewModulus},
    {"ecdsa-p256", "ECDSA P-256", {}},
    {"ecdsa-p384", "ECDSA P-384", {}},
    {"ecdsa-p521", "ECDSA P-521", {}},
    {"ecdsa-brainpoolp256r1", "ECDSA brainpoolP256r1", {}},
    {"ecdsa-brainpoolp384r1", "ECDSA brainpoolP384r1", {}},
    {"ecdsa-brainpoolp512r1", "ECDSA brainpoolP512r1", {}},
    {"ed25519", "Ed25519", {}},
    {"ed448", "Ed448", {}},
    {"ecdsa-p192", "ECDSA prime192v1", end_of_year(2012)},  // TS 102 176-1 V2.1.1
    {"ecdsa-p224", "ECDSA secp224r1", end_of_year(2015)},   // TS 119 312 V1.1.1
};

std::vector<std::string_view> Suite::rows() {
  std::vector<std::string_view> out;
  for (const Row& row : kRows) out.push_back(row.name);
  return out;
}

const Suite::Row* Suite::row_named(std::string_view name) {
  const auto* row = std::ranges::find(kRows, name, &Row::name);
  return row == std::end(kRows) ? nullptr : row;
}

const Suite::Row& Suite::known_row(std::string_view name) {
  if (const Row* row = row_named(name)) return *row;
  throw Error(Fault::failed, "the suite has no row " + std::string(name));
}

const Suite::Row* Suite::row_of(HashAlgorithm hash) {
  return row_named(name_of(hash));
}

const Suite::Row* Suite::row_of(const PublicKey& key) {
  if (!key.is_rsa()) {
    const auto* row = std::ranges::find(kRows, key.description(), &Row::shown);
    return row == std::end(kRows) ? nullptr : row;
  }
  const Row* found = nullptr;
  for (const Row& row : kRows)
    if (row.rsa_bits > 0 && key.bits() >= row.rsa_bits) found = &row;
  return found;
}

void Suite::set_last_day(std::string_view row, std::optional<Day> day) {
  known_row(row);
  days_[std::string(row)] = day;
}

// The day counts to its end, UTC.
Time Suite::end_of(std::string_view row) const {
  const auto own = days_.find(row);
  const std::optional<Day> last = own == days_.end() ? known_row(row).last : own->second;
  if (!last) return Time::max();
  return Time(sys_days{*last} + days{1}) - milliseconds(1);
}

std::optional<std::string> Suite::judge(const Row* row, std::string_view shown, Time at) const {
  if (row == nullptr) return not_listed(shown);
  const Time last = end_of(row->name);
  if (at <= last) return std::nullopt;
  return std::string(shown) + " was acceptable until " + to_rfc3339(last).substr(0, 10) +
         " only (" + (days_.contains(row->name) ? "validation policy" : "ETSI TS 119 312") + ")";
}

std::optional<std::string> Suite::objection(HashAlgorithm hash, Time at) const {
  const Row* row = row_of(hash);
  return judge(row, row == nullptr ? name_of(hash) : row->shown, at);
}

std::optional<std::string> Suite::objection(const PublicKey& key, Time at) const {
  return judge(row_of(key), key.description(), at);
}

std::optional<std::string> Suite::objection(Scheme scheme, HashAlgorithm hash, const PublicKey& key,
                                            Time at) const {
  if (scheme == Scheme::rsa_pkcs1)
    if (auto reason = judge(row_named(kPkcs1), row_named(kPkcs1)->shown, at)) return reason;
  if (scheme != Scheme::ed25519)
    if (auto reason = objection(hash, at)) return reason;
  return objection(key, at);
}

std::optional<Time> Suite::last_moment(Scheme scheme, HashAlgorithm hash,
                                       const PublicKey& key) const {
  const Row* of_key = row_of(key);
  const Row* of_hash = row_of(hash);
  if (of_key == nullptr) return std::nullopt;
  Time last = end_of(of_key->name);
  if (scheme == Scheme::rsa_pkcs1) last = std::min(last, end_of(kPkcs1));
  if (scheme == Scheme::ed25519) return last;
  if (of_hash == nullptr) return std::nullopt;
  return std::min(last, end_of(of_hash->name));
}

std::optional<Time> Suite::last_moment(HashAlgorithm hash) const {
  const Row* row = row_of(hash);
  return row == nullptr ? std::nullopt : std::optional(end_of(row->name));
}

std::optional<std::string> objection(HashAlgorithm hash, Time at) {
  return Suite().objection(hash, at);
}

std::optional<std::string> objection(const PublicKey& key, Time at) {
  return Suite().objection(key, at);
}

std::optional<std::string> objection(Scheme scheme, HashAlgorithm hash, const PublicKey& key,
                                     Time at) {
  return Suite().objection(scheme, hash, key, at);
}

std::optional<std::string> objection_to_issuing(const PublicKey& key, Time at) {
  if (key.is_rsa() && key.bits() < kLeastNewModulus)
    return key.description() +
           " is refused for new certificates: ETSI TS 119 312 ends moduli under " +
           "3000 bits on " + to_rfc3339(sys_days{kNewRsa2048}).substr(0, 10);
  return objection(key, at);
}

}  // namespace tsp::crypto
