#include "crypto/digest.h"

#include "base/error.h"

namespace tsp::crypto {

namespace {

// EVP_sha256() and its like are looked up anew at each use; what is fetched once is not.
template <HashAlgorithm hash>
const EVP_MD* fetched(const char* name) {
  static const EVP_MD* const md = EVP_MD_fetch(nullptr, name, nullptr);
  if (md == nullptr) throw Error(Fault::failed, "no such hash algorithm", name);
  return md;
}

}  // namespace

const EVP_MD* md_of(HashAlgorithm hash) {
  switch (hash) {
    case HashAlgorithm::sha1:
      return fetched<HashAlgorithm::sha1>("SHA1");
    case HashAlgorithm::sha224:
      return fetched<HashAlgorithm::sha224>("SHA2-224");
    case HashAlgorithm::sha256:
      return fetched<HashAlgorithm::sha256>("SHA2-256");
    case HashAlgorithm::sha384:
      return fetched<HashAlgorithm::sha384>("SHA2-384");
    case HashAlgorithm::sha512:
      return fetched<HashAlgorithm::sha512>("SHA2-512");
  }
  throw Error(Fault::failed, "no such hash algorithm");
}

Hasher::Hasher(HashAlgorithm hash) : context_(EVP_MD_CTX_new()) {
  if (!context_ || EVP_DigestInit_ex(context_.get(), md_of(hash), nullptr) != 1)
    throw Error(Fault::failed, "cannot begin a digest", "OpenSSL refused");
}

Hasher& Hasher::update(ByteView data) {
  if (EVP_DigestUpdate(context_.get(), data.data(), data.size()) != 1)
    throw Error(Fault::failed, "cannot compute a digest", "OpenSSL refused");
  return *this;
}

Bytes Hasher::finish() {
  Bytes out(EVP_MAX_MD_SIZE);
  unsigned size = 0;
  if (EVP_DigestFinal_ex(context_.get(), out.data(), &size) != 1)
    throw Error(Fault::failed, "cannot end a digest", "OpenSSL refused");
  out.resize(size);
  return out;
}

Hasher Hasher::fork() const {
  Hasher copy;
  copy.context_.reset(EVP_MD_CTX_new());
  if (!copy.context_ || EVP_MD_CTX_copy_ex(copy.context_.get(), context_.get()) != 1)
    throw Error(Fault::failed, "cannot copy a digest", "OpenSSL refused");
  return copy;
}

Bytes digest(HashAlgorithm hash, ByteView data) {
  return Hasher(hash).update(data).finish();
}

Bytes sha256(ByteView data) {
  return digest(HashAlgorithm::sha256, data);
}

}  // namespace tsp::crypto
