// Reading trusted lists: the tree that ETSI TS 119 612 draws, into values.
#include "trust/trusted_list.h"

#include <fmt/format.h>

#include <charconv>

#include "base/error.h"
#include "base/text.h"
#include "trust/trusted_list_names.h"
#include "trust/trusted_list_parts.h"

namespace tsp::trust {
namespace {

using xml::Element;

constexpr std::int64_t kOldestVersion = 4, kNewestVersion = 6;  // TSLVersionIdentifier
constexpr std::size_t kMostPointers = 200, kMostServices = 20'000, kMostCertificates = 50'000;

class Reader {
 public:
  explicit Reader(const std::string& name) : name_(name) {}

  TrustedList read(const Element& root) {
    if (!root.is(kTsl, "TrustServiceStatusList"))
      refuse("its root is no TrustServiceStatusList of ETSI TS 119 612");
    read_scheme(required(root, "SchemeInformation"));
    for (const Element& providers : root.children(kTsl, "TrustServiceProviderList"))
      for (const Element& provider : providers.children(kTsl, "TrustServiceProvider"))
        read_provider(provider);
    return std::move(list_);
  }

 private:
  [[noreturn]] void refuse(std::string why) const {
    throw Error(Fault::bad_input, name_ + " is no trusted list that is read here", std::move(why));
  }

  Element required(const Element& parent, std::string_view name) const {
    const auto found = parent.children(kTsl, name);
    if (found.size() != 1)
      refuse(fmt::format("{} has not exactly one {}", printable(parent.name()), name));
    return found.front();
  }

  std::string text_of(const Element& parent, std::string_view name) const {
    const auto found = parent.child(kTsl, name);
    return found ? found->text() : std::string();
  }

  std::int64_t number(const Element& element) const {
    const std::string text = element.text();
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 0)
      refuse(fmt::format("{} is no number", printable(element.name())));
    return value;
  }

  Time time(const Element& element) const {
    const auto value = from_rfc3339(element.text());
    if (!value) refuse(fmt::format("{} is no time", printable(element.name())));
    return *value;
  }

  // InternationalNames: the English one, else the first.
  std::string name_in(const Element& parent, std::string_view list) const {
    const auto names = parent.child(kTsl, list);
    if (!names) return {};
    std::string first;
    for (const Element& name : names->children(kTsl, "Name")) {
      if (name.attribute(kXmlNames, "lang") == "en") return name.text();
      if (first.empty()) first = name.text();
    }
    return first;
  }

  void read_scheme(const Element& scheme) {
    const std::int64_t version = number(required(scheme, "TSLVersionIdentifier"));
    if (version < kOldestVersion || version > kNewestVersion)
      refuse(fmt::format("its version is {}", version));
    list_.sequence = number(required(scheme, "TSLSequenceNumber"));
    list_.type = required(scheme, "TSLType").text();
    list_.operator_name = name_in(scheme, "SchemeOperatorName");
    list_.territory = text_of(scheme, "SchemeTerritory");
    list_.issued = time(required(scheme, "ListIssueDateTime"));
    const auto next = required(scheme, "NextUpdate").child(kTsl, "dateTime");
    if (next) list_.next_update = time(*next);
    for (const Element& pointers : scheme.children(kTsl, "PointersToOtherTSL"))
      for (const Element& pointer : pointers.children(kTsl, "OtherTSLPointer"))
        read_pointer(pointer);
  }

  void read_pointer(const Element& element) {
    if (list_.pointers.size() >= kMostPointers) refuse("it points to too many lists");
    ListPointer pointer;
    pointer.location = required(element, "TSLLocation").text();
    bool machine_readable = true;
    for (const Element& more : element.children(kTsl, "AdditionalInformation"))
      for (const Element& other : more.children(kTsl, "OtherInformation")) {
        if (const auto type = other.child(kTsl, "TSLType")) pointer.type = type->text();
        if (const auto where = other.child(kTsl, "SchemeTerritory"))
          pointer.territory = where->text();
        if (const auto media = other.child(kTslAdditional, "MimeType"))
          machine_readable = media->text() == kListMediaType;
      }
    if (!machine_readable) return;  // the PDF for people
    for (const Element& identities : element.children(kTsl, "ServiceDigitalIdentities"))
      for (const Element& identity : identities.children(kTsl, "ServiceDigitalIdentity"))
        read_identity(identity, pointer.signers, nullptr);
    list_.pointers.push_back(std::move(pointer));
  }

