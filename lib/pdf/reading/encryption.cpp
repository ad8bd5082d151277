#include "pdf/reading/encryption.h"

#include <algorithm>
#include <array>
#include <qpdf/QPDFCryptoImpl.hh>
#include <qpdf/QPDFCryptoProvider.hh>

#include "base/secret.h"
#include "pdf/reading/open.h"

namespace tsp::pdf {
namespace {

constexpr std::size_t kBlock = QPDFCryptoImpl::rijndael_buf_size;

const unsigned char* octets_of(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string rc4(const std::string& key, const std::string& plain) {
  const auto cipher = QPDFCryptoProvider::getImpl();
  std::string out(plain.size(), '\0');
  cipher->RC4_init(octets_of(key), static_cast<int>(key.size()));
  if (!plain.empty())
    cipher->RC4_process(octets_of(plain), plain.size(),
                        reinterpret_cast<unsigned char*>(out.data()));
  cipher->RC4_finalize();
  return out;
}

// CBC with a random first block before the text and PKCS#7 padding (7.6.3).
std::string aes(const std::string& key, const std::string& plain) {
  const Bytes random = random_bytes(kBlock);
  std::array<unsigned char, kBlock> first{};
  std::copy(random.begin(), random.end(), first.begin());
  const std::size_t padding = kBlock - plain.size() % kBlock;
  const std::string padded = plain + std::string(padding, static_cast<char>(padding));

  const auto cipher = QPDFCryptoProvider::getImpl();
  std::string out(random.begin(), random.end());
  cipher->rijndael_init(true, octets_of(key), key.size(), true, first.data());
  for (std::size_t at = 0; at < padded.size(); at += kBlock) {
    std::array<unsigned char, kBlock> in{}, enciphered{};
    std::copy_n(padded.begin() + static_cast<std::ptrdiff_t>(at), kBlock, in.begin());
    cipher->rijndael_process(in.data(), enciphered.data());
    out.append(enciphered.begin(), enciphered.end());
  }
  cipher->rijndael_finalize();
  return out;
}

std::optional<std::string> aes_undone(const std::string& key, const std::string& octets) {
  if (octets.empty()) return octets;
  if (octets.size() < 2 * kBlock || octets.size() % kBlock != 0) return std::nullopt;
  std::array<unsigned char, kBlock> first{};
  std::copy_n(octets.begin(), kBlock, first.begin());
  const auto cipher = QPDFCryptoProvider::getImpl();
  std::string out;
  cipher->rijndael_init(false, octets_of(key), key.size(), true, first.data());
  for (std::size_t at = kBlock; at < octets.size(); at += kBlock) {
    std::array<unsigned char, kBlock> in{}, plain{};
    std::copy_n(octets.begin() + static_cast<std::ptrdiff_t>(at), kBlock, in.begin());
    cipher->rijndael_process(in.data(), plain.data());
    out.append(plain.begin(), plain.end());
  }
  cipher->rijndael_finalize();
  const auto padding = static_cast<std::size_t>(static_cast<unsigned char>(out.back()));
  if (padding == 0 || padding > kBlock) return std::nullopt;
  const std::size_t size = out.size() - padding;
  if (out.find_first_not_of(out.back(), size) != std::string::npos) return std::nullopt;
  out.resize(size);
  return out;
}

}  // namespace

Encryption::Encryption(QPDF& document, const std::string& name) {
  int permissions = 0;
  QPDF::encryption_method_e files = QPDF::e_none;
  if (!document.isEncrypted(revision_, permissions, version_, streams_, strings_, files)) {
    streams_ = strings_ = QPDF::e_none;
    return;
  }
  if (version_ < 4) streams_ = strings_ = QPDF::e_rc4;
  if (streams_ == QPDF::e_unknown || strings_ == QPDF::e_unknown)
    throw Error(Fault::bad_input, "cannot sign " + name, "it is encrypted in an unknown way",
                "nothing was changed; take the encryption off with its owner's consent");
  key_ = document.getEncryptionKey();
}

std::string Encryption::key_for(QPDF::encryption_method_e method, QPDFObjGen owner) const {
  return QPDF::compute_data_key(key_, owner.getObj(), owner.getGen(), method != QPDF::e_rc4,
                                version_, revision_);
}

std::string Encryption::apply(QPDF::encryption_method_e method, const std::string& plain,
                              QPDFObjGen owner) const {
  if (method == QPDF::e_none) return plain;
  const std::string key = key_for(method, owner);
  return method == QPDF::e_rc4 ? rc4(key, plain) : aes(key, plain);
}

std::optional<std::string> Encryption::undo(QPDF::encryption_method_e method,
                                            const std::string& octets, QPDFObjGen owner) const {
  if (method == QPDF::e_none) return octets;
  const std::string key = key_for(method, owner);
  return method == QPDF::e_rc4 ? rc4(key, octets) : aes_undone(key, octets);
}

std::string Encryption::string(const std::string& plain, QPDFObjGen owner) const {
  return apply(strings_, plain, owner);
}
std::string Encryption::stream(const std::string& plain, QPDFObjGen owner) const {
  return apply(streams_, plain, owner);
}
std::optional<std::string> Encryption::plain_string(const std::string& octets,
                                                    QPDFObjGen owner) const {
  return undo(strings_, octets, owner);
}
std::optional<std::string> Encryption::plain_stream(const std::string& octets,
                                                    QPDFObjGen owner) const {
  return undo(streams_, octets, owner);
}

}  // namespace tsp::pdf
