#include "ops/space.h"

#include <fmt/format.h>
#include <sys/statvfs.h>

#include <algorithm>

#include "base/files.h"
#include "ops/config.h"
#include "ops/home.h"

namespace tsp::ops {
namespace {

// What a record of a signing takes in the store, with its share of everything that is written
// beside it (approvals, intents, accounts, indexes): rounded up to a page.
constexpr std::uint64_t kOfRecord = 4 << 10;
// SQLite's log, before it is folded into the store, and a CRL and a checkpoint beside it.
constexpr std::uint64_t kBeside = 16 << 20;

constexpr std::string_view kGoOn[] = {"audit checkpoint", "cert revoke",    "crl issue",
                                      "crl publish",      "device approve", "key destroy",
                                      "seal approve",     "seal close",     "sign receipt",
                                      "user remove",      "user suspend"};

}  // namespace

Space look_at_space(const Home& home, const Config& config) {
  struct statvfs info {};
  if (::statvfs(home.path.c_str(), &info) != 0) return {};
  return {std::uint64_t{info.f_bavail} * info.f_frsize,
          static_cast<std::uint64_t>(config.integer("space.records")) * kOfRecord + kBeside};
}

bool goes_on_where_space_is_low(std::string_view operation) {
  return std::ranges::find(kGoOn, operation) != std::end(kGoOn);
}

Error space_is_low(const Space& space, const std::string& what) {
  constexpr std::uint64_t kMega = 1 << 20;
  return Error(
      Fault::space_low, what + " is refused",
      fmt::format("{} MiB are free where the store lies, and {} are kept back for signing, "
                  "revocation and the audit log",
                  space.free / kMega, space.kept / kMega),
      "nothing was done; make room on the disk");
}

Json to_json(const Space& space) {
  return {{"ok", !space.low()}, {"free", space.free}, {"kept_back", space.kept}};
}

}  // namespace tsp::ops
