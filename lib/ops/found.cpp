#include "ops/found.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <cerrno>
#include <filesystem>

#include "audit/checkpoint.h"
#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "hsm/softhsm.h"
#include "ops/audit_log.h"
#include "ops/certify.h"
#include "ops/crls.h"
#include "sam/factors.h"
#include "x509/issue.h"

namespace tsp::ops {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestName = 40;  // "… TEST Issuing CA" must fit 64
constexpr std::size_t kPinOctets = 16;

// The folder beside HOME in which everything is made, locked for as long as this lives.
class Scaffold {
 public:
  explicit Scaffold(const Home& home) : path_(home.path + ".founding") {
    make_directory(path_, 0700);
    lock_ = Fd(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!lock_) throw_errno(errno, "cannot open " + path_);
    if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0)
      throw Error(Fault::busy, "another tsp init is founding " + home.path, "",
                  "wait for it to end");
  }
  Scaffold(const Scaffold&) = delete;
  Scaffold& operator=(const Scaffold&) = delete;
  ~Scaffold() {
    std::error_code ignored;
    if (!moved_) fs::remove_all(path_, ignored);
  }

  void empty() {
    for (const auto& entry : fs::directory_iterator(path_)) fs::remove_all(entry.path());
  }

  // Makes it HOME: one rename over nothing or over an empty folder.
  void move_to(const Home& home) {
    if (::rename(path_.c_str(), home.path.c_str()) != 0) {
      const int error_number = errno;
      if (error_number == EEXIST || error_number == ENOTEMPTY)
        throw Error(Fault::already_exists, home.path + " appeared meanwhile", "",
                    "nothing was changed in it");
      throw_errno(error_number, "cannot move the new TSP to " + home.path,
                  "nothing was founded; HOME must not be a mount point");
    }
    moved_ = true;
    sync_directory(directory_of(home.path));
  }

  Home home() const { return {path_}; }

 private:
  std::string path_;
  Fd lock_;
  bool moved_ = false;
};

void check_names(const Founding& founding) {
  if (founding.name.empty() || founding.name.size() > kLongestName || !is_utf8(founding.name) ||
      printable(founding.name) != founding.name)
    throw Error(Fault::bad_input, "the name of the TSP cannot be used",
                fmt::format("it has 1 to {} printable octets of UTF-8", kLongestName),
                "nothing was made");
  if (founding.country.size() != 2 ||
      founding.country.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != std::string::npos)
    throw Error(Fault::bad_input, "the country " + printable(founding.country) + " cannot be used",
                "it takes two capital letters (ISO 3166-1)", "nothing was made");
  const bool http =
      founding.pki_url.starts_with("http://") || founding.pki_url.starts_with("https://");
  if (!founding.pki_url.empty() && (!http || founding.pki_url.ends_with("/") ||
                                    founding.pki_url.find_first_of(" \"\\") != std::string::npos))
    throw Error(Fault::bad_input, "the URL " + printable(founding.pki_url) + " cannot be used",
                "it begins with http:// or https:// and does not end with a slash",
                "nothing was made");
  if (!founding.weak_pins_for_tests &&
      founding.pin_cost.memory_kib < crypto::kLeastArgon2.memory_kib)
    throw Error(Fault::policy_refused, "the cost of PIN verifiers is too small", "",
                "nothing was made");
}

void check_free(const Home& home) {
  if (!exists(home.path)) return;
  if (!fs::is_directory(home.path))
    throw Error(Fault::already_exists, home.path + " is there and is no folder", "",
                "nothing was changed");
  if (home.stands())
    throw Error(Fault::already_exists, "a TSP stands in " + home.path + " already", "",
                "nothing was changed; name another folder with --home");
  if (!fs::is_empty(home.path))
    throw Error(Fault::already_exists, home.path + " is not empty", "",
                "nothing was changed; name another folder with --home");
}

