#include <algorithm>

#include "crypto/der.h"
#include "fixture.h"

using namespace tsp;
using namespace tsp::test;
namespace der = tsp::crypto::der;

namespace {

const Bytes kContent = to_bytes(as_bytes("We agree.\r\n\0binary\xff"));

// What `openssl cms -verify -cades` says of detached content.
Answer openssl_verify(const Bytes& message) {
  const Folder folder;
  folder.put("root.pem", root().certificate().pem());
  folder.put("message", message);
  folder.put("content", ByteView(kContent));
  return run("cd " + folder.file("") +
             " && openssl cms -verify -cades -binary -purpose any -inform DER -in message -content "
             "content -CAfile root.pem -out out && cmp content out");
}

// A message that OpenSSL makes.
Bytes openssl_sign(const std::string& options, const Holder& holder = signer()) {
  const Folder folder;
  folder.put("certificate.pem", holder.certificate().pem());
  folder.put("content", ByteView(kContent));
  put_key(folder, "key.pem", holder);
  const Answer answer =
      run("cd " + folder.file("") +
          " && openssl cms -sign -binary -in content -signer certificate.pem -inkey key.pem "
          "-outform DER -out message " +
          options);
  INFO(answer.output);
  REQUIRE(answer.status == 0);
  return folder.get("message");
}

cms::Crypto judge(const Bytes& message) {
  const cms::SignedData data = cms::parse(message);
  REQUIRE(data.signers.size() == 1);
  const auto& only = data.signers.front();
  const auto certificate = cms::signing_certificate(data, only, {signer().certificate()});
  REQUIRE(certificate);
  return cms::verify(only, *certificate, crypto::digest(*only.hash, kContent));
}

}  // namespace

TEST_CASE("openssl accepts the CAdES signatures that we make") {
  for (KeyAlgorithm algorithm : {KeyAlgorithm::ecdsa_p256, KeyAlgorithm::ecdsa_p384,
                                 KeyAlgorithm::ecdsa_p521, KeyAlgorithm::rsa_3072}) {
    const Answer answer =
        openssl_verify(cms::assemble(signed_parts(signer(algorithm), ByteView(kContent))));
    INFO(crypto::name_of(algorithm) << ": " << answer.output);
    CHECK(answer.status == 0);
  }
}

TEST_CASE("openssl accepts our signature with signing-time and a chain") {
  auto parts = signed_parts(signer(), ByteView(kContent),
                            {"1.2.840.113549.1.7.1", *from_rfc3339("2026-11-21T09:30:00Z")});
  parts.chain = {root().certificate(), signer().certificate()};
  const Bytes message = cms::assemble(parts);
  const Answer answer = openssl_verify(message);
  INFO(answer.output);
  CHECK(answer.status == 0);
  CHECK(cms::parse(message).certificates.size() == 2);
}

TEST_CASE("openssl refuses our signature over other content") {
  const Bytes other = to_bytes(as_bytes("We do not agree."));
  CHECK(openssl_verify(cms::assemble(signed_parts(signer(), ByteView(other)))).status != 0);
}

TEST_CASE("an Ed25519 signature of ours reads back and verifies") {
  const Holder& holder = signer(KeyAlgorithm::ed25519);
  const cms::SignedData data = cms::parse(cms::assemble(signed_parts(holder, ByteView(kContent))));
  CHECK(cms::verify(data.signers.at(0), holder.certificate(),
                    crypto::digest(HashAlgorithm::sha512, kContent)) == cms::Crypto::ok);
}

TEST_CASE("the same parts give the same bytes") {
  auto parts = signed_parts(signer(), ByteView(kContent));
  parts.chain = {root().certificate()};
  const Bytes once = cms::assemble(parts);
  parts.chain = {root().certificate(), root().certificate()};
  CHECK(cms::assemble(parts) == once);
}

TEST_CASE("the size is known before the signature is made") {
  auto parts = signed_parts(signer(), ByteView(kContent));
  parts.signature_timestamp = der::sequence(der::octet_string(Bytes(3000)));
  const std::size_t size =
      cms::assembled_size(parts, parts.signature.size(), parts.signature_timestamp->size());
  CHECK(cms::assemble(parts).size() == size);
  CHECK(cms::assembled_size(parts, parts.signature.size(), 0) < size - 3000);
}

