#include "sam/manifest.h"

#include <functional>

#include "base/error.h"
#include "cms/signed_data.h"
#include "crypto/der.h"
#include "crypto/digest.h"
#include "support/catch.h"
#include "support/certificates.h"

using namespace tsp;
using namespace tsp::sam;
using crypto::HashAlgorithm;

namespace {

struct Documents {
  test::Holder alice{test::CertificateOrder{"Alice"}};
  test::Holder bob{test::CertificateOrder{"Bob"}};

  ManifestEntry document(const std::string& name, HashAlgorithm hash = HashAlgorithm::sha256) {
    ManifestEntry entry;
    entry.name = name;
    entry.file_sha256 = crypto::sha256(as_bytes("file " + name));
    entry.content_digest = crypto::digest(hash, as_bytes("content " + name));
    entry.signed_attributes =
        cms::signed_attributes(hash, entry.content_digest, alice.certificate());
    return entry;
  }
  ManifestEntry bare(std::string_view content) {
    return {"", {}, crypto::sha256(as_bytes(content)), {}};
  }
  // The entry's attributes with the reference made anew, `issuer_serial` in it or not.
  Bytes with_reference(const ManifestEntry& entry, const Bytes& issuer_serial) {
    namespace der = crypto::der;
    const Bytes digest = der::octet_string(crypto::sha256(alice.certificate().der()));
    const Bytes reference = der::sequence(der::sequence(der::sequence(digest, issuer_serial)));
    std::vector<Bytes> members{
        der::sequence(der::oid("1.2.840.113549.1.9.16.2.47"), der::set_of({reference}))};
    const auto all = der::children(der::first(entry.signed_attributes)->content);
    for (const der::Element& member : *all)
      if (to_hex(member.whole).find("2a864886f70d010910022f") == std::string::npos)
        members.push_back(to_bytes(member.whole));
    return der::set_of(std::move(members));
  }
  Error error(const Manifest& manifest, const test::Holder& holder) {
    try {
      recompute_dtbs(manifest, holder.certificate());
    } catch (const Error& error) {
      return error;
    }
    return {Fault::failed, "no error"};
  }
  Error error(const Manifest& manifest) { return error(manifest, alice); }
};

}  // namespace

TEST_CASE_METHOD(Documents, "the DTBS/R is the digest of the signed attributes, in order") {
  const Manifest manifest{
      HashAlgorithm::sha384,
      {document("a.pdf", HashAlgorithm::sha384), document("b.pdf", HashAlgorithm::sha384)}};
  const auto dtbs = recompute_dtbs(manifest, alice.certificate());
  REQUIRE(dtbs.size() == 2);
  for (std::size_t at = 0; at < 2; ++at)
    CHECK(dtbs[at] ==
          crypto::digest(HashAlgorithm::sha384, manifest.entries[at].signed_attributes));
}

TEST_CASE_METHOD(Documents, "a bare digest is its own DTBS/R") {
  const Manifest manifest{HashAlgorithm::sha256, {bare("x")}};
  CHECK(recompute_dtbs(manifest, alice.certificate()).at(0) == crypto::sha256(as_bytes("x")));
  CHECK(dtbs_sha256(manifest, 0) == crypto::sha256(as_bytes("x")));
}

TEST_CASE_METHOD(Documents, "attributes that hold another content digest are refused by name") {
  Manifest manifest{HashAlgorithm::sha256, {document("a.pdf"), document("b.pdf")}};
  manifest.entries[1].content_digest = crypto::sha256(as_bytes("something else"));
  const Error refused = error(manifest);
  CHECK(refused.fault == Fault::policy_refused);
  CHECK_THAT(refused.message,
             ContainsSubstring("entry 2 (b.pdf)") && ContainsSubstring("another content digest"));
}

TEST_CASE_METHOD(Documents, "attributes that name another certificate are refused") {
  const Error refused = error({HashAlgorithm::sha256, {document("a.pdf")}}, bob);
  CHECK(refused.fault == Fault::policy_refused);
  CHECK_THAT(refused.message, ContainsSubstring("another certificate"));
}

TEST_CASE_METHOD(Documents, "issuer and serial number in the attributes are the certificate's") {
  const auto of = [&](const Bytes& attributes) {
    ManifestEntry entry = document("a.pdf");
    entry.signed_attributes = attributes;
    return error({HashAlgorithm::sha256, {entry}});
  };
  const ManifestEntry good = document("a.pdf");
  const Bytes own = cms::parse_signed_attributes(good.signed_attributes).issuer_serial;
  const Bytes another =
      cms::parse_signed_attributes(
          cms::signed_attributes(HashAlgorithm::sha256, good.content_digest, bob.certificate()))
          .issuer_serial;
  CHECK(of(with_reference(good, own)).fault == Fault::failed);
  CHECK(of(with_reference(good, {})).fault == Fault::failed);  // it may be left out
  const Error others = of(with_reference(good, another));
  CHECK(others.fault == Fault::policy_refused);
  CHECK_THAT(others.message, ContainsSubstring("issuer or serial number of another"));
  // A second name beside the issuer's.
  const auto parts = crypto::der::children(crypto::der::first(own)->content);
  const Bytes name = to_bytes(parts->at(0).content);
  CHECK(of(with_reference(good, crypto::der::sequence(crypto::der::sequence(name, name),
                                                      to_bytes(parts->at(1).whole))))
            .fault == Fault::policy_refused);
}

