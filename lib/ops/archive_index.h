// What the files of an archive were when they were last read (docs/formats/archive-index.md), so
// that the next walk of `ltv-extend --due` looks at a file's mark only: device and inode, size, and
// the times of its last writing and last change, of which no program can set the last one. A file
// that is another is read again, and so is each once a month.
//
// The index stands in HOME/cache and may be removed at any time. Unlike what else stands there it
// is believed: whoever can write to HOME can keep a file from being extended, as he can otherwise.
#pragma once

#include <sys/stat.h>

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>

#include "base/time.h"

namespace tsp::ops {

struct FileMark {
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t modified_ns = 0, changed_ns = 0;
  bool operator<(const FileMark& other) const {
    return std::tie(device, inode, size, modified_ns, changed_ns) <
           std::tie(other.device, other.inode, other.size, other.modified_ns, other.changed_ns);
  }
};
FileMark mark_of(const struct stat& info);

class ArchiveIndex {
 public:
  struct Entry {
    int signatures = 0;  // 0: neither those nor document time-stamps
    Time until{};        // when the protection ends
    Time due{};          // when the first of protection and its algorithms does
    Time read{};         // when the file was last read
  };
  // `folder` empty: nothing is remembered. What is there and cannot be read is passed over.
  ArchiveIndex(std::string folder, Time now);
  ArchiveIndex(const ArchiveIndex&) = delete;
  ArchiveIndex& operator=(const ArchiveIndex&) = delete;
  // Writes what was learned, where anything was; where it cannot, goes without.
  ~ArchiveIndex();

  // Of a file at B-LTA, or without signatures, that nobody touched since. Fit for several threads.
  std::optional<Entry> find(const std::string& path) const;
  // `info` was taken before the file was read. Not where it changed within the last seconds: a
  // clock that ticks slowly would not show the next change.
  void remember(const struct stat& info, Entry entry);

 private:
  void read_lines(std::string_view text);
  void keep();

  std::string folder_;
  Time now_;
  mutable std::mutex guard_;
  std::map<FileMark, Entry> known_;
  bool learned_ = false;
};

}  // namespace tsp::ops
