// Enveloped XML signatures made by somebody else: the command line of xmlsec1, with keys of
// openssl.
#pragma once

#include "support/command.h"

namespace tsp::test {

struct XmlOrder {
  std::string algorithm = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
  std::string digest = "http://www.w3.org/2001/04/xmlenc#sha256";
  std::string canonicalisation = "http://www.w3.org/2001/10/xml-exc-c14n#";
  std::string uri;          // of the reference
  std::string transforms =  // of the reference
      R"(<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>)"
      R"(<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>)";
  std::string more_references;
  std::string objects;  // behind KeyInfo
};

// The element to put before the root's end, for xmlsec1 to fill in.
inline std::string signature_template(const XmlOrder& order) {
  return R"(<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo>)"
         R"(<ds:CanonicalizationMethod Algorithm=")" +
         order.canonicalisation + R"("/><ds:SignatureMethod Algorithm=")" + order.algorithm +
         R"("/><ds:Reference URI=")" + order.uri + R"("><ds:Transforms>)" + order.transforms +
         R"(</ds:Transforms><ds:DigestMethod Algorithm=")" + order.digest +
         "\"/><ds:DigestValue/></ds:Reference>" + order.more_references +
         "</ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data/></ds:KeyInfo>" +
         order.objects + "</ds:Signature>";
}

// A key with a self-signed certificate, made by openssl.
class XmlSigner {
 public:
  explicit XmlSigner(const std::string& key = "ec -pkeyopt ec_paramgen_curve:P-256") {
    const Answer made =
        run("cd " + folder_.file("") + " && openssl req -x509 -newkey " + key +
            " -nodes -keyout key.pem -out cert.pem -days 3650 -subj /CN=TEST-List-Signer");
    if (made.status != 0) throw std::runtime_error("openssl: " + made.output);
  }
  XmlSigner(const std::string& key_pem, const std::string& certificate_pem) {
    folder_.put("key.pem", key_pem);
    folder_.put("cert.pem", certificate_pem);
  }
  std::string certificate() const { return std::string(as_text(folder_.get("cert.pem"))); }
  std::string certificate_file() const { return folder_.file("cert.pem"); }
  std::string key_file() const { return folder_.file("key.pem"); }

  // Fills in the templates of a document.
  std::string sign(const std::string& document) const {
    folder_.put("template.xml", document);
    const Answer made = run("cd " + folder_.file("") +
                            " && xmlsec1 --sign --privkey-pem key.pem,cert.pem"
                            " --id-attr:Id http://uri.etsi.org/01903/v1.3.2#:SignedProperties"
                            " --id-attr:Id Part --output signed.xml template.xml");
    if (made.status != 0) throw std::runtime_error("xmlsec1: " + made.output);
    return std::string(as_text(folder_.get("signed.xml")));
  }

 private:
  Folder folder_;
};

}  // namespace tsp::test
