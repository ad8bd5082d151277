#include "xml/signature.h"

#include <utility>

#include "base/error.h"
#include "crypto/der.h"
#include "crypto/digest.h"
#include "xml/signature_names.h"

namespace tsp::xml {
namespace {

using crypto::HashAlgorithm;

constexpr std::string_view kSignedProperties = "http://uri.etsi.org/01903#SignedProperties";
constexpr std::size_t kMostPrefixes = 16, kMostCertificates = 16, kMostKeys = 64;

// What is wrong with the signature: caught in verify_enveloped, becomes SignatureVerdict::problem.
struct Problem {
  std::string text;
};

Element only(const Element& parent, std::string_view name) {
  const auto found = parent.children(kDsig, name);
  if (found.size() != 1) throw Problem{"it has not exactly one " + std::string(name)};
  return found.front();
}

std::string algorithm_of(const Element& element) {
  return element.attribute("Algorithm").value_or("");
}

// The PrefixList of an exclusive canonicalisation; anything else inside is a Problem.
std::vector<std::string> prefixes_of(const Element& method) {
  if (algorithm_of(method) != kExclusive)
    throw Problem{"its canonicalisation is not Exclusive XML Canonicalization 1.0"};
  std::vector<std::string> out;
  for (const Element& each : method.children()) {
    if (!each.is(kExclusive, "InclusiveNamespaces"))
      throw Problem{"its canonicalisation has parameters that are not known"};
    std::string word;
    for (const char c : each.attribute("PrefixList").value_or("") + " ") {
      if (c != ' ' && c != '\t' && c != '\n' && c != '\r') {
        word += c;
      } else if (!word.empty()) {
        out.push_back(std::exchange(word, {}));
      }
    }
  }
  if (out.size() > kMostPrefixes) throw Problem{"its canonicalisation names too many prefixes"};
  return out;
}

struct Reference {
  std::string uri;
  std::string type;
  std::vector<Element> transforms;
  HashAlgorithm hash;
  Bytes digest;
};

Reference read_reference(const Element& element) {
  Reference out;
  const auto uri = element.attribute("URI");
  if (!uri) throw Problem{"a reference has no URI"};
  out.uri = *uri;
  out.type = element.attribute("Type").value_or("");
  for (const Element& list : element.children(kDsig, "Transforms"))
    for (const Element& each : list.children()) out.transforms.push_back(each);
  const std::string method = algorithm_of(only(element, "DigestMethod"));
  const auto* row = find_uri(kDigests, method);
  if (row == nullptr) throw Problem{"a reference's digest algorithm is not taken: " + method};
  out.hash = row->hash;
  const auto digest = only(element, "DigestValue").base64();
  if (!digest) throw Problem{"a reference's digest is no base64"};
  out.digest = *digest;
  return out;
}

// The SignedProperties of this very signature that the reference names, and no other element has
// that name.
Element signed_properties(const Document& document, const Element& signature,
                          const Reference& reference) {
  if (!reference.uri.starts_with("#") || reference.uri.size() < 2)
    throw Problem{"a reference leads to something else than the document and its own properties"};
  const std::string id = reference.uri.substr(1);
  std::optional<Element> found;
  for (const Element& object : signature.children(kDsig, "Object"))
    for (const Element& qualifying : object.children(kXades132, "QualifyingProperties"))
      for (const Element& each : qualifying.children(kXades132, "SignedProperties"))
        if (each.attribute("Id") == id) found = each;
  if (!found || reference.type != kSignedProperties)
    throw Problem{"a reference leads to something else than the document and its own properties"};
  for (const Element& each : document.all())
    for (const char* name : {"Id", "ID", "id"})
      if (each != *found && each.attribute(name) == id)
        throw Problem{"the Id of its properties stands twice"};
  return *found;
}

void read_properties(const Element& properties, SignatureVerdict& verdict) {
  const auto of_signature = properties.child(kXades132, "SignedSignatureProperties");
  if (!of_signature) return;
  if (const auto time = of_signature->child(kXades132, "SigningTime"))
    verdict.signing_time = time->text();
  for (const char* name : {"SigningCertificate", "SigningCertificateV2"})
    for (const Element& list : of_signature->children(kXades132, name))
      for (const Element& certificate : list.children(kXades132, "Cert")) {
        const auto digest = certificate.child(kXades132, "CertDigest");
        if (!digest) throw Problem{"its signing certificate has no digest"};
        const auto* row = find_uri(kDigests, algorithm_of(only(*digest, "DigestMethod")));
        const auto value = only(*digest, "DigestValue").base64();
        if (row == nullptr || !value)
          throw Problem{"the digest of its signing certificate is not understood"};
        if (verdict.signing_certificate.size() < kMostCertificates)
          verdict.signing_certificate.push_back({row->hash, *value});
      }
}

void read_key_info(const Element& signature, SignatureVerdict& verdict) {
  for (const Element& info : signature.children(kDsig, "KeyInfo"))
    for (const Element& data : info.children(kDsig, "X509Data"))
      for (const Element& each : data.children(kDsig, "X509Certificate")) {
        const auto der = each.base64();
        if (der && verdict.certificates.size() < kMostCertificates)
          verdict.certificates.push_back(*der);
      }
}

void compare(const Reference& reference, const Bytes& octets, const char* what) {
  if (!equal(crypto::digest(reference.hash, octets), reference.digest))
    throw Problem{std::string(what) + " is not what was signed"};
}

// XML Signature 1.1 section 6.4.3 (RFC 9231 2.3.6): r and s, each as long as the group's order.
std::optional<Bytes> der_of_ecdsa(const Bytes& value) {
  if (value.empty() || value.size() % 2 != 0) return std::nullopt;
  const ByteView view(value);
  return crypto::der::sequence(crypto::der::unsigned_integer(view.first(value.size() / 2)),
                               crypto::der::unsigned_integer(view.subspan(value.size() / 2)));
}

// What must be read before the signature leaves the document.
struct Read {
  Bytes signed_info;  // canonical
  Bytes value;        // as crypto verifies it
  Reference whole;
};

Element find_signature(const Document& document) {
  std::optional<Element> found;
  for (const Element& each : document.all())
    if (each.is(kDsig, "Signature")) {
      if (found) throw Problem{"there is more than one signature in it"};
      found = each;
    }
  if (!found) throw Problem{"it is not signed"};
  for (const Element& each : document.root().children())
    if (each == *found) return *found;
  throw Problem{"its signature is not a child of the root element"};
}

void check_whole(const Reference& reference) {
  if (reference.transforms.size() != 2 || algorithm_of(reference.transforms[0]) != kEnveloped ||
      !reference.transforms[0].children().empty() || !reference.transforms[0].text().empty())
    throw Problem{"the transforms of its reference are not those of an enveloped signature"};
}

Read read(const Document& document, const Element& signature, SignatureVerdict& verdict) {
  Read out;
  const Element info = only(signature, "SignedInfo");
  out.signed_info = document.canonical(info, prefixes_of(only(info, "CanonicalizationMethod")));
  const Element method = only(info, "SignatureMethod");
  const auto* algorithm = find_uri(kSignatures, algorithm_of(method));
  if (algorithm == nullptr || !method.children().empty())
    throw Problem{"its signature algorithm is not taken: " + algorithm_of(method)};
  verdict.scheme = algorithm->scheme;
  verdict.hash = algorithm->hash;
  auto value = only(signature, "SignatureValue").base64();
  if (value && verdict.scheme == crypto::Scheme::ecdsa) value = der_of_ecdsa(*value);
  if (!value) throw Problem{"its signature value is not understood"};
  out.value = *value;
  read_key_info(signature, verdict);

  const auto references = info.children(kDsig, "Reference");
  if (references.empty() || references.size() > 2)
    throw Problem{"it has not one reference to the document and at most one to its properties"};
  std::optional<Reference> whole, own;
  for (const Element& each : references) {
    Reference reference = read_reference(each);
    (reference.uri.empty() ? whole : own) = std::move(reference);
  }
  if (!whole || (references.size() == 2 && !own))
    throw Problem{"it has not one reference to the document and at most one to its properties"};
  check_whole(*whole);
  if (own) {
    const Element properties = signed_properties(document, signature, *own);
    if (own->transforms.size() != 1)
      throw Problem{"its properties are not canonicalised exclusively"};
    compare(*own, document.canonical(properties, prefixes_of(own->transforms[0])),
            "what it says of itself");
    read_properties(properties, verdict);
  }
  out.whole = std::move(*whole);
  return out;
}

void judge(Document& document, const std::vector<crypto::PublicKey>& keys,
           SignatureVerdict& verdict) {
  const Element signature = find_signature(document);
  const Read found = read(document, signature, verdict);
  const auto prefixes = prefixes_of(found.whole.transforms[1]);
  document.remove(signature);
  compare(found.whole, document.canonical(prefixes), "the document");
  const Bytes digest = crypto::digest(verdict.hash, found.signed_info);
  for (std::size_t i = 0; i < keys.size() && i < kMostKeys; ++i)
    if (keys[i].verify(verdict.scheme, verdict.hash, digest, found.value)) {
      verdict.key = i;
      return;
    }
  throw Problem{"it was not signed by any of the keys that may sign it"};
}

}  // namespace

SignatureVerdict verify_enveloped(Document& document, const std::vector<crypto::PublicKey>& keys) {
  SignatureVerdict verdict;
  try {
    judge(document, keys, verdict);
  } catch (const Problem& problem) {
    verdict.problem = problem.text;
  } catch (const Error& error) {  // no canonical form
    if (error.fault != Fault::bad_input) throw;
    verdict.problem = error.message;
  }
  return verdict;
}

}  // namespace tsp::xml