TEST_CASE_METHOD(Documents, "pages of a bare digest, and more than there can be, are bad input") {
  ManifestEntry digest = bare("x");
  digest.pages = 1;
  CHECK(error({HashAlgorithm::sha256, {digest}}).fault == Fault::bad_input);
  ManifestEntry entry = document("a.pdf");
  entry.pages = 100000000;
  CHECK(error({HashAlgorithm::sha256, {entry}}).fault == Fault::failed);
  entry.pages += 1;
  CHECK(error({HashAlgorithm::sha256, {entry}}).fault == Fault::bad_input);
}

TEST_CASE_METHOD(Documents, "the same DTBS/R twice is refused, bare or not, under any name") {
  ManifestEntry renamed = document("a.pdf");
  renamed.name = "other.pdf";
  CHECK(error({HashAlgorithm::sha256, {document("a.pdf"), renamed}}).fault == Fault::bad_input);
  CHECK(error({HashAlgorithm::sha256, {bare("x"), bare("x")}}).fault == Fault::bad_input);
  // A bare digest that is the DTBS/R of a document beside it.
  ManifestEntry hidden = bare("x");
  hidden.content_digest = crypto::sha256(document("a.pdf").signed_attributes);
  CHECK(error({HashAlgorithm::sha256, {document("a.pdf"), hidden}}).fault == Fault::bad_input);
}

TEST_CASE_METHOD(Documents, "malformed signed attributes are bad input") {
  for (const Bytes& attributes : {Bytes{0}, Bytes{0x31, 0x00}, Bytes(100, 0x31)}) {
    ManifestEntry entry = document("a.pdf");
    entry.signed_attributes = attributes;
    CHECK(error({HashAlgorithm::sha256, {entry}}).fault == Fault::bad_input);
  }
  ManifestEntry more = document("a.pdf");
  more.signed_attributes.push_back(0);
  CHECK(error({HashAlgorithm::sha256, {more}}).fault == Fault::bad_input);
}

TEST_CASE_METHOD(Documents, "digests of a wrong length are bad input") {
  CHECK(error({HashAlgorithm::sha512, {document("a.pdf")}}).fault == Fault::bad_input);
  ManifestEntry no_file = document("a.pdf");
  no_file.file_sha256.clear();
  CHECK(error({HashAlgorithm::sha256, {no_file}}).fault == Fault::bad_input);
}

TEST_CASE_METHOD(Documents, "a name that would mislead whoever reads it is bad input") {
  for (const char* name : {"", "a\nb.pdf", "a\xff.pdf",
                           "fdp.\xe2\x80\xae"
                           "exe",
                           "\x1b[2Ja.pdf"}) {
    ManifestEntry entry = document("a.pdf");
    entry.name = name;
    CHECK(error({HashAlgorithm::sha256, {entry}}).fault == Fault::bad_input);
  }
}

TEST_CASE_METHOD(Documents, "no document and more than 10 000 are bad input") {
  CHECK(error({HashAlgorithm::sha256, {}}).fault == Fault::bad_input);
  Manifest many;
  many.entries.assign(10001, bare("x"));
  CHECK_THAT(error(many).message, ContainsSubstring("more than 10000"));
}

TEST_CASE_METHOD(Documents, "the hashes change with every field") {
  const Manifest manifest{HashAlgorithm::sha256, {document("a.pdf")}};
  const auto differs = [&](const std::function<void(Manifest&)>& change) {
    Manifest changed = manifest;
    change(changed);
    return manifest_hash(changed) != manifest_hash(manifest) &&
           entry_hash(changed, 0) != entry_hash(manifest, 0);
  };
  CHECK(differs([](Manifest& m) { m.hash = HashAlgorithm::sha512; }));
  CHECK(differs([](Manifest& m) { m.entries[0].name = "b.pdf"; }));
  CHECK(differs([](Manifest& m) { m.entries[0].pages = 2; }));
  CHECK(differs([](Manifest& m) { m.entries[0].file_sha256[0] ^= 1; }));
  CHECK(differs([](Manifest& m) { m.entries[0].content_digest[0] ^= 1; }));
  CHECK(differs([](Manifest& m) { m.entries[0].signed_attributes[9] ^= 1; }));
}

TEST_CASE("the example of docs/formats/manifest.md is what encode() gives") {
  const Manifest manifest{HashAlgorithm::sha256,
                          {{"a.pdf", Bytes(32, 0x11), Bytes(32, 0x22), {0x31, 0x00}, 3}}};
  CHECK(to_hex(encode(manifest)) ==
        "747370206d616e696665737420310a00000006736861323536"
        "0000000100000005612e7064660000000300000020"
        "1111111111111111111111111111111111111111111111111111111111111111"
        "00000020"
        "2222222222222222222222222222222222222222222222222222222222222222"
        "000000023100");
  CHECK(manifest_hash(manifest) == crypto::sha256(encode(manifest)));
}