// Labels by role: named ones, or the same for all, or the embedded tokens'.
std::map<std::string, std::string> labels_of(const Founding& founding) {
  std::map<std::string, std::string> labels;
  for (const auto& [role, label] : founding.hsm_tokens) {
    bool known = role.empty();
    for (const char* name : kTokenRoles) known = known || role == name;
    if (!known)
      throw Error(Fault::usage, "there is no token role " + printable(role),
                  "the roles are root, pki, signers and audit");
  }
  for (const char* role : kTokenRoles) {
    if (founding.hsm_module.empty()) {
      labels[role] = fmt::format("tsp-{}", role);
      continue;
    }
    const auto own = founding.hsm_tokens.find(role);
    const auto all = founding.hsm_tokens.find("");
    if (own == founding.hsm_tokens.end() && all == founding.hsm_tokens.end())
      throw Error(Fault::usage, fmt::format("no token is named for the role {}", role), "",
                  fmt::format("give --hsm-token {}=LABEL", role));
    labels[role] = own != founding.hsm_tokens.end() ? own->second : all->second;
  }
  return labels;
}

Secret new_pin() {
  return Secret(to_bytes(as_bytes(to_hex(random_bytes(kPinOctets)))));
}

// A decimal number for 2.25.N from 128 random bits in the form of a UUID (version 4).
std::string uuid_as_decimal() {
  Bytes uuid = random_bytes(16);
  uuid[6] = static_cast<std::uint8_t>((uuid[6] & 0x0f) | 0x40);
  uuid[8] = static_cast<std::uint8_t>((uuid[8] & 0x3f) | 0x80);
  std::string digits;  // least first
  for (std::uint8_t octet : uuid) {
    unsigned carry = octet;
    for (char& digit : digits) {
      const unsigned value = static_cast<unsigned>(digit - '0') * 256 + carry;
      digit = static_cast<char>('0' + value % 10);
      carry = value / 10;
    }
    for (; carry != 0; carry /= 10) digits += static_cast<char>('0' + carry % 10);
  }
  return {digits.rbegin(), digits.rend()};
}

std::string host_of(const std::string& url) {
  const auto begin = url.find("://") + 3;
  return url.substr(begin, url.find('/', begin) - begin);
}

class Builder {
 public:
  Builder(const Home& target, Founding& founding, const World& world, Scaffold& scaffold)
      : target_(target),
        founding_(founding),
        world_(world),
        site_(scaffold.home()),
        labels_(labels_of(founding)) {}

  void run() {
    lay_out();
    make_tokens();
    make_store();
    Provider provider(site_, config(), world_);
    if (founding_.hsm_pin)
      for (const char* role : kTokenRoles) provider.set_hsm_pin(role, founding_.hsm_pin->clone());
    make_keys(provider);
    make_authorities(provider);
    issue_crls(provider, {}, false);
    write_verifier_key(provider);
    provider.record(provider.event(
        "tsp.init", audit::Outcome::done, founding_.name,
        {{"hsm_module", provider.config().text("hsm.module")}, {"audit_origin", origin_}}));
    make_checkpoint(provider);
  }

  // What must be right once the folder is HOME.
  void finish() {
    if (embedded())
      write_file(site_.softhsm_config(), as_bytes(hsm::softhsm_config(target_.tokens())),
                 Existing::replace, 0600);
    if (!founding_.root_pin_out.empty()) {
      const Bytes pin = read_file(site_.pin("root"), 4096);
      write_file(founding_.root_pin_out, pin, Existing::refuse, 0600);
      fs::remove(site_.pin("root"));
    }
  }

  const std::map<std::string, std::string>& labels() const { return labels_; }
  const std::string& origin() const { return origin_; }

 private:
  bool embedded() const { return founding_.hsm_module.empty(); }

  void lay_out() {
    for (const char* folder : {"/secrets", "/profiles", "/ca", "/crl", "/run", "/checkpoints"})
      make_directory(site_.path + folder, 0700);
    for (const auto& entry : fs::directory_iterator(world_.data + "/profiles"))
      if (entry.path().extension() == ".yaml")
        fs::copy_file(entry.path(), site_.profiles() + "/" + entry.path().filename().string());
    std::map<std::string, std::string> given;
    if (!embedded()) {
      given["hsm.module"] = founding_.hsm_module;
      for (const auto& [role, label] : labels_) given["hsm.token." + role] = label;
    }
    if (!founding_.pki_url.empty()) given["pki.url"] = founding_.pki_url;
    given_ = given;
    write_file(site_.config(), as_bytes(commented_yaml(given)), Existing::refuse, 0600);
  }

