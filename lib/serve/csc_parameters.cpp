// Members of the requests of the CSC API.
#include <algorithm>

#include "crypto/der.h"
#include "ops/json_members.h"
#include "sam/bare_manifest.h"
#include "serve/csc.h"

namespace tsp::serve::csc {
namespace {

using crypto::HashAlgorithm;

constexpr HashAlgorithm kHashes[] = {HashAlgorithm::sha256, HashAlgorithm::sha384,
                                     HashAlgorithm::sha512};
constexpr std::size_t kLongestDescription = 500;
// How long an answer that is fetched later may be kept, and is where the request does not say.
constexpr std::chrono::milliseconds kShortestKept{1000}, kKept{600'000}, kLongestKept{3'600'000};

const char* hashes_name(Version version) {
  return version == Version::v2 ? "hashes" : "hash";
}

const char* algorithm_name(Version version) {
  return version == Version::v2 ? "hashAlgorithmOID" : "hashAlgo";
}

std::string signature_oid(const std::string& key_algorithm, HashAlgorithm hash) {
  const auto key = crypto::parse_key_algorithm(key_algorithm);
  if (key && crypto::is_rsa(*key)) return kPss;
  return hash == HashAlgorithm::sha256   ? "1.2.840.10045.4.3.2"
         : hash == HashAlgorithm::sha384 ? "1.2.840.10045.4.3.3"
                                         : "1.2.840.10045.4.3.4";
}

// RSASSA-PSS-params (RFC 4055 3.1) as we sign; the hashes inside carry NULL or nothing.
Bytes pss_parameters(HashAlgorithm hash, bool with_null) {
  namespace der = crypto::der;
  constexpr const char* kMgf1 = "1.2.840.113549.1.1.8";
  const Bytes oid = der::oid(crypto::oid_of(hash));
  const Bytes identifier = with_null ? der::sequence(oid, der::null()) : der::sequence(oid);
  return der::sequence(
      der::wrap(der::context(0), identifier),
      der::wrap(der::context(1), der::sequence(der::oid(kMgf1), identifier)),
      der::wrap(der::context(2), der::integer(static_cast<std::int64_t>(crypto::size_of(hash)))));
}

std::size_t characters_in(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

}  // namespace

void invalid(const std::string& description) {
  throw Error(Fault::usage, description);
}

void missing(const char* type, const char* name) {
  invalid(std::string("Missing (or invalid type) ") + type + " parameter " + name);
}

std::optional<std::string> optional_text(const Json& body, const char* name) {
  const Json* value = ops::find_member(body, name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) missing("string", name);
  return value->get<std::string>();
}

std::string text_parameter(const Json& body, const char* name) {
  auto text = optional_text(body, name);
  if (!text) missing("string", name);
  return std::move(*text);
}

bool flag_parameter(const Json& body, const char* name) {
  const Json* value = ops::find_member(body, name);
  if (value != nullptr && !value->is_boolean()) missing("boolean", name);
  return value != nullptr && value->get<bool>();
}

void check_common(const Json& body) {
  for (const char* name : {"clientData", "lang"}) {
    const Json* value = ops::find_member(body, name);
    if (value != nullptr && !value->is_string()) invalid(std::string("Invalid parameter ") + name);
  }
  const Json* description = ops::find_member(body, "description");
  if (description != nullptr &&
      (!description->is_string() ||
       characters_in(description->get_ref<const std::string&>()) > kLongestDescription))
    invalid("Invalid parameter description");
}

std::vector<Bytes> hashes_of(const Json& entry, const char* name) {
  const Json* list = ops::find_member(entry, name);
  if (list == nullptr || !list->is_array()) missing("array", name);
  if (list->empty()) invalid("Empty hash array");
  std::vector<Bytes> digests;
  for (const Json& each : *list) {
    auto digest = each.is_string() ? from_base64(each.get<std::string>()) : std::nullopt;
    if (!digest) invalid(std::string("Invalid Base64 ") + name + " string parameter");
    digests.push_back(std::move(*digest));
  }
  return digests;
}

HashAlgorithm hash_of(Version version, const Json& body, std::size_t length) {
  if (const auto oid = optional_text(body, algorithm_name(version))) {
    const auto hash = crypto::hash_of_oid(*oid);
    if (!hash || std::ranges::find(kHashes, *hash) == std::end(kHashes))
      invalid(std::string("Invalid parameter ") + algorithm_name(version));
    return *hash;
  }
  for (const HashAlgorithm hash : kHashes)
    if (crypto::size_of(hash) == length) return hash;
  invalid("Invalid digest value length");
}

sam::Manifest manifest_of(Version version, const Json& body) {
  const std::vector<Bytes> digests = hashes_of(body, hashes_name(version));
  const HashAlgorithm hash = hash_of(version, body, digests.front().size());
  for (const Bytes& digest : digests)
    if (digest.size() != crypto::size_of(hash)) invalid("Invalid digest value length");
  return sam::bare_manifest(hash, digests);
}

std::optional<HashAlgorithm> hash_of_signature(const std::string& oid) {
  if (oid == "1.2.840.10045.4.3.2") return HashAlgorithm::sha256;
  if (oid == "1.2.840.10045.4.3.3") return HashAlgorithm::sha384;
  if (oid == "1.2.840.10045.4.3.4") return HashAlgorithm::sha512;
  return std::nullopt;
}

void check_algorithm(const Json& body, const std::string& key_algorithm, HashAlgorithm hash) {
  const std::string wanted = text_parameter(body, "signAlgo");
  const std::string oid = signature_oid(key_algorithm, hash);
  if (wanted != oid)
    throw Error(Fault::usage, "Invalid parameter signAlgo",
                "the key and the hash do not go with it");
  const auto parameters = optional_text(body, "signAlgoParams");
  if (!parameters) return;
  const auto der = from_base64(*parameters);
  const bool right =
      oid == kPss && der &&
      (equal(*der, pss_parameters(hash, true)) || equal(*der, pss_parameters(hash, false)));
  if (!right) invalid("Invalid parameter signAlgoParams");
}

std::optional<std::chrono::milliseconds> later_of(const Json& body) {
  const std::string mode = optional_text(body, "operationMode").value_or("S");
  if (mode != "S" && mode != "A") invalid("Invalid parameter operationMode");
  constexpr auto kMost = static_cast<std::uint64_t>(kLongestKept.count());
  std::chrono::milliseconds kept = kKept;
  if (const Json* period = ops::find_member(body, "validity_period")) {
    if (!period->is_number_integer()) invalid("Invalid parameter validity_period");
    const bool small = period->is_number_unsigned()
                           ? period->get<std::uint64_t>() <= kMost
                           : period->get<std::int64_t>() >= 0 &&
                                 static_cast<std::uint64_t>(period->get<std::int64_t>()) <= kMost;
    if (small) kept = std::chrono::milliseconds(period->get<std::int64_t>());
    if (!small || kept < kShortestKept) invalid("Out of bounds parameter validity_period");
  }
  // Nobody is called back: who asked fetches it.
  if (ops::find_member(body, "response_uri") != nullptr) invalid("Invalid parameter response_uri");
  if (mode == "S") return std::nullopt;
  return kept;
}

}  // namespace tsp::serve::csc