TEST_CASE("what is assembled reads back, the signature time-stamp included") {
  auto parts = signed_parts(signer(), ByteView(kContent));
  parts.content = kContent;
  parts.signature_timestamp = der::sequence(der::oid("1.2.3"));
  const cms::SignedData data = cms::parse(cms::assemble(parts));
  CHECK(data.version == 1);
  CHECK(data.content_type == "1.2.840.113549.1.7.1");
  CHECK(data.content == kContent);
  CHECK(data.digest_algorithms == std::vector{HashAlgorithm::sha256});
  const auto& only = data.signers.at(0);
  CHECK(only.signed_attributes == parts.signed_attributes);
  CHECK(only.signature == parts.signature);
  CHECK(only.scheme == crypto::Scheme::ecdsa);
  CHECK(cms::identifies(only, signer().certificate()));
  CHECK_FALSE(cms::identifies(only, root().certificate()));
  const auto* stamp = cms::sole(only.unsigned_attributes, "1.2.840.113549.1.9.16.2.14");
  REQUIRE(stamp != nullptr);
  CHECK(stamp->values.front() == *parts.signature_timestamp);
}

TEST_CASE("content of another type makes version 3") {
  auto parts = signed_parts(signer(), ByteView(kContent), {"1.2.840.113549.1.9.16.1.4", {}});
  CHECK(cms::parse(cms::assemble(parts)).version == 3);
}

TEST_CASE("signatures of openssl are read and verify") {
  const Holder& holder = signer();
  for (const char* options : {"-cades", "-cades -nodetach", "-cades -nosmimecap -md sha384",
                              "-cades -stream -nodetach", "-cades -keyid -stream -nodetach"}) {
    INFO(options);
    CHECK(judge(openssl_sign(options, holder)) == cms::Crypto::ok);
  }
}

TEST_CASE("a streamed message has indefinite lengths and its content in pieces") {
  const Bytes message = openssl_sign("-cades -stream -nodetach");
  REQUIRE(message.at(1) == 0x80);
  CHECK_FALSE(der::first(message));
  CHECK(cms::parse(message).content == kContent);
}

TEST_CASE("a signer named by key identifier is identified") {
  const cms::SignedData data = cms::parse(openssl_sign("-cades -keyid"));
  CHECK(data.signers.at(0).version == 3);
  CHECK(cms::identifies(data.signers.at(0), signer().certificate()));
}

TEST_CASE("RSA-PSS of openssl is read with its salt") {
  const Holder& holder = signer(KeyAlgorithm::rsa_3072);
  const auto read = [&](const std::string& options) {
    return cms::parse(openssl_sign("-cades -keyopt rsa_padding_mode:pss " + options, holder))
        .signers.at(0);
  };
  const auto usual = read("-keyopt rsa_pss_saltlen:digest");
  CHECK(usual.scheme == crypto::Scheme::rsa_pss);
  CHECK(cms::verify(usual, holder.certificate(), crypto::digest(HashAlgorithm::sha256, kContent)) ==
        cms::Crypto::ok);
  const auto odd = read("-keyopt rsa_pss_saltlen:20");
  CHECK(odd.signature_algorithm_oid == "1.2.840.113549.1.1.10");
  CHECK_FALSE(odd.scheme);
  CHECK(cms::verify(odd, holder.certificate(), crypto::digest(HashAlgorithm::sha256, kContent)) ==
        cms::Crypto::unsupported);
}

TEST_CASE("PKCS#1 v1.5 under rsaEncryption verifies") {
  const Holder& holder = signer(KeyAlgorithm::rsa_3072);
  const auto only = cms::parse(openssl_sign("-cades", holder)).signers.at(0);
  CHECK(only.signature_algorithm_oid == "1.2.840.113549.1.1.1");
  CHECK(cms::verify(only, holder.certificate(), crypto::digest(HashAlgorithm::sha256, kContent)) ==
        cms::Crypto::ok);
}

TEST_CASE("a signature without signed attributes is over the content itself") {
  const cms::SignedData data = cms::parse(openssl_sign("-noattr"));
  const auto& only = data.signers.at(0);
  const Bytes digest = crypto::digest(*only.hash, kContent);
  CHECK(only.signed_attributes.empty());
  CHECK(cms::verify(only, signer().certificate(), digest) == cms::Crypto::ok);
  CHECK_FALSE(cms::signing_certificate(data, only));
}

