// First half of a PAdES signature: everything that needs no key.
#include "ades/pades.h"
#include "base/error.h"
#include "crypto/digest.h"

namespace tsp::ades {
namespace {

// What a time-stamp token may come to. Ours has about 3 KiB with its chain; an RSA-4096 unit under
// three authorities stays below this.
constexpr std::size_t kTokenSize = 12 * 1024;
// What a signer's certificate may come to besides its issuer's name: nine fields of a subject of 64
// characters in four octets each, an RSA-4096 key and signature, addresses.
constexpr std::size_t kFutureCertificate = 4 * 1024;
// How much is fed to two digests before going on: stays in the processor's cache.
constexpr std::size_t kPiece = 64 * 1024;

// The longest signature value of the key, in octets.
std::size_t signature_size(const crypto::PublicKey& key) {
  const auto field = static_cast<std::size_t>((key.bits() + 7) / 8);
  if (key.is_rsa()) return field;
  // SEQUENCE { INTEGER, INTEGER }, each with a tag, a length, perhaps a leading zero.
  return 2 * (field + 3) + 4;
}

std::size_t signature_size(crypto::KeyAlgorithm algorithm) {
  switch (algorithm) {
    case crypto::KeyAlgorithm::ecdsa_p256:
      return 2 * (32 + 3) + 4;
    case crypto::KeyAlgorithm::ecdsa_p384:
      return 2 * (48 + 3) + 4;
    case crypto::KeyAlgorithm::ecdsa_p521:
      return 2 * (66 + 3) + 4;
    case crypto::KeyAlgorithm::ed25519:
      return 64;
    case crypto::KeyAlgorithm::rsa_3072:
    case crypto::KeyAlgorithm::rsa_4096:
      break;
  }
  return 4096 / 8;
}

std::size_t contents_size(const cms::Parts& parts, std::size_t signature, bool with_timestamp) {
  return cms::assembled_size(parts, signature, with_timestamp ? kTokenSize : 0);
}

// A dry run: every part as long as it will be.
cms::Parts dry_parts(crypto::HashAlgorithm hash, crypto::Scheme scheme,
                     const x509::Certificate& signer, const std::vector<x509::Certificate>& chain) {
  return {cms::signed_attributes(hash, Bytes(crypto::size_of(hash)), signer),
          hash,
          scheme,
          {},
          signer,
          chain,
          {}};
}

// Scheme of the padding that documents get; a key that is none of ours signs with PKCS#1's longer
// sibling or with ECDSA, and close_pdf() is told which.
crypto::Scheme scheme_of(const crypto::PublicKey& key) {
  if (const auto algorithm = key.algorithm())
    return crypto::scheme_for(*algorithm, crypto::Purpose::document);
  return key.is_rsa() ? crypto::Scheme::rsa_pss : crypto::Scheme::ecdsa;
}

// The original, read once for both digests; the content's goes on over the revision.
void digest_both(PreparedPdf& pdf, ByteView original) {
  const pdf::ByteRange& range = pdf.revision.byte_range;
  const auto in_revision = [&](std::uint64_t begin, std::uint64_t end) {
    const auto offset = static_cast<std::size_t>(begin - pdf.revision.original_size);
    return ByteView(pdf.revision.octets).subspan(offset, static_cast<std::size_t>(end - begin));
  };
  crypto::Hasher file(crypto::HashAlgorithm::sha256);
  std::optional<crypto::Hasher> content;
  if (pdf.hash == crypto::HashAlgorithm::sha256) {
    file.update(original);
    content = file.fork();
  } else {
    content.emplace(pdf.hash);
    while (!original.empty()) {
      const ByteView piece = original.first(std::min(kPiece, original.size()));
      file.update(piece);
      content->update(piece);
      original = original.subspan(piece.size());
    }
  }
  pdf.file_sha256 = file.finish();
  content->update(in_revision(pdf.revision.original_size, range.first_end));
  content->update(in_revision(range.second_begin, range.file_end));
  pdf.content_digest = content->finish();
}

void expect_sound(const PreparedPdf& pdf, ByteView original, const std::string& name) {
  const pdf::PreparedRevision& revision = pdf.revision;
  const pdf::ByteRange& range = revision.byte_range;
  if (revision.original_size != original.size())
    throw Error(Fault::bad_input, "cannot sign " + name, "the file changed while it was read",
                "nothing was signed; try again when nobody writes to it");
  const std::uint64_t end = revision.original_size + revision.octets.size();
  if (range.file_end != end || range.first_end < revision.original_size ||
      range.second_begin <= range.first_end || range.second_begin > end)
    throw Error(Fault::failed, "cannot sign " + name, "the planned revision is out of shape",
                "nothing was signed");
}

PreparedPdf plan(pdf::Preparation& preparation, const Fd& file, const std::string& name,
                 const pdf::SignatureOrder& order, crypto::HashAlgorithm hash) {
  PreparedPdf out;
  out.hash = hash;
  out.revision = preparation.finish(order);
  const MappedFile original(file, name);
  expect_sound(out, original.view(), name);
  digest_both(out, original.view());
  return out;
}

}  // namespace

PreparedPdf prepare_pdf(pdf::Preparation preparation, const Fd& file, const std::string& name,
                        pdf::SignatureOrder order, crypto::HashAlgorithm hash,
                        const x509::Certificate& signer,
                        const std::vector<x509::Certificate>& chain, bool with_timestamp) {
  if (order.contents_size == 0) {
    const crypto::PublicKey key = signer.public_key();
    order.contents_size = contents_size(dry_parts(hash, scheme_of(key), signer, chain),
                                        signature_size(key), with_timestamp);
  }
  PreparedPdf out = plan(preparation, file, name, order, hash);
  name_signer(out, signer);
  return out;
}

PreparedPdf prepare_pdf(pdf::Preparation preparation, const Fd& file, const std::string& name,
                        pdf::SignatureOrder order, crypto::HashAlgorithm hash,
                        const FutureSigner& signer, bool with_timestamp) {
  const x509::Certificate& issuer = signer.chain.at(0);  // stands in, and is embedded once
  const auto scheme = crypto::scheme_for(signer.algorithm, crypto::Purpose::document);
  order.contents_size = contents_size(dry_parts(hash, scheme, issuer, signer.chain),
                                      signature_size(signer.algorithm), with_timestamp) +
                        kFutureCertificate + issuer.der().size();
  return plan(preparation, file, name, order, hash);
}

void name_signer(PreparedPdf& pdf, const x509::Certificate& signer) {
  pdf.signed_attributes = cms::signed_attributes(pdf.hash, pdf.content_digest, signer);
}

void check_prepared(const Fd& file, const std::string& name, PreparedPdf& pdf) {
  const std::uint64_t size = size_of(file, name);
  if (pdf.revision.original_size != size || !pdf::is_sound(pdf.revision, size))
    throw Error(Fault::bad_input, "cannot sign " + name,
                "the file is not the one that was prepared", "nothing was signed; prepare it anew");
  const Bytes file_sha256 = pdf.file_sha256, content_digest = pdf.content_digest;
  const MappedFile original(file, name);
  digest_both(pdf, original.view());
  if (!equal(file_sha256, pdf.file_sha256) || !equal(content_digest, pdf.content_digest))
    throw Error(Fault::bad_input, "cannot sign " + name,
                "the file has changed since it was prepared",
                "nothing was signed; prepare it anew");
}

}  // namespace tsp::ades
