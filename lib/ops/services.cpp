#include "ops/services.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/files.h"
#include "base/text.h"
#include "x509/subject.h"

namespace tsp::ops {
namespace {

constexpr const char* kIssuers = "sign.authentication_services";
constexpr const char* kAudiences = "auth.signing_services";
constexpr std::size_t kLargestFile = 1 << 20;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// The entries of a list with commas.
std::vector<std::string> entries(const std::string& list) {
  std::vector<std::string> out;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    if (const auto entry = trimmed(std::string_view(list).substr(begin, end - begin));
        !entry.empty())
      out.emplace_back(entry);
    begin = end + 1;
  }
  return out;
}

[[noreturn]] void refuse_setting(const std::string& entry, std::string why, Fault fault) {
  throw Error(fault, fmt::format("{}: {} is refused", kIssuers, printable(entry)), std::move(why),
              "nothing was signed; it takes ID=FILE, the name of the other service's audit log and "
              "its ca/sam.pem, with commas between");
}

x509::Certificate read_certificate(const std::string& entry, const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) throw_errno(errno, "cannot examine " + path);
  const bool foreign = info.st_uid != ::geteuid() && info.st_uid != 0;
  if (foreign || (info.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    refuse_setting(entry, "others may write the file", Fault::policy_refused);
  const auto all = x509::Certificate::all_from(read_file(path, kLargestFile));
  if (all.empty()) refuse_setting(entry, "the file holds no certificate", Fault::bad_input);
  if (!all.front().has_extended_key_usage(x509::kActivationModule))
    refuse_setting(entry, "the certificate is not one of an activation module (role sam)",
                   Fault::bad_input);
  return all.front();
}

}  // namespace

std::string service_id(Provider& provider) {
  return store::setting(provider.database(), "audit-origin").value_or("");
}

std::shared_ptr<const sam::AcceptedAssertions> accepted_assertions(Provider& provider) {
  const auto named = entries(provider.config().text(kIssuers));
  if (named.empty()) return nullptr;
  auto accepted = std::make_shared<sam::AcceptedAssertions>();
  accepted->audience = service_id(provider);
  for (const std::string& entry : named) {
    const auto middle = entry.find('=');
    if (middle == std::string::npos || middle == 0)
      refuse_setting(entry, "it has no =", Fault::bad_input);
    const std::string id(trimmed(std::string_view(entry).substr(0, middle)));
    const std::string path(trimmed(std::string_view(entry).substr(middle + 1)));
    if (!path.starts_with('/'))
      refuse_setting(entry, "the file is no absolute path", Fault::bad_input);
    if (!accepted->issuers.emplace(id, read_certificate(entry, path)).second)
      refuse_setting(entry, "the service is named twice", Fault::bad_input);
  }
  return accepted;
}

bool knows_signing_service(const Provider& provider, const std::string& id) {
  const auto known = entries(provider.config().text(kAudiences));
  return !id.empty() && std::find(known.begin(), known.end(), id) != known.end();
}

sam::Asserted assert_factors(Provider& provider, sam::SignatureActivationModule& module,
                             const std::string& signer, const std::string& credential,
                             const sam::Manifest& manifest, const sam::Presented& factors,
                             const std::string& audience) {
  const auto key = provider.session("signers")->open_signer(sam::kModuleKey);
  return module.attest(provider.caller(), signer, credential, manifest, factors,
                       {service_id(provider), audience, knows_signing_service(provider, audience),
                        provider.config().duration("auth.assertion"), key.get()});
}

}  // namespace tsp::ops