TEST_CASE("no signing certificate is found without the attribute or the certificate") {
  const cms::SignedData plain = cms::parse(openssl_sign(""));
  CHECK_FALSE(cms::signing_certificate(plain, plain.signers.at(0)));
  const cms::SignedData bare = cms::parse(openssl_sign("-cades -nocerts"));
  CHECK(bare.certificates.empty());
  CHECK_FALSE(cms::signing_certificate(bare, bare.signers.at(0)));
  CHECK(cms::signing_certificate(bare, bare.signers.at(0),
                                 {root().certificate(), signer().certificate()}) ==
        signer().certificate());
}

TEST_CASE("two signers are two SignerInfos") {
  const Folder folder;
  const Bytes one = openssl_sign("-cades -nodetach");
  folder.put("one", one);
  const Holder& other = signer(KeyAlgorithm::ecdsa_p384);
  folder.put("certificate.pem", other.certificate().pem());
  put_key(folder, "key.pem", other);
  const Answer answer = run("cd " + folder.file("") +
                            " && openssl cms -resign -cades -binary -inform DER -in one -signer "
                            "certificate.pem -inkey key.pem -outform DER -out two -nodetach");
  INFO(answer.output);
  REQUIRE(answer.status == 0);
  CHECK(cms::parse(folder.get("two")).signers.size() == 2);
}

TEST_CASE("another key, another digest and a changed value are told apart") {
  const auto parts = signed_parts(signer(), ByteView(kContent));
  auto only = cms::parse(cms::assemble(parts)).signers.at(0);
  const Bytes digest = crypto::sha256(kContent);
  CHECK(cms::verify(only, signer().certificate(), digest) == cms::Crypto::ok);
  CHECK(cms::verify(only, root().certificate(), digest) == cms::Crypto::signature_wrong);
  CHECK(cms::verify(only, signer().certificate(), crypto::sha256(digest)) ==
        cms::Crypto::digest_differs);
  only.signature.back() ^= 1;
  CHECK(cms::verify(only, signer().certificate(), digest) == cms::Crypto::signature_wrong);
}

TEST_CASE("zero octets may follow a signature, other octets not") {
  Bytes message = cms::assemble(signed_parts(signer(), ByteView(kContent)));
  message.resize(message.size() + 5000);
  CHECK(cms::parse(message).signers.size() == 1);
  message.back() = 1;
  CHECK(fault_of([&] { cms::parse(message); }) == Fault::bad_input);
}

TEST_CASE("every truncation is malformed") {
  for (const Bytes& message : {cms::assemble(signed_parts(signer(), ByteView(kContent))),
                               openssl_sign("-cades -stream -nodetach")})
    for (std::size_t size = 0; size < message.size(); ++size)
      REQUIRE(fault_of([&] { cms::parse(ByteView(message).first(size)); }) == Fault::bad_input);
}

TEST_CASE("no flipped bit in a message of openssl does worse than Error") {
  Bytes message = openssl_sign("-cades -stream -nodetach");
  for (std::size_t bit = 0; bit < 8 * message.size(); ++bit) {
    const auto flip = [&] { message[bit / 8] ^= static_cast<std::uint8_t>(1 << (bit % 8)); };
    flip();
    try {
      cms::parse(message);
    } catch (const Error& error) {
      REQUIRE(error.fault == Fault::bad_input);
    }
    flip();
  }
}

TEST_CASE("a tower of indefinite lengths is refused without exhausting the stack") {
  Bytes tower;
  for (int i = 0; i < 2'000'000; ++i) append(tower, Bytes{0x30, 0x80});
  CHECK(fault_of([&] { cms::parse(tower); }) == Fault::bad_input);
}

TEST_CASE("CMS that is not SignedData is refused") {
  const Bytes data = der::sequence(der::oid("1.2.840.113549.1.7.1"),
                                   der::tlv(der::context(0), der::octet_string(kContent)));
  CHECK(fault_of([&] { cms::parse(data); }) == Fault::bad_input);
  CHECK(fault_of([&] { cms::parse({}); }) == Fault::bad_input);
}
