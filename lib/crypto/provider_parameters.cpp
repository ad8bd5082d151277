#include "crypto/provider_parameters.h"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <strings.h>

#include <charconv>
#include <cstring>
#include <string>

namespace tsp::crypto::provider {
namespace {

struct Name {
  const char* name;
  HashAlgorithm hash;
};
// The first of a hash is the one we answer with.
constexpr Name kNames[] = {
    {"SHA1", HashAlgorithm::sha1},       {"SHA-1", HashAlgorithm::sha1},
    {"SHA224", HashAlgorithm::sha224},   {"SHA2-224", HashAlgorithm::sha224},
    {"SHA-224", HashAlgorithm::sha224},  {"SHA256", HashAlgorithm::sha256},
    {"SHA2-256", HashAlgorithm::sha256}, {"SHA-256", HashAlgorithm::sha256},
    {"SHA384", HashAlgorithm::sha384},   {"SHA2-384", HashAlgorithm::sha384},
    {"SHA-384", HashAlgorithm::sha384},  {"SHA512", HashAlgorithm::sha512},
    {"SHA2-512", HashAlgorithm::sha512}, {"SHA-512", HashAlgorithm::sha512},
};

const char* openssl_name(HashAlgorithm hash) {
  for (const Name& row : kNames)
    if (row.hash == hash) return row.name;
  return "";
}

struct NamedNumber {
  std::string_view name;
  int number;
};
constexpr NamedNumber kPaddings[] = {{OSSL_PKEY_RSA_PAD_MODE_PKCSV15, RSA_PKCS1_PADDING},
                                     {OSSL_PKEY_RSA_PAD_MODE_PSS, RSA_PKCS1_PSS_PADDING}};
// "auto" leaves the choice to us. -4 is RSA_PSS_SALTLEN_AUTO_DIGEST_MAX, new in OpenSSL 3.1.
constexpr NamedNumber kSalts[] = {
    {OSSL_PKEY_RSA_PSS_SALT_LEN_DIGEST, RSA_PSS_SALTLEN_DIGEST},
    {OSSL_PKEY_RSA_PSS_SALT_LEN_AUTO, RSA_PSS_SALTLEN_AUTO},
    {OSSL_PKEY_RSA_PSS_SALT_LEN_MAX, RSA_PSS_SALTLEN_MAX},
    {"auto-digestmax", -4},
};

std::optional<std::string> text_of(const OSSL_PARAM& parameter) {
  const char* text = nullptr;
  if (OSSL_PARAM_get_utf8_string_ptr(&parameter, &text) != 1 || text == nullptr)
    return std::nullopt;
  return std::string(text, ::strnlen(text, parameter.data_size));
}

// A number given as such, by name, or in decimal.
template <std::size_t size>
std::optional<int> number_of(const OSSL_PARAM& parameter, const NamedNumber (&names)[size]) {
  int number = 0;
  if (parameter.data_type != OSSL_PARAM_UTF8_STRING) {
    if (OSSL_PARAM_get_int(&parameter, &number) != 1) return std::nullopt;
    return number;
  }
  const auto text = text_of(parameter);
  if (!text) return std::nullopt;
  for (const NamedNumber& row : names)
    if (row.name == *text) return row.number;
  const char* end = text->data() + text->size();
  const auto read = std::from_chars(text->data(), end, number);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return number;
}

template <std::size_t size>
bool answer(OSSL_PARAM& parameter, int number, const NamedNumber (&names)[size]) {
  if (parameter.data_type != OSSL_PARAM_UTF8_STRING)
    return OSSL_PARAM_set_int(&parameter, number) == 1;
  for (const NamedNumber& row : names)
    if (row.number == number)
      return OSSL_PARAM_set_utf8_string(&parameter, std::string(row.name).c_str()) == 1;
  return OSSL_PARAM_set_utf8_string(&parameter, std::to_string(number).c_str()) == 1;
}

bool set_hash(std::optional<HashAlgorithm>& hash, const OSSL_PARAM& parameter) {
  const auto name = text_of(parameter);
  if (!name) return false;
  const auto found = hash_of_name(*name);
  if (found) hash = found;
  return found.has_value();
}

bool set_padding_setting(Settings& settings, const OSSL_PARAM& parameter) {
  const int padding = number_of(parameter, kPaddings).value_or(RSA_NO_PADDING);
  if (padding != RSA_PKCS1_PADDING && padding != RSA_PKCS1_PSS_PADDING) return false;
  settings.padding = padding;
  return true;
}

bool set_salt(Settings& settings, const OSSL_PARAM& parameter) {
  const auto salt = number_of(parameter, kSalts);
  if (!salt || *salt == RSA_PSS_SALTLEN_MAX || *salt < -4) return false;
  settings.salt = *salt < 0 ? RSA_PSS_SALTLEN_DIGEST : *salt;
  return true;
}

}  // namespace

std::optional<HashAlgorithm> hash_of_name(std::string_view name) {
  const std::string text(name);
  for (const Name& row : kNames)
    if (::strcasecmp(row.name, text.c_str()) == 0) return row.hash;
  return hash_of_oid(name);
}

Scheme Settings::scheme() const {
  if (kind == Kind::ed25519) return Scheme::ed25519;
  if (kind == Kind::ec) return Scheme::ecdsa;
  return padding == RSA_PKCS1_PSS_PADDING ? Scheme::rsa_pss : Scheme::rsa_pkcs1;
}

bool Settings::complete() const {
  if (kind == Kind::ed25519) return true;
  if (!hash) return false;
  if (scheme() != Scheme::rsa_pss) return true;
  const bool salt_fits = salt < 0 || static_cast<std::size_t>(salt) == size_of(*hash);
  return salt_fits && mask.value_or(*hash) == *hash;
}

bool set(Settings& settings, const OSSL_PARAM parameters[]) {
  if (parameters == nullptr) return true;
  for (const OSSL_PARAM* at = parameters; at->key != nullptr; ++at) {
    const std::string_view key = at->key;
    if (key == OSSL_SIGNATURE_PARAM_DIGEST && !set_hash(settings.hash, *at)) return false;
    if (settings.kind != Kind::rsa) continue;
    if (key == OSSL_SIGNATURE_PARAM_MGF1_DIGEST && !set_hash(settings.mask, *at)) return false;
    if (key == OSSL_SIGNATURE_PARAM_PAD_MODE && !set_padding_setting(settings, *at)) return false;
    if (key == OSSL_SIGNATURE_PARAM_PSS_SALTLEN && !set_salt(settings, *at)) return false;
  }
  return true;
}

bool get(const Settings& settings, OSSL_PARAM parameters[]) {
  if (parameters == nullptr) return true;
  for (OSSL_PARAM* at = parameters; at->key != nullptr; ++at) {
    const std::string_view key = at->key;
    bool ok = true;
    if (key == OSSL_SIGNATURE_PARAM_ALGORITHM_ID) {
      if (!settings.complete()) return false;
      const Bytes identifier =
          signature_identifier(settings.scheme(), settings.hash.value_or(HashAlgorithm::sha512));
      ok = OSSL_PARAM_set_octet_string(at, identifier.data(), identifier.size()) == 1;
    } else if (key == OSSL_SIGNATURE_PARAM_DIGEST) {
      ok = OSSL_PARAM_set_utf8_string(at, settings.hash ? openssl_name(*settings.hash) : "") == 1;
    } else if (settings.kind == Kind::rsa && key == OSSL_SIGNATURE_PARAM_MGF1_DIGEST) {
      const auto mask = settings.mask ? settings.mask : settings.hash;
      ok = OSSL_PARAM_set_utf8_string(at, mask ? openssl_name(*mask) : "") == 1;
    } else if (settings.kind == Kind::rsa && key == OSSL_SIGNATURE_PARAM_PAD_MODE) {
      ok = answer(*at, settings.padding, kPaddings);
    } else if (settings.kind == Kind::rsa && key == OSSL_SIGNATURE_PARAM_PSS_SALTLEN) {
      ok = answer(*at, settings.salt, kSalts);
    }
    if (!ok) return false;
  }
  return true;
}

const OSSL_PARAM* settable_settings() {
  static constexpr OSSL_PARAM kAll[] = {
      described(OSSL_SIGNATURE_PARAM_DIGEST, OSSL_PARAM_UTF8_STRING),
      described(OSSL_SIGNATURE_PARAM_PAD_MODE, OSSL_PARAM_UTF8_STRING),
      described(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, OSSL_PARAM_UTF8_STRING),
      described(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, OSSL_PARAM_UTF8_STRING), OSSL_PARAM_END};
  return kAll;
}

const OSSL_PARAM* gettable_settings() {
  static constexpr OSSL_PARAM kAll[] = {
      described(OSSL_SIGNATURE_PARAM_ALGORITHM_ID, OSSL_PARAM_OCTET_STRING),
      described(OSSL_SIGNATURE_PARAM_DIGEST, OSSL_PARAM_UTF8_STRING),
      described(OSSL_SIGNATURE_PARAM_PAD_MODE, OSSL_PARAM_UTF8_STRING),
      described(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, OSSL_PARAM_UTF8_STRING),
      described(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, OSSL_PARAM_UTF8_STRING),
      OSSL_PARAM_END};
  return kAll;
}

}  // namespace tsp::crypto::provider