  void read_identity(const Element& identity, std::vector<x509::Certificate>& certificates,
                     std::vector<Bytes>* key_ids) {
    for (const Element& id : identity.children(kTsl, "DigitalId")) {
      for (const Element& each : id.children(kTsl, "X509Certificate")) {
        if (++certificates_ > kMostCertificates) refuse("it has too many certificates");
        const auto der = each.base64();
        try {
          if (!der) throw Error(Fault::bad_input, "no base64");
          certificates.push_back(x509::Certificate::from_der(*der));
        } catch (const Error&) {
          ++list_.unreadable;
        }
      }
      for (const Element& each : id.children(kTsl, "X509SKI")) {
        const auto key_id = each.base64();
        if (key_id && key_ids != nullptr) key_ids->push_back(*key_id);
      }
    }
  }

  void read_provider(const Element& provider) {
    const auto information = provider.child(kTsl, "TSPInformation");
    const std::string name = information ? name_in(*information, "TSPName") : std::string();
    for (const Element& services : provider.children(kTsl, "TSPServices"))
      for (const Element& service : services.children(kTsl, "TSPService")) {
        if (list_.services.size() >= kMostServices) refuse("it has too many services");
        list_.services.push_back(read_service(service, name));
      }
  }

  ListedService read_service(const Element& element, const std::string& provider) {
    ListedService out;
    out.provider = provider;
    const Element current = required(element, "ServiceInformation");
    out.name = name_in(current, "ServiceName");
    read_identity(required(current, "ServiceDigitalIdentity"), out.certificates, &out.key_ids);
    out.statuses.push_back(read_status(current));
    out.unknown_critical = unknown_critical(current);
    for (const Element& history : element.children(kTsl, "ServiceHistory"))
      for (const Element& instance : history.children(kTsl, "ServiceHistoryInstance"))
        out.statuses.push_back(read_status(instance));
    return out;
  }

  ServiceStatus read_status(const Element& element) {
    ServiceStatus out;
    out.type = required(element, "ServiceTypeIdentifier").text();
    out.status = required(element, "ServiceStatus").text();
    out.from = time(required(element, "StatusStartingTime"));
    for (const Element& extension : extensions_of(element))
      for (const Element& more : extension.children(kTsl, "AdditionalServiceInformation"))
        out.additional.push_back(text_of(more, "URI"));
    return out;
  }

  static std::vector<Element> extensions_of(const Element& element) {
    std::vector<Element> out;
    for (const Element& list : element.children(kTsl, "ServiceInformationExtensions"))
      for (const Element& extension : list.children(kTsl, "Extension")) out.push_back(extension);
    return out;
  }

  // 5.5.9: what is critical and not understood makes the entry unusable.
  static std::string unknown_critical(const Element& element) {
    for (const Element& extension : extensions_of(element)) {
      const std::string critical = extension.attribute("Critical").value_or("");
      if (critical != "true" && critical != "1") continue;
      for (const Element& content : extension.children())
        if (!content.is(kTsl, "AdditionalServiceInformation") &&
            !content.is(kTsl, "ExpiredCertsRevocationInfo") &&
            !content.is(kTslExtensions, "Qualifications") &&
            !content.is(kTslAdditional, "TakenOverBy"))
          return std::string(content.name());
    }
    return {};
  }

  const std::string& name_;
  TrustedList list_;
  std::size_t certificates_ = 0;
};

}  // namespace

bool TrustedList::is_list_of_lists() const {
  return type == kListOfLists;
}

TrustedList parse_trusted_list(const xml::Document& document, const std::string& name) {
  return Reader(name).read(document.root());
}

TrustedList read_trusted_list(ByteView octets, const std::string& name,
                              const std::vector<x509::Certificate>& signers, Time now) {
  xml::Limits limits;
  limits.size = kLargestList;
  auto document = xml::Document::parse(octets, name, limits);
  // The shape first: what is no list at all is said to be none.
  if (!document.root().is(kTsl, "TrustServiceStatusList")) parse_trusted_list(document, name);
  check_signature(document, name, signers, now);  // leaves in it only what was signed
  return parse_trusted_list(document, name);
}

}  // namespace tsp::trust
