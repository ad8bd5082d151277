#include "ops/config.h"

#include <fmt/format.h>
#include <charconv>

#include "base/error.h"
#include "net/mail.h"

namespace tsp::ops {
namespace {

using namespace std::string_view_literals;

enum class Shape {
  text,
  integer,
  count,
  log,
  duration,
  boolean,
  clock,
  channel,
  mail_url,
  address,
  path
};

struct Known {
  SettingInfo info;
  Shape shape;
};

const std::vector<Known>& table() {
  static const std::vector<Known> known{
      {{"hsm.module", "", "PKCS#11 module; empty: the embedded SoftHSM"}, Shape::text},
      {{"hsm.token.root", "tsp-root", "token that holds the root key"}, Shape::text},
      {{"hsm.token.pki", "tsp-pki", "token of the issuing, OCSP and TSA keys"}, Shape::text},
      {{"hsm.token.signers", "tsp-signers", "token of the keys that protect signers' keys"},
       Shape::text},
      {{"hsm.token.audit", "tsp-audit", "token of the audit log's keys"}, Shape::text},
      {{"pki.url", "",
        "where CRLs, CA certificates and OCSP are served; empty: certificates do not say"},
       Shape::text},
      {{"pki.renew_before", "30d",
        "tsp serve renews the certificates of OCSP and TSA when so much of their time is left, or "
        "a quarter of it"},
       Shape::duration},
      {{"crl.interval", "12h",
        "a CRL older than this is overdue and is issued by the next verb that needs it"},
       Shape::duration},
      {{"crl.validity", "72h", "time from thisUpdate to nextUpdate of the issuing CA's CRL"},
       Shape::duration},
      {{"crl.root_validity", "180d", "the same of the root's CRL"}, Shape::duration},
      {{"ocsp.validity", "24h", "time from thisUpdate to nextUpdate of an OCSP answer"},
       Shape::duration},
      {{"audit.checkpoint_interval", "1h",
        "tsp serve signs a checkpoint when the log grew and the last one is so old"},
       Shape::duration},
      {{"tsa.clock", "trusted",
        "synchronised: the kernel's clock must be disciplined; trusted: taken as it is, accuracy "
        "omitted"},
       Shape::clock},
      {{"tsa.accuracy", "1s", "stated in tokens when the clock is synchronised; at most 1s"},
       Shape::duration},
      {{"sign.approval", "5m", "how long an approval may be used; at most 30m"}, Shape::duration},
      {{"sign.documents", "1000", "most documents under one approval"}, Shape::integer},
      {{"sign.authentication_services", "",
        "authentication services whose assertions stand for factors of SCAL 1, which are not taken "
        "here then: ID=FILE, the name of the service's audit log and its ca/sam.pem, with commas "
        "between"},
       Shape::text},
      {{"auth.signing_services", "",
        "signing services, by the names of their audit logs, that factors checked here are "
        "asserted to"},
       Shape::text},
      {{"auth.assertion", "2m", "how long an assertion may be used; at most 5m"}, Shape::duration},
      {{"seal.window", "24h", "longest window in which a machine signs for a legal person"},
       Shape::duration},
      {{"seal.count", "10000", "most signatures in one of them"}, Shape::integer},
      {{"pin.tries", "5", "the wrong try that locks a signer"}, Shape::integer},
      {{"roles.administrator", "",
        "who may do what through tsp serve, such as user:alice, group:officers; where no role is "
        "set, the server's own user and root hold all of them. Groups, settings, the TSP's own "
        "certificates"},
       Shape::text},
      {{"roles.officer", "", "signers, their factors, keys and certificates"}, Shape::text},
      {{"roles.operator", "", "CRLs, checkpoints, status"}, Shape::text},
      {{"roles.auditor", "", "reads all records; nobody is officer and auditor"}, Shape::text},
      {{"roles.application", "", "signers' programs: signing with that signer's factors"},
       Shape::text},
      {{"roles.gateway", "", "a reverse proxy, which speaks for the holder of an API key"},
       Shape::text},
      {{"serve.approvals", "0", "workers that check factors; 0: one a processor"}, Shape::count},
      {{"serve.signatures", "0", "workers that sign; 0: one a processor"}, Shape::count},
      {{"serve.memory", "64",
        "MiB of its own that a worker that signs may hold; then another takes its place"},
       Shape::integer},
      {{"serve.connections", "1024", "most connections at a time"}, Shape::integer},
      {{"serve.log", "info", "what is written to standard error: error, warning, notice, info"},
       Shape::log},
      {{"space.records", "10000",
        "signing records for which space is kept back on the store's disk; below it only signing, "
        "revocation and audit go on"},
       Shape::integer},
      {{"client.root", "",
        "for commands that ask a server: PEM file of the roots under which its activation module "
        "must be certified before PIN or code are sent; empty: HOME/ca/root.pem for the server of "
        "HOME, nothing for others"},
       Shape::path},
      {{"csc.documents", "false",
        "whether signatures/signDoc of the CSC API takes whole documents, which then cross to the "
        "server; for keys of SCAL 1"},
       Shape::boolean},
      {{"fetch.timeout", "20s", "for time-stamps and revocation data from elsewhere"},
       Shape::duration},
      {{"notices.channel", "none",
        "how signers are told of uses of their keys and get out-of-band codes: none, mail, "
        "command"},
       Shape::channel},
      {{"notices.expiry", "30d",
        "tsp serve tells signers of the end of their certificates so long before it"},
       Shape::duration},
      {{"notices.command", "",
        "program that gets the address and the subject as arguments and the text on standard "
        "input; 0: delivered"},
       Shape::path},
      {{"notices.timeout", "20s", "for one delivery; the command is killed after it"},
       Shape::duration},
      {{"notices.mail.url", "",
        "smtps://HOST[:PORT], or smtp://HOST[:PORT] with STARTTLS (but to this host itself)"},
       Shape::mail_url},
      {{"notices.mail.from", "", "address of the sender"}, Shape::address},
      {{"notices.mail.user", "", "user name for the mail server; empty: it asks for none"},
       Shape::text},
      {{"notices.mail.password_file", "",
        "file with its password, ours and 0600; the first line counts"},
       Shape::path},
  };
  return known;
}

const Known* find(std::string_view name) {
  for (const Known& known : table())
    if (known.info.name == name) return &known;
  return nullptr;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (error != std::errc() || number < 0 || number > 100000000) return std::nullopt;
  if (unit == "s") return std::chrono::seconds(number);
  if (unit == "m") return std::chrono::minutes(number);
  if (unit == "h") return std::chrono::hours(number);
  if (unit == "d") return std::chrono::hours(24 * number);
  return std::nullopt;
}

namespace {

// Why a value is impossible, or empty.
std::string objection(const Known& known, const std::string& text) {
  switch (known.shape) {
    case Shape::text:
      return "";
    case Shape::integer: {
      const auto number = parse_integer(text);
      return number && *number > 0 ? "" : "it takes a positive number";
    }
    case Shape::count: {
      const auto number = parse_integer(text);
      return number && *number >= 0 && *number <= 256 ? "" : "it takes a number from 0 to 256";
    }
    case Shape::log:
      return text == "error" || text == "warning" || text == "notice" || text == "info"
                 ? ""
                 : "it takes error, warning, notice or info";
    case Shape::duration:
      return parse_duration(text) ? "" : "it takes a duration such as 30s, 5m, 12h or 90d";
    case Shape::boolean:
      return text == "true" || text == "false" ? "" : "it takes true or false";
    case Shape::clock:
      return text == "trusted" || text == "synchronised" ? "" : "it takes trusted or synchronised";
    case Shape::channel:
      return text == "none" || text == "mail" || text == "command"
                 ? ""
                 : "it takes none, mail or command";
    case Shape::mail_url:
      return text.empty() || net::is_mail_url(text)
                 ? ""
                 : "it takes smtp://HOST[:PORT] or smtps://HOST[:PORT]";
    case Shape::address:
      return text.empty() || net::is_mail_address(text) ? "" : "it takes an address such as a@b.c";
    case Shape::path:
      return text.empty() || text.starts_with('/') ? "" : "it takes an absolute path";
  }
  return "";
}

// Bounds that no configuration may leave.
std::string beyond_bounds(std::string_view name, const std::string& text) {
  const auto seconds = parse_duration(text);
  if (name == "sign.approval" && seconds &&
      (*seconds < std::chrono::seconds(10) || *seconds > std::chrono::minutes(30)))
    return "it lies between 10s and 30m";
  if (name == "auth.assertion" && seconds &&
      (*seconds < std::chrono::seconds(5) || *seconds > std::chrono::minutes(5)))
    return "it lies between 5s and 5m";
  if (name == "tsa.accuracy" && seconds && *seconds > std::chrono::seconds(1))
    return "it is at most 1s";
  if (name == "crl.interval" && seconds && *seconds > std::chrono::hours(24))
    return "a CRL is issued at least every 24h (EN 319 411-1)";
  if (name == "notices.timeout" && seconds &&
      (*seconds < std::chrono::seconds(1) || *seconds > std::chrono::minutes(5)))
    return "it lies between 1s and 5m";
  if (name == "audit.checkpoint_interval" && seconds && *seconds < std::chrono::seconds(10))
    return "it is at least 10s";
  if (name == "pin.tries" && parse_integer(text).value_or(0) > 10) return "it is at most 10";
  return "";
}

}  // namespace

const std::vector<SettingInfo>& known_settings() {
  static const std::vector<SettingInfo> infos = [] {
    std::vector<SettingInfo> out;
    for (const Known& known : table()) out.push_back(known.info);
    return out;
  }();
  return infos;
}

Config::Config() {
  for (const SettingInfo& info : known_settings())
    values_[std::string(info.name)] = {std::string(info.fallback), "default"};
}

void Config::set(const std::string& name, const std::string& text, const std::string& origin) {
  const Known* known = find(name);
  if (known == nullptr)
    throw Error(Fault::bad_input, fmt::format("{}: there is no setting {}", origin, name), "",
                "tsp config show lists the settings");
  std::string why = objection(*known, text);
  if (why.empty()) why = beyond_bounds(name, text);
  if (!why.empty())
    throw Error(Fault::bad_input, fmt::format("{}: {} = {} is impossible", origin, name, text),
                why);
  values_[name] = {text, origin};
}

namespace {

void merge_into(Config& config, const yaml::Node& node, const std::string& prefix) {
  for (const auto& [key, value] : node.members()) {
    const std::string name = prefix.empty() ? key : fmt::format("{}.{}", prefix, key);
    if (value.kind() == yaml::Node::Kind::mapping)
      merge_into(config, value, name);
    else if (value.kind() == yaml::Node::Kind::null)
      continue;
    else
      config.set(name, value.text(), fmt::format("{}:{}", value.source(), value.line()));
  }
}

}  // namespace

void Config::merge(const yaml::Node& tree) {
  if (tree.kind() == yaml::Node::Kind::null) return;
  merge_into(*this, tree, "");
}

const std::string& Config::text(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) throw Error(Fault::failed, fmt::format("no setting {}", name));
  return found->second.text;
}

std::int64_t Config::integer(std::string_view name) const {
  return parse_integer(text(name)).value_or(0);
}

bool Config::boolean(std::string_view name) const {
  return text(name) == "true";
}

std::chrono::seconds Config::duration(std::string_view name) const {
  return parse_duration(text(name)).value_or(std::chrono::seconds(0));
}

namespace {

// Text that YAML reads back as it is.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

}  // namespace

std::string commented_yaml(const std::map<std::string, std::string>& given) {
  std::string out =
      "# Configuration of this TSP. What is commented out is the default.\n"
      "# tsp config show --origin tells what is in force and why.\n";
  std::vector<std::string> open;  // sections written
  for (const SettingInfo& info : known_settings()) {
    std::vector<std::string> path;
    std::string_view rest = info.name;
    for (std::size_t dot; (dot = rest.find('.')) != std::string_view::npos;
         rest.remove_prefix(dot + 1))
      path.emplace_back(rest.substr(0, dot));
    std::size_t same = 0;
    while (same < path.size() && same < open.size() && path[same] == open[same]) ++same;
    for (std::size_t i = same; i < path.size(); ++i) {
      if (i == 0) out += "\n";
      out += fmt::format("{}{}:\n", std::string(i * 2, ' '), path[i]);
    }
    open = path;
    const std::string indent(path.size() * 2, ' ');
    const auto value = given.find(std::string(info.name));
    out += fmt::format("{}# {}\n", indent, info.comment);
    if (value != given.end())
      out += fmt::format("{}{}: {}\n", indent, rest, quoted(value->second));
    else
      out += fmt::format("{}# {}: {}\n", indent, rest, quoted(std::string(info.fallback)));
  }
  return out;
}

}  // namespace tsp::ops
