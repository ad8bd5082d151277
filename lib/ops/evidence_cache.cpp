#include "ops/evidence_cache.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/error.h"
#include "base/files.h"
#include "crypto/digest.h"

namespace tsp::ops {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestAnswer = std::size_t{16} << 20;
constexpr std::chrono::hours kKept{24 * 30};

}  // namespace

std::string EvidenceCache::path_of(const std::string& question) const {
  return folder_ + "/" + to_hex(crypto::sha256(as_bytes(question))) + ".der";
}

std::optional<Bytes> EvidenceCache::get(const std::string& question) const {
  if (folder_.empty() || !exists(path_of(question))) return std::nullopt;
  try {
    return read_file(path_of(question), kLargestAnswer);
  } catch (const Error&) {
    return std::nullopt;
  }
}

void EvidenceCache::put(const std::string& question, ByteView answer, Time now) {
  if (folder_.empty() || answer.size() > kLargestAnswer) return;
  try {
    if (!ready_) {
      make_directory(folder_, 0700);
      prune(now);
    }
    ready_ = true;
    write_file(path_of(question), answer, Existing::replace, 0600);
  } catch (const Error&) {
    folder_.clear();  // a disk that is full or read-only: go on without
  }
}

void EvidenceCache::prune(Time now) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_, error)) {
    struct stat info {};
    if (entry.path().extension() != ".der" || ::stat(entry.path().c_str(), &info) != 0) continue;
    const Time written = Time(std::chrono::seconds(info.st_mtime));
    if (written < now - kKept) ::unlink(entry.path().c_str());
  }
}

}  // namespace tsp::ops
