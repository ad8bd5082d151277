#include "ops/archive_index.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "base/error.h"
#include "base/files.h"

namespace tsp::ops {
namespace {

constexpr const char* kName = "/archive-index";
// The number goes up with the form of the lines and with what an entry rests on.
constexpr std::string_view kHeader = "tsp archive index 1\n";
constexpr std::size_t kLargestIndex = std::size_t{128} << 20, kMostEntries = 1'000'000;
constexpr std::chrono::hours kBelieved{24 * 30};
constexpr std::int64_t kSettled = 2'000'000'000;  // nanoseconds

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

// The numbers of a line; nothing where it is not so many and nothing else.
template <std::size_t count>
std::optional<std::array<std::int64_t, count>> numbers_of(std::string_view line) {
  std::array<std::int64_t, count> out{};
  const char *at = line.data(), *const end = at + line.size();
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0 && (at == end || *at++ != ' ')) return std::nullopt;
    const auto [next, error] = std::from_chars(at, end, out[i]);
    if (error != std::errc()) return std::nullopt;
    at = next;
  }
  return at == end ? std::optional(out) : std::nullopt;
}

}  // namespace

FileMark mark_of(const struct stat& info) {
  return {static_cast<std::uint64_t>(info.st_dev), static_cast<std::uint64_t>(info.st_ino),
          static_cast<std::uint64_t>(info.st_size), nanoseconds(info.st_mtim),
          nanoseconds(info.st_ctim)};
}

ArchiveIndex::ArchiveIndex(std::string folder, Time now) : folder_(std::move(folder)), now_(now) {
  if (folder_.empty() || !exists(folder_ + kName)) return;
  try {
    const Bytes text = read_file(folder_ + kName, kLargestIndex);
    if (as_text(text).starts_with(kHeader)) read_lines(as_text(text).substr(kHeader.size()));
  } catch (const Error&) {  // then everything is read again
  }
}

void ArchiveIndex::read_lines(std::string_view text) {
  while (!text.empty() && known_.size() < kMostEntries) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return;
    const auto all = numbers_of<9>(text.substr(0, end));
    text.remove_prefix(end + 1);
    if (!all) continue;
    const auto& [device, inode, size, modified, changed, signatures, until, due, read] = *all;
    const Time seen = from_unix_ms(read);
    if (seen > now_ || seen < now_ - kBelieved || signatures < 0 || signatures > 1'000'000)
      continue;
    known_[{static_cast<std::uint64_t>(device), static_cast<std::uint64_t>(inode),
            static_cast<std::uint64_t>(size), modified, changed}] = {
        static_cast<int>(signatures), from_unix_ms(until), from_unix_ms(due), seen};
  }
}

ArchiveIndex::~ArchiveIndex() {
  if (!learned_ || folder_.empty()) return;
  try {
    keep();
  } catch (const std::exception&) {  // a disk that is full or read-only
  }
}

void ArchiveIndex::keep() {
  std::string text(kHeader);
  for (const auto& [mark, entry] : known_)
    fmt::format_to(std::back_inserter(text), "{} {} {} {} {} {} {} {} {}\n", mark.device,
                   mark.inode, mark.size, mark.modified_ns, mark.changed_ns, entry.signatures,
                   to_unix_ms(entry.until), to_unix_ms(entry.due), to_unix_ms(entry.read));
  make_directory(folder_, 0700);
  write_file(folder_ + kName, as_bytes(text), Existing::replace, 0600);
}

std::optional<ArchiveIndex::Entry> ArchiveIndex::find(const std::string& path) const {
  struct stat info {};
  if (folder_.empty() || ::stat(path.c_str(), &info) != 0) return std::nullopt;
  const std::lock_guard lock(guard_);
  const auto found = known_.find(mark_of(info));
  return found == known_.end() ? std::nullopt : std::optional(found->second);
}

void ArchiveIndex::remember(const struct stat& info, Entry entry) {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  const FileMark mark = mark_of(info);
  if (folder_.empty() || nanoseconds(now) - mark.changed_ns < kSettled ||
      nanoseconds(now) - mark.modified_ns < kSettled)
    return;
  entry.read = now_;
  const std::lock_guard lock(guard_);
  if (known_.size() >= kMostEntries) return;
  known_[mark] = entry;
  learned_ = true;
}

}  // namespace tsp::ops
