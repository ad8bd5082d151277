#include <fmt/format.h>
#include <filesystem>

#include "base/error.h"
#include "base/json.h"
#include "ops/founding.h"
#include "sam/factors.h"

namespace tsp::ops {
namespace {

constexpr const char* kClaimKey = "founding-1";
constexpr std::string_view kClaimText = "tsp founding";
constexpr std::size_t kLargestClaim = 1 << 16;
constexpr const char* kMadeKeys[] = {kRootKey,        kIssuingKey,    kOcspKey,
                                     kTsaKey,         kAuditKey,      kAuditEd25519Key,
                                     sam::kMasterKey, sam::kLinkKey,  sam::kPepperKey,
                                     sam::kSeedKey,   sam::kModuleKey};

std::string claim_of(const Home& site) {
  return site.path + "/foreign-hsm";
}

std::string mac_of(hsm::Session& session) {
  return to_hex(session.mac(kClaimKey, as_bytes(kClaimText)));
}

struct Claim {
  std::string module;
  std::map<std::string, std::string> macs;  // by label; empty: nothing else was made there yet
};

Claim read_claim(const Home& site) {
  const std::string path = claim_of(site);
  const Json json = parse_json(read_file(path, kLargestClaim), path);
  Claim claim;
  try {
    claim.module = json.at("module").get<std::string>();
    for (const auto& [label, mac] : json.at("tokens").items())
      claim.macs[label] = mac.get<std::string>();
  } catch (const Json::exception& error) {
    throw Error(Fault::tampered, path + " is not what tsp init writes", error.what(),
                "nothing was made; remove the folder if nothing in it is wanted");
  }
  return claim;
}

[[noreturn]] void refuse_other_tokens(const Home& site, const Claim& claim) {
  std::string labels;
  for (const auto& token : claim.macs) labels += (labels.empty() ? "" : ", ") + token.first;
  throw Error(
      Fault::already_exists, "an interrupted tsp init has begun on other tokens",
      fmt::format("it may have left keys on {} of {}", labels, claim.module),
      "nothing was changed; repeat it with the same --hsm-module and --hsm-token, or remove "
      "its keys by the HSM's own tools and then " +
          site.path);
}

}  // namespace

bool TokenClaim::pending(const Home& site) {
  return exists(claim_of(site));
}

TokenClaim::Sessions TokenClaim::sessions(const Home& site) const {
  make_directory(site.run(), 0700);
  const std::string lock = site.login_lock();
  const auto module = hsm::Module::load(founding_.hsm_module, lock);
  Sessions open;
  for (const auto& [role, label] : labels_of(founding_)) {
    auto& session = open[label];
    if (!session) session = hsm::Session::login(module, label, *founding_.hsm_pin, lock);
  }
  return open;
}

void TokenClaim::write(const std::map<std::string, std::string>& macs) const {
  const Json json = {{"module", founding_.hsm_module}, {"tokens", macs}};
  write_file(claim_of(site_), as_bytes(json.dump()), Existing::replace, 0600);
}

void TokenClaim::recover() {
  if (!pending(site_)) return;
  const Claim claim = read_claim(site_);
  if (founding_.hsm_module != claim.module) refuse_other_tokens(site_, claim);
  const Sessions open = sessions(site_);
  for (const auto& token : claim.macs)
    if (open.find(token.first) == open.end()) refuse_other_tokens(site_, claim);
  for (const auto& [label, mac] : claim.macs) {
    hsm::Session& session = *open.at(label);
    if (!session.has_key(kClaimKey)) continue;
    if (!mac.empty() && mac_of(session) == mac)
      for (const char* key : kMadeKeys) session.destroy_key(key);
    // Last, so that an interrupted recovery is known as one. A claim that is not ours covers keys:
    // it stays with them.
    const bool ours = mac.empty() ? !session.has_key(kRootKey) && !session.has_key(sam::kMasterKey)
                                  : mac_of(session) == mac;
    if (ours) session.destroy_key(kClaimKey);
  }
  std::filesystem::remove(claim_of(site_));
  sync_directory(site_.path);
}

void TokenClaim::check_free() {
  if (founding_.hsm_module.empty()) return;
  for (const auto& [label, session] : sessions(site_)) {
    if (session->has_key(kClaimKey))
      throw Error(Fault::already_exists,
                  fmt::format("another tsp init has begun on the token {}", label),
                  fmt::format("it holds the key {}", kClaimKey),
                  "nothing was changed; let that one end, or name another token");
    for (const char* key : kMadeKeys)
      if (session->has_key(key))
        throw Error(Fault::already_exists,
                    fmt::format("the token {} holds the key {} already", label, key), "",
                    "nothing was changed; name another token");
  }
}

void TokenClaim::stake() {
  if (founding_.hsm_module.empty()) return;
  std::map<std::string, std::string> macs;
  for (const auto& [role, label] : labels_of(founding_)) macs[label] = "";
  write(macs);
  for (const auto& [label, session] : sessions(site_)) {
    session->generate_mac_key(kClaimKey);
    macs[label] = mac_of(*session);
  }
  write(macs);
}

void TokenClaim::release(const Home& home) noexcept {
  if (founding_.hsm_module.empty()) return;
  // A claim that stays does no harm but one: no other TSP is founded on that token.
  try {
    for (const auto& token : sessions(home)) token.second->destroy_key(kClaimKey);
    std::filesystem::remove(claim_of(home));
  } catch (const std::exception&) {
  }
}

}  // namespace tsp::ops