  Config config() const {
    Config config;
    for (const auto& [name, value] : given_) config.set(name, value, "tsp init");
    return config;
  }

  void make_tokens() {
    for (const char* role : kTokenRoles) {
      const Secret pin = founding_.hsm_pin ? founding_.hsm_pin->clone() : new_pin();
      write_file(site_.pin(role), pin.view(), Existing::refuse, 0600);
    }
    if (!embedded()) return;
    make_directory(site_.tokens(), 0700);
    write_file(site_.softhsm_config(), as_bytes(hsm::softhsm_config(site_.tokens())),
               Existing::refuse, 0600);
    founding_.point_softhsm_at(site_);
    const auto module = hsm::Module::load(softhsm_module());
    for (const auto& [role, label] : labels_) {
      const Secret pin(read_file(site_.pin(role), 4096));
      // The security officer's PIN is never needed again: it is drawn and forgotten.
      module->initialise_token(label, new_pin(), pin);
    }
  }

  void make_store() {
    const auto database = store::Database::open(site_.database(), store::Database::Open::create);
    origin_ = (founding_.pki_url.empty() ? "tsp.invalid" : host_of(founding_.pki_url)) + "/" +
              to_hex(random_bytes(8));
    store::Transaction transaction(*database);
    const auto set = [&](const char* name, const std::string& value) {
      store::set_setting(transaction, name, value);
    };
    set("name", founding_.name);
    set("country", founding_.country);
    set("test-policy", "2.25." + uuid_as_decimal());
    set("audit-origin", origin_);
    set("argon2.memory-kib", std::to_string(founding_.pin_cost.memory_kib));
    set("argon2.passes", std::to_string(founding_.pin_cost.passes));
    set("argon2.lanes", std::to_string(founding_.pin_cost.lanes));
    transaction.commit();
  }

  void make_keys(Provider& provider) {
    const auto ca = founding_.ca_algorithm;
    provider.session("root")->generate_signer(kRootKey, ca);
    const auto pki = provider.session("pki");
    pki->generate_signer(kIssuingKey, ca);
    pki->generate_signer(kOcspKey, crypto::KeyAlgorithm::ecdsa_p256);
    pki->generate_signer(kTsaKey, crypto::KeyAlgorithm::ecdsa_p256);
    const auto signers = provider.session("signers");
    signers->generate_wrapping_key(sam::kMasterKey);
    signers->generate_mac_key(sam::kLinkKey);
    signers->generate_mac_key(sam::kPepperKey);
    signers->generate_seal_key(sam::kSeedKey);
    provider.session("audit")->generate_signer(kAuditKey, crypto::KeyAlgorithm::ecdsa_p256);
    try {
      provider.session("audit")->generate_signer(kAuditEd25519Key, crypto::KeyAlgorithm::ed25519);
    } catch (const Error& error) {
      // An HSM without Ed25519 signs checkpoints with ECDSA alone.
      if (error.fault != Fault::policy_refused) throw;
    }
  }

  void make_authorities(Provider& provider) {
    struct Authority {
      const char *role, *token, *key, *words;
    };
    constexpr Authority kAuthorities[] = {{"root", "root", kRootKey, "TEST Root CA"},
                                          {"issuing", "pki", kIssuingKey, "TEST Issuing CA"},
                                          {"ocsp", "pki", kOcspKey, "TEST OCSP"},
                                          {"tsa", "pki", kTsaKey, "TEST TSA"}};
    for (const Authority& authority : kAuthorities) {
      x509::Subject subject;
      subject.country = founding_.country;
      subject.organization = founding_.name;
      subject.common_name = founding_.name + " " + authority.words;
      const auto key = provider.session(authority.token)->open_signer(authority.key)->public_key();
      const CertificateInfo issued =
          certify(provider, {.profile = authority.role,
                             .subject = subject,
                             .key = key,
                             .key_name = authority.key,
                             .owner = {},
                             .lifetime = {},
                             .self_signed = authority.role == std::string("root")});
      write_file(site_.certificate(authority.role), as_bytes(issued.certificate.pem()),
                 Existing::refuse);
    }
  }

