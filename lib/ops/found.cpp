#include "ops/found.h"

#include <fmt/format.h>
#include <filesystem>

#include "audit/checkpoint.h"
#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "hsm/softhsm.h"
#include "ops/audit_log.h"
#include "ops/certify.h"
#include "ops/crls.h"
#include "ops/founding.h"
#include "sam/factors.h"
#include "x509/issue.h"

namespace tsp::ops {
namespace {

constexpr std::chrono::milliseconds kPinTime{100};  // that a try of a PIN costs

namespace fs = std::filesystem;

constexpr std::size_t kPinOctets = 16;

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
    world_.stop_if_asked();
    make_store();
    Provider provider(site_, config(), world_);
    if (founding_.hsm_pin)
      for (const char* role : kTokenRoles) provider.set_hsm_pin(role, founding_.hsm_pin->clone());
    make_keys(provider);
    world_.stop_if_asked();
    make_authorities(provider);
    world_.stop_if_asked();
    issue_crls(provider, {}, false);
    write_verifier_key(provider);
    world_.stop_if_asked();
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
      write_file(founding_.root_pin_out, pin, Existing::keep, 0600);
      pin_given_out_ = true;
      fs::remove(site_.pin("root"));
    }
  }

  // The PIN of a token that will not be: its file would stand in the way of the next try.
  void take_back() noexcept {
    std::error_code ignored;
    if (pin_given_out_) fs::remove(founding_.root_pin_out, ignored);
  }

  const std::string& origin() const { return origin_; }

 private:
  bool embedded() const { return founding_.hsm_module.empty(); }

  void lay_out() {
    for (const char* folder : {"/secrets", "/profiles", "/ca", "/crl", "/run", "/checkpoints"})
      make_directory(site_.path + folder, 0700);
    for (const auto& entry : fs::directory_iterator(world_.data + "/profiles"))
      if (entry.path().extension() == ".yaml")
        write_file(site_.profiles() + "/" + entry.path().filename().string(),
                   read_file(entry.path().string(), kLargestProfile), Existing::keep);
    std::map<std::string, std::string> given;
    if (!embedded()) {
      given["hsm.module"] = founding_.hsm_module;
      for (const auto& [role, label] : labels_) given["hsm.token." + role] = label;
    }
    if (!founding_.pki_url.empty()) given["pki.url"] = founding_.pki_url;
    given_ = given;
    write_file(site_.config(), as_bytes(commented_yaml(given)), Existing::keep, 0600);
  }

  Config config() const {
    Config config;
    for (const auto& [name, value] : given_) config.set(name, value, "tsp init");
    return config;
  }

  void make_tokens() {
    for (const char* role : kTokenRoles) {
      const Secret pin = founding_.hsm_pin ? founding_.hsm_pin->clone() : new_pin();
      write_file(site_.pin(role), pin.view(), Existing::keep, 0600);
    }
    if (!embedded()) return;
    make_directory(site_.tokens(), 0700);
    write_file(site_.softhsm_config(), as_bytes(hsm::softhsm_config(site_.tokens())),
               Existing::keep, 0600);
    founding_.point_softhsm_at(site_);
    const auto module = hsm::Module::load(softhsm_module(), site_.login_lock());
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
    const crypto::Argon2 cost =
        founding_.pin_cost ? *founding_.pin_cost : crypto::calibrate_argon2(kPinTime);
    store::Transaction transaction(*database);
    const auto set = [&](const char* name, const std::string& value) {
      store::set_setting(transaction, name, value);
    };
    set("name", founding_.name);
    set("country", founding_.country);
    set("test-policy", "2.25." + uuid_as_decimal());
    set("audit-origin", origin_);
    set("argon2.memory-kib", std::to_string(cost.memory_kib));
    set("argon2.passes", std::to_string(cost.passes));
    set("argon2.lanes", std::to_string(cost.lanes));
    transaction.commit();
  }

  void make_keys(Provider& provider) {
    const auto ca = founding_.ca_algorithm;
    provider.session("root")->generate_signer(kRootKey, ca);
    world_.stop_if_asked();
    const auto pki = provider.session("pki");
    pki->generate_signer(kIssuingKey, ca);
    world_.stop_if_asked();
    pki->generate_signer(kOcspKey, crypto::KeyAlgorithm::ecdsa_p256);
    pki->generate_signer(kTsaKey, crypto::KeyAlgorithm::ecdsa_p256);
    const auto signers = provider.session("signers");
    signers->generate_wrapping_key(sam::kMasterKey);
    signers->generate_mac_key(sam::kLinkKey);
    signers->generate_mac_key(sam::kPepperKey);
    signers->generate_seal_key(sam::kSeedKey);
    signers->generate_signer(sam::kModuleKey, crypto::KeyAlgorithm::ecdsa_p256);
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
                                          {"tsa", "pki", kTsaKey, "TEST TSA"},
                                          {"sam", "signers", sam::kModuleKey, "TEST SAM"}};
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
                 Existing::keep);
    }
  }

  void write_verifier_key(Provider& provider) {
    std::string keys;
    for (const char* label : {kAuditKey, kAuditEd25519Key})
      if (provider.session("audit")->has_key(label))
        keys += audit::verifier_key(origin_,
                                    provider.session("audit")->open_signer(label)->public_key()) +
                "\n";
    write_file(site_.verifier_key(), as_bytes(keys), Existing::keep);
  }

  Home target_;
  Founding& founding_;
  const World& world_;
  Home site_;
  std::map<std::string, std::string> labels_, given_;
  std::string origin_;
  bool pin_given_out_ = false;
};

// The keys made so far are destroyed where the HSM still answers; else the claim stays for the next
// try.
void give_up(TokenClaim& claim) noexcept {
  try {
    claim.recover();
  } catch (const std::exception&) {
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
  TokenClaim claim(scaffold.home(), founding);
  claim.recover();
  scaffold.empty();
  claim.check_free();
  claim.stake();
  Builder builder(home, founding, world, scaffold);
  try {
    builder.run();
    builder.finish();
    scaffold.move_to(home);
  } catch (...) {
    if (!home.stands()) builder.take_back();
    give_up(claim);
    throw;
  }
  claim.release(home);
  founded.audit_origin = builder.origin();
  return founded;
}

}  // namespace tsp::ops
