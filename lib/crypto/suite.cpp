#include "crypto/suite.h"

#include <array>
#include <chrono>

namespace tsp::crypto {
namespace {

using namespace std::chrono;
using Day = year_month_day;

// ETSI TS 119 312 V2.1.1 (2026-06). "Legacy" algorithms there may be used to the end of 2034.
// Algorithms that had left the suite before carry the last day that older editions and TS 102 176-1
// gave them, so that an old signature with proof of its time is judged by its own day.
constexpr Day kNoEnd{year{9999}, December, day{31}};
constexpr Day kLegacy{year{2034}, December, day{31}};
constexpr Day kNewRsa2048{year{2026}, December, day{31}};

struct HashRow {
  HashAlgorithm hash;
  std::string_view shown;
  Day last;
};
constexpr std::array kHashes{
    HashRow{HashAlgorithm::sha1, "SHA-1", {year{2008}, December, day{31}}},  // TS 102 176-1
    HashRow{HashAlgorithm::sha224, "SHA-224", {year{2028}, December, day{31}}},
    HashRow{HashAlgorithm::sha256, "SHA-256", kNoEnd},
    HashRow{HashAlgorithm::sha384, "SHA-384", kNoEnd},
    HashRow{HashAlgorithm::sha512, "SHA-512", kNoEnd},
};

// From this modulus size on, up to the next row's.
struct RsaRow {
  int bits;
  Day last;
};
constexpr std::array kRsa{
    RsaRow{1024, {year{2008}, December, day{31}}},  // TS 102 176-1 V2.0.0
    RsaRow{1536, {year{2015}, December, day{31}}},  // TS 119 312 V1.1.1
    // No new certificates after 2026; those issued by then end by this day.
    RsaRow{1900, {year{2028}, December, day{31}}},
    RsaRow{3000, kNoEnd},
};

// By PublicKey::description().
struct OtherRow {
  std::string_view shown;
  Day last;
};
constexpr std::array kOthers{
    OtherRow{"ECDSA P-256", kNoEnd},
    OtherRow{"ECDSA P-384", kNoEnd},
    OtherRow{"ECDSA P-521", kNoEnd},
    OtherRow{"ECDSA brainpoolP256r1", kNoEnd},
    OtherRow{"ECDSA brainpoolP384r1", kNoEnd},
    OtherRow{"ECDSA brainpoolP512r1", kNoEnd},
    OtherRow{"Ed25519", kNoEnd},
    OtherRow{"Ed448", kNoEnd},
    OtherRow{"ECDSA prime192v1", {year{2012}, December, day{31}}},  // TS 102 176-1 V2.1.1
    OtherRow{"ECDSA secp224r1", {year{2015}, December, day{31}}},   // TS 119 312 V1.1.1
};

constexpr int kLeastNewModulus = 3000;

// The day counts to its end, UTC.
std::optional<std::string> judged(std::string_view shown, Day last, Time at) {
  if (last == kNoEnd || at < sys_days{last} + days{1}) return std::nullopt;
  return std::string(shown) + " was acceptable until " + to_rfc3339(sys_days{last}).substr(0, 10) +
         " only (ETSI TS 119 312)";
}

std::string not_listed(std::string_view shown) {
  return std::string(shown) + " is not among the algorithms of ETSI TS 119 312";
}

}  // namespace

std::optional<std::string> objection(HashAlgorithm hash, Time at) {
  for (const HashRow& row : kHashes)
    if (row.hash == hash) return judged(row.shown, row.last, at);
  return not_listed(name_of(hash));
}

std::optional<std::string> objection(const PublicKey& key, Time at) {
  const std::string shown = key.description();
  if (key.is_rsa()) {
    const RsaRow* found = nullptr;
    for (const RsaRow& row : kRsa)
      if (key.bits() >= row.bits) found = &row;
    return found == nullptr ? not_listed(shown) : judged(shown, found->last, at);
  }
  for (const OtherRow& row : kOthers)
    if (row.shown == shown) return judged(row.shown, row.last, at);
  return not_listed(shown);
}

std::optional<std::string> objection(Scheme scheme, HashAlgorithm hash, const PublicKey& key,
                                     Time at) {
  if (scheme == Scheme::rsa_pkcs1)
    if (auto reason = judged("RSA PKCS#1 v1.5", kLegacy, at)) return reason;
  if (scheme != Scheme::ed25519)
    if (auto reason = objection(hash, at)) return reason;
  return objection(key, at);
}

std::optional<std::string> objection_to_issuing(const PublicKey& key, Time at) {
  if (key.is_rsa() && key.bits() < kLeastNewModulus)
    return key.description() +
           " is refused for new certificates: ETSI TS 119 312 ends moduli under " +
           "3000 bits on " + to_rfc3339(sys_days{kNewRsa2048}).substr(0, 10);
  return objection(key, at);
}

}  // namespace tsp::crypto