  void write_verifier_key(Provider& provider) {
    std::string keys;
    for (const char* label : {kAuditKey, kAuditEd25519Key})
      if (provider.session("audit")->has_key(label))
        keys += audit::verifier_key(origin_,
                                    provider.session("audit")->open_signer(label)->public_key()) +
                "\n";
    write_file(site_.verifier_key(), as_bytes(keys), Existing::refuse);
  }

  Home target_;
  Founding& founding_;
  const World& world_;
  Home site_;
  std::map<std::string, std::string> labels_, given_;
  std::string origin_;
};

// Keys that an interrupted founding left on a foreign HSM: its store lists nothing yet, but its
// labels are ours and nothing that stands uses them.
void remove_leftover_keys(const Home& site, const Founding& founding, const World& world) {
  const std::string marker = site.path + "/foreign-hsm";
  if (founding.hsm_module.empty() || !exists(marker)) return;
  const auto labels = labels_of(founding);
  const auto module = hsm::Module::load(founding.hsm_module);
  std::map<std::string, std::shared_ptr<hsm::Session>> sessions;
  for (const auto& [role, label] : labels) {
    auto& session = sessions[label];
    if (!session)
      session = hsm::Session::login(module, label, *founding.hsm_pin, site.path + "/login.lock");
    for (const char* key : {kRootKey, kIssuingKey, kOcspKey, kTsaKey, kAuditKey, kAuditEd25519Key,
                            sam::kMasterKey, sam::kLinkKey, sam::kPepperKey, sam::kSeedKey})
      session->destroy_key(key);
  }
  (void)world;
}

// Refuses tokens that hold a TSP's keys already, before anything is generated.
void check_tokens_free(const Home& site, const Founding& founding) {
  if (founding.hsm_module.empty()) return;
  const auto module = hsm::Module::load(founding.hsm_module);
  std::map<std::string, std::shared_ptr<hsm::Session>> sessions;
  for (const auto& [role, label] : labels_of(founding)) {
    auto& session = sessions[label];
    if (!session)
      session = hsm::Session::login(module, label, *founding.hsm_pin, site.path + "/login.lock");
    for (const char* key : {kRootKey, kIssuingKey, sam::kMasterKey, kAuditKey})
      if (session->has_key(key))
        throw Error(Fault::already_exists,
                    fmt::format("the token {} holds the key {} already", label, key), "",
                    "nothing was changed; name another token");
  }
}

}  // namespace

Founded found(const Home& home, Founding founding, const World& world, bool dry_run) {
  check_names(founding);
  const auto labels = labels_of(founding);
  check_free(home);
  if (!founding.root_pin_out.empty() && exists(founding.root_pin_out))
    throw Error(Fault::already_exists, founding.root_pin_out + " is there already", "",
                "nothing was made");
  Founded founded{home,
                  founding.name,
                  "",
                  home.certificate("root"),
                  home.certificate("issuing"),
                  home.certificate("tsa"),
                  founding.hsm_module,
                  labels};
  if (founded.hsm_module.empty()) founded.hsm_module = softhsm_module();
  if (dry_run) return founded;

  make_directory(directory_of(home.path), 0755);
  Scaffold scaffold(home);
  remove_leftover_keys(scaffold.home(), founding, world);
  scaffold.empty();
  check_tokens_free(scaffold.home(), founding);
  if (!founding.hsm_module.empty())
    write_file(scaffold.home().path + "/foreign-hsm", as_bytes(founding.hsm_module),
               Existing::replace, 0600);
  Builder builder(home, founding, world, scaffold);
  builder.run();
  builder.finish();
  fs::remove(scaffold.home().path + "/foreign-hsm");
  scaffold.move_to(home);
  founded.audit_origin = builder.origin();
  return founded;
}

}  // namespace tsp::ops
