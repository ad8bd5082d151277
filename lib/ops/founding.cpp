#include "ops/founding.h"

#include <fcntl.h>
#include <sys/file.h>

#include <fmt/format.h>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "base/error.h"
#include "base/text.h"

namespace tsp::ops {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestName = 40;  // "… TEST Issuing CA" must fit 64

}  // namespace

Scaffold::Scaffold(const Home& home) : path_(home.path + ".founding") {
  make_directory(path_, 0700);
  lock_ = Fd(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!lock_) throw_errno(errno, "cannot open " + path_);
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    moved_ = true;  // not ours to remove
    throw Error(Fault::busy, "another tsp init is founding " + home.path, "", "wait for it to end");
  }
}

Scaffold::~Scaffold() {
  std::error_code ignored;
  if (!moved_ && !TokenClaim::pending({path_})) fs::remove_all(path_, ignored);
}

void Scaffold::empty() {
  for (const auto& entry : fs::directory_iterator(path_)) fs::remove_all(entry.path());
}

void Scaffold::move_to(const Home& home) {
  if (exists(home.trust())) {
    // What is trusted stays: a copy goes into the new TSP, and the two folders change places.
    fs::copy(home.trust(), Home{path_}.trust(), fs::copy_options::recursive);
    if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, home.path.c_str(), RENAME_EXCHANGE) != 0)
      throw_errno(errno, "cannot move the new TSP to " + home.path,
                  "nothing was founded; HOME must not be a mount point");
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  } else if (std::rename(path_.c_str(), home.path.c_str()) != 0) {
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
  const crypto::Argon2 least = crypto::kLeastArgon2, cost = founding.pin_cost.value_or(least);
  if (cost.memory_kib < least.memory_kib || cost.passes < least.passes || cost.lanes < least.lanes)
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
  const auto entries = std::distance(fs::directory_iterator(home.path), fs::directory_iterator{});
  if (entries != 0 && !(entries == 1 && fs::is_directory(home.trust())))
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

}  // namespace tsp::ops
