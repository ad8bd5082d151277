#include "xml/signature.h"
#include "base/error.h"
#include "support/catch.h"
#include "support/xml_signing.h"
#include "x509/certificate.h"

using namespace tsp;
using namespace tsp::test;

namespace {

const XmlSigner& signer() {
  static const XmlSigner one;
  return one;
}
const XmlSigner& other() {
  static const XmlSigner one;
  return one;
}
const XmlSigner& rsa() {
  static const XmlSigner one("rsa:3072");
  return one;
}

std::string document(const XmlOrder& order = {}) {
  return "<list xmlns=\"urn:list\"><entry>one</entry><entry>two</entry>" +
         signature_template(order) + "</list>";
}

crypto::PublicKey key_of(const XmlSigner& signer) {
  return x509::Certificate::from_pem(signer.certificate()).public_key();
}

std::string verdict(const std::string& text, const std::vector<crypto::PublicKey>& keys) {
  auto document = xml::Document::parse(as_bytes(text), "the test");
  const auto verdict = xml::verify_enveloped(document, keys);
  CHECK(verdict.problem.empty() == verdict.key.has_value());
  return verdict.problem.empty() ? "good" : verdict.problem;
}
std::string verdict(const std::string& text) {
  return verdict(text, {key_of(signer())});
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

// A XAdES signature: its properties are signed too, and name the certificate.
XmlOrder with_properties() {
  XmlOrder order;
  order.more_references =
      R"(<ds:Reference URI="#props" Type="http://uri.etsi.org/01903#SignedProperties">)"
      R"(<ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>)"
      R"(</ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>)"
      R"(<ds:DigestValue/></ds:Reference>)";
  order.objects =
      R"(<ds:Object><xades:QualifyingProperties xmlns:xades="http://uri.etsi.org/01903/v1.3.2#">)"
      R"(<xades:SignedProperties Id="props"><xades:SignedSignatureProperties>)"
      R"(<xades:SigningTime>2026-11-01T00:00:00Z</xades:SigningTime>)"
      R"(<xades:SigningCertificateV2><xades:Cert><xades:CertDigest>)"
      R"(<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>)"
      R"(<ds:DigestValue>aGVsbG8=</ds:DigestValue></xades:CertDigest></xades:Cert>)"
      R"(</xades:SigningCertificateV2></xades:SignedSignatureProperties>)"
      R"(</xades:SignedProperties></xades:QualifyingProperties></ds:Object>)";
  return order;
}

}  // namespace

TEST_CASE("signatures of xmlsec1 hold, by every algorithm") {
  struct Row {
    const char* key;
    std::vector<std::pair<const char*, const char*>> algorithms;
  };
  const std::string more = "http://www.w3.org/2001/04/xmldsig-more#";
  for (const auto& [key, algorithms] :
       std::vector<Row>{{"rsa:3072",
                         {{"rsa-sha256", "http://www.w3.org/2001/04/xmlenc#sha256"},
                          {"rsa-sha384", "http://www.w3.org/2001/04/xmldsig-more#sha384"},
                          {"rsa-sha512", "http://www.w3.org/2001/04/xmlenc#sha512"}}},
                        {"ec -pkeyopt ec_paramgen_curve:P-384",
                         {{"ecdsa-sha384", "http://www.w3.org/2001/04/xmldsig-more#sha384"}}},
                        {"ec -pkeyopt ec_paramgen_curve:P-521",
                         {{"ecdsa-sha512", "http://www.w3.org/2001/04/xmlenc#sha512"}}}}) {
    const XmlSigner signer(key);
    for (const auto& [algorithm, digest] : algorithms) {
      XmlOrder order;
      order.algorithm = more + algorithm;
      order.digest = digest;
      INFO(algorithm);
      CHECK(verdict(signer.sign(document(order)), {key_of(signer)}) == "good");
    }
  }
  CHECK(verdict(signer().sign(document())) == "good");
}

TEST_CASE("an RSA-PSS signature made by openssl over what xmllint canonicalises holds") {
  Folder folder;
  const std::string body = "<list xmlns=\"urn:list\"><entry>one</entry></list>";
  folder.put("body.xml", body);
  const auto base64_of = [&](const std::string& command) {
    return run("cd " + folder.file("") + " && " + command + " | base64 -w0").output;
  };
  XmlOrder order;
  order.algorithm = "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1";
  std::string signature = signature_template(order);
  signature = replaced(signature, "<ds:DigestValue/>",
                       "<ds:DigestValue>" +
                           base64_of("xmllint --exc-c14n body.xml | openssl dgst -sha256 -binary") +
                           "</ds:DigestValue>");
  const auto begin = signature.find("<ds:SignedInfo>");
  const auto end = signature.find("</ds:SignedInfo>") + 16;
  folder.put("info.xml",
             replaced(signature.substr(begin, end - begin), "<ds:SignedInfo>",
                      "<ds:SignedInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">"));
  signature = replaced(
      signature, "<ds:SignatureValue/>",
      "<ds:SignatureValue>" +
          base64_of("xmllint --exc-c14n info.xml | openssl dgst -sha256 -sign " + rsa().key_file() +
                    " -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest -binary") +
          "</ds:SignatureValue>");
  CHECK(verdict(replaced(body, "</list>", signature + "</list>"), {key_of(rsa())}) == "good");
}

TEST_CASE("what is left of the document is what was signed") {
  auto document = xml::Document::parse(as_bytes(signer().sign(::document())), "the test");
  const auto verdict = xml::verify_enveloped(document, {key_of(other()), key_of(signer())});
  CHECK(verdict.key == 1);
  REQUIRE(verdict.certificates.size() == 1);
  CHECK(verdict.certificates[0] == x509::Certificate::from_pem(signer().certificate()).der());
  CHECK(as_text(document.canonical()) ==
        "<list xmlns=\"urn:list\"><entry>one</entry><entry>two</entry></list>");
}

TEST_CASE("the properties of XAdES are signed and read") {
  const std::string text = signer().sign(document(with_properties()));
  auto document = xml::Document::parse(as_bytes(text), "the test");
  const auto verdict = xml::verify_enveloped(document, {key_of(signer())});
  CHECK(verdict.problem.empty());
  CHECK(verdict.signing_time == "2026-11-01T00:00:00Z");
  REQUIRE(verdict.signing_certificate.size() == 1);
  CHECK(as_text(verdict.signing_certificate[0].value) == "hello");
  CHECK_THAT(::verdict(replaced(text, "2026-11-01", "2026-11-02")),
             ContainsSubstring("is not what was"));
}

TEST_CASE("another key did not sign it, whatever KeyInfo says") {
  const std::string text = other().sign(document());
  CHECK_THAT(verdict(text), ContainsSubstring("not signed by any of the keys"));
  CHECK_THAT(verdict(text, {}), ContainsSubstring("not signed by any of the keys"));
  CHECK_THAT(verdict(text, {key_of(rsa())}), ContainsSubstring("not signed by any of the keys"));
}

TEST_CASE("a changed byte is seen") {
  const std::string text = signer().sign(document());
  CHECK_THAT(verdict(replaced(text, ">one<", ">One<")),
             ContainsSubstring("is not what was signed"));
  CHECK_THAT(verdict(replaced(text, "<entry>two</entry>", "")),
             ContainsSubstring("is not what was signed"));
  CHECK_THAT(verdict(replaced(text, "URI=\"\"", "URI=\"\" Id=\"x\"")),
             ContainsSubstring("not signed by any of the keys"));
  const auto at = text.find("<ds:SignatureValue>") + 25;
  std::string changed = text;
  changed[at] = changed[at] == 'A' ? 'B' : 'A';
  CHECK_THAT(verdict(changed), ContainsSubstring("not signed by any of the keys"));
}

TEST_CASE("comments are not signed and not read") {
  const std::string text = signer().sign(document());
  CHECK(verdict(replaced(text, ">one<", ">on<!-- x -->e<")) == "good");
}

TEST_CASE("what is not signed, or signed twice, is refused") {
  CHECK(verdict("<list/>") == "it is not signed");
  const std::string text = signer().sign(document());
  CHECK(verdict("<a>" + text.substr(text.find("<list")) + text.substr(text.find("<list")) +
                "</a>") == "there is more than one signature in it");
}

TEST_CASE("a signed document inside another is refused") {
  const std::string text = signer().sign(document());
  CHECK(verdict("<evil><keep>" + text.substr(text.find("<list")) + "</keep></evil>") ==
        "its signature is not a child of the root element");
}

TEST_CASE("a signature wrapped around false content is refused") {
  XmlOrder order;
  order.uri = "#part";
  const std::string signed_part =
      signer().sign("<list xmlns=\"urn:list\"><Part xmlns=\"\" Id=\"part\">good</Part>" +
                    signature_template(order) + "</list>");
  CHECK_THAT(verdict(signed_part), ContainsSubstring("not one reference to the document"));
  const std::string wrapped =
      replaced(signed_part, "<Part xmlns=\"\" Id=\"part\">good</Part>",
               "<entry>false</entry><old><Part xmlns=\"\" Id=\"part\">good</Part></old>");
  CHECK_THAT(verdict(wrapped), ContainsSubstring("not one reference to the document"));
}

TEST_CASE("properties whose Id stands twice are refused") {
  const std::string text = signer().sign(document(with_properties()));
  CHECK_THAT(verdict(replaced(text, "<entry>one", "<entry Id=\"props\">one")),
             ContainsSubstring("stands twice"));
}

TEST_CASE("other references, transforms and algorithms are refused") {
  const std::string exclusive =
      R"(<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>)";
  const std::string enveloped =
      R"(<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>)";
  XmlOrder inclusive;
  inclusive.canonicalisation = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
  CHECK_THAT(verdict(signer().sign(document(inclusive))), ContainsSubstring("not Exclusive"));
  XmlOrder plain;
  plain.transforms = enveloped;
  CHECK_THAT(verdict(signer().sign(document(plain))), ContainsSubstring("transforms"));
  XmlOrder narrowed;
  narrowed.transforms =
      R"(<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116">)"
      R"(<ds:XPath>not(ancestor-or-self::ds:Signature) and self::text()</ds:XPath></ds:Transform>)" +
      exclusive;
  CHECK_THAT(verdict(signer().sign(document(narrowed))), ContainsSubstring("transforms"));
  XmlOrder old;
  old.algorithm = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
  old.digest = "http://www.w3.org/2000/09/xmldsig#sha1";
  CHECK_THAT(verdict(rsa().sign(document(old)), {key_of(rsa())}),
             ContainsSubstring("digest algorithm"));
  old = {};
  old.algorithm = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";
  CHECK_THAT(verdict(rsa().sign(document(old)), {key_of(rsa())}),
             ContainsSubstring("signature algorithm"));
  XmlOrder twice;
  twice.more_references = "<ds:Reference URI=\"\"><ds:Transforms>" + enveloped + exclusive +
                          "</ds:Transforms><ds:DigestMethod "
                          "Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/>"
                          "<ds:DigestValue/></ds:Reference>";
  CHECK_THAT(verdict(signer().sign(document(twice))), ContainsSubstring("not one reference"));
}

TEST_CASE("a reference to the network or a file leads nowhere") {
  for (const char* uri : {"http://127.0.0.1:1/x", "file:///etc/passwd", "#xpointer(/)"}) {
    const std::string text =
        replaced(signer().sign(document()), "URI=\"\"", "URI=\"" + std::string(uri) + "\"");
    CHECK_THAT(verdict(text), ContainsSubstring("not one reference to the document"));
  }
}
