#include "ops/trust_file.h"

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"

namespace tsp::ops {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTrustFormat = "tsp trust 1";
constexpr const char* kExtension = ".json";
constexpr std::size_t kLargestTrustFile = std::size_t{128} << 20;

Json optional_time(const std::optional<Time>& time) {
  return time ? Json(to_rfc3339(*time)) : Json(nullptr);
}

std::string_view name_of(trust::Service service) {
  return service == trust::Service::timestamps ? "timestamps" : "certificates";
}

Json encode(const KeptList& list) {
  return {{"url", list.url},
          {"operator", list.operator_name},
          {"territory", list.territory},
          {"type", list.type},
          {"sequence", list.sequence},
          {"issued", to_rfc3339(list.issued)},
          {"next_update", optional_time(list.next_update)},
          {"sha256", list.sha256},
          {"verified", to_rfc3339(list.verified)},
          {"etag", list.etag},
          {"last_modified", list.last_modified},
          {"signers", list.signers}};
}

Json encode(const KeptAnchor& anchor) {
  Json terms = Json::array();
  for (const trust::Term& term : anchor.terms)
    terms.push_back({{"service", name_of(term.service)},
                     {"from", to_rfc3339(term.from)},
                     {"until", optional_time(term.until)}});
  return {{"list", anchor.list ? Json(*anchor.list) : Json(nullptr)},
          {"provider", anchor.provider},
          {"service", anchor.service},
          {"certificate", to_base64(anchor.certificate.der())},
          {"terms", std::move(terms)}};
}

// Reads strictly; what is missing or of another kind is one Error, thrown by whoever calls
// decode().
struct Malformed {};

Time time_at(const Json& object, const char* name) {
  const auto time = from_rfc3339(object.at(name).get<std::string>());
  if (!time) throw Malformed{};
  return *time;
}

std::optional<Time> maybe_time_at(const Json& object, const char* name) {
  if (object.at(name).is_null()) return std::nullopt;
  return time_at(object, name);
}

x509::Certificate decode_certificate(const Json& text) {
  const auto der = from_base64(text.get<std::string>());
  if (!der) throw Malformed{};
  return x509::Certificate::from_der(*der);
}

KeptList decode_list(const Json& object) {
  KeptList out;
  out.url = object.at("url").get<std::string>();
  out.operator_name = object.at("operator").get<std::string>();
  out.territory = object.at("territory").get<std::string>();
  out.type = object.at("type").get<std::string>();
  out.sequence = object.at("sequence").get<std::int64_t>();
  out.issued = time_at(object, "issued");
  out.next_update = maybe_time_at(object, "next_update");
  out.sha256 = object.at("sha256").get<std::string>();
  out.verified = time_at(object, "verified");
  // Of later versions; without them it is fetched whole.
  out.etag = object.value("etag", "");
  out.last_modified = object.value("last_modified", "");
  out.signers = object.value("signers", "");
  return out;
}

trust::Term decode_term(const Json& object) {
  const std::string service = object.at("service").get<std::string>();
  if (service != "certificates" && service != "timestamps") throw Malformed{};
  return {service == "timestamps" ? trust::Service::timestamps : trust::Service::certificates,
          time_at(object, "from"), maybe_time_at(object, "until")};
}

KeptAnchor decode_anchor(const Json& object, std::size_t lists) {
  KeptAnchor out{{},
                 object.at("provider").get<std::string>(),
                 object.at("service").get<std::string>(),
                 decode_certificate(object.at("certificate")),
                 {}};
  if (!object.at("list").is_null()) {
    out.list = object.at("list").get<std::size_t>();
    // An anchor of a list without terms would count always.
    if (*out.list >= lists || object.at("terms").empty()) throw Malformed{};
  }
  for (const Json& term : object.at("terms")) out.terms.push_back(decode_term(term));
  return out;
}

TrustEntry decode(const Json& object) {
  if (object.at("format").get<std::string>() != kTrustFormat) throw Malformed{};
  TrustEntry out;
  out.name = object.at("name").get<std::string>();
  out.kind = object.at("kind").get<std::string>();
  out.url = object.at("url").get<std::string>();
  out.file = object.at("file").get<std::string>();
  out.territories = object.at("territories").get<std::vector<std::string>>();
  for (const Json& signer : object.at("signers")) out.signers.push_back(decode_certificate(signer));
  out.added = time_at(object, "added");
  for (const Json& list : object.at("lists")) out.lists.push_back(decode_list(list));
  for (const Json& anchor : object.at("anchors"))
    out.anchors.push_back(decode_anchor(anchor, out.lists.size()));
  return out;
}

}  // namespace

std::string trust_file(const Home& home, const std::string& name) {
  return home.trust() + "/" + name + kExtension;
}

std::vector<std::string> trust_names(const Home& home) {
  std::vector<std::string> out;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(home.trust(), error))
    if (entry.is_regular_file(error) && entry.path().extension() == kExtension)
      out.push_back(entry.path().stem().string());
  std::ranges::sort(out);
  return out;
}

TrustEntry read_trust(const Home& home, const std::string& name) {
  const std::string path = trust_file(home, name);
  if (!exists(path))
    throw Error(Fault::not_found, "nothing named " + printable(name) + " is trusted", "",
                "tsp trust list shows what is");
  JsonLimits limits;
  limits.size = kLargestTrustFile;
  const Json object = parse_json(read_file(path, kLargestTrustFile), path, limits);
  try {
    TrustEntry entry = decode(object);
    if (entry.name != name) throw Malformed{};
    return entry;
  } catch (const Json::exception&) {
  } catch (const Malformed&) {
  }
  throw Error(Fault::bad_input, path + " is not what tsp trust writes", "",
              "remove it and add it anew with tsp trust add");
}

std::string trust_json(const TrustEntry& entry) {
  Json signers = Json::array(), lists = Json::array(), anchors = Json::array();
  for (const x509::Certificate& signer : entry.signers) signers.push_back(to_base64(signer.der()));
  for (const KeptList& list : entry.lists) lists.push_back(encode(list));
  for (const KeptAnchor& anchor : entry.anchors) anchors.push_back(encode(anchor));
  return dump(Json{{"format", kTrustFormat},
                   {"name", entry.name},
                   {"kind", entry.kind},
                   {"url", entry.url},
                   {"file", entry.file},
                   {"territories", entry.territories},
                   {"signers", std::move(signers)},
                   {"added", to_rfc3339(entry.added)},
                   {"lists", std::move(lists)},
                   {"anchors", std::move(anchors)}}) +
         "\n";
}

void write_trust(const Home& home, const TrustEntry& entry) {
  make_directory(home.trust(), 0700);
  write_file(trust_file(home, entry.name), as_bytes(trust_json(entry)), Existing::replace, 0600);
}

}  // namespace tsp::ops
