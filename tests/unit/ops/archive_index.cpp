// The index of an archive: what nobody touched is known, everything else is read again.
#include "ops/archive_index.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <thread>

#include "base/files.h"
#include "support/catch.h"
#include "support/pki_story.h"

using namespace tsp;
using namespace tsp::test;
using ops::ArchiveIndex;

namespace {

const Time kLookedAt = at("2026-11-21T12:00:00Z");
const ArchiveIndex::Entry kEntry{3, at("2030-01-01T00:00:00Z"), at("2029-01-01T00:00:00Z"), {}};

struct stat status_of(const std::string& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info;
}

bool knows(const Folder& folder, const std::string& path, Time now = kLookedAt) {
  return ArchiveIndex(folder.file("cache"), now).find(path).has_value();
}

}  // namespace

TEST_CASE("a file that nobody touched is known, one that is another is not") {
  const Folder folder;
  const std::string path = folder.put("a.pdf", as_bytes("one")),
                    other = folder.put("b.pdf", as_bytes("two"));
  {
    ArchiveIndex index(folder.file("cache"), kLookedAt);
    index.remember(status_of(path), kEntry);
    CHECK_FALSE(index.find(path));  // it changed within the last seconds
  }
  CHECK_FALSE(exists(folder.file("cache")));
  std::this_thread::sleep_for(std::chrono::milliseconds(2100));
  {
    ArchiveIndex index(folder.file("cache"), kLookedAt);
    index.remember(status_of(path), kEntry);
    index.remember(status_of(other), {});
  }
  const auto found = ArchiveIndex(folder.file("cache"), kLookedAt).find(path);
  REQUIRE(found);
  CHECK(found->signatures == 3);
  CHECK(found->until == kEntry.until);
  CHECK(found->due == kEntry.due);
  CHECK(found->read == kLookedAt);
  CHECK(ArchiveIndex(folder.file("cache"), kLookedAt).find(other)->signatures == 0);
  CHECK_FALSE(knows(folder, folder.file("none.pdf")));

  SECTION("for a month, and never from the future") {
    CHECK(knows(folder, path, kLookedAt + std::chrono::hours(24 * 30)));
    CHECK_FALSE(knows(folder, path, kLookedAt + std::chrono::hours(24 * 30 + 1)));
    CHECK_FALSE(knows(folder, path, kLookedAt - std::chrono::hours(1)));
  }
  SECTION("another content of the same size, under its old time") {
    const auto before = status_of(path);
    folder.put("a.pdf", as_bytes("eno"));
    const timespec times[] = {before.st_atim, before.st_mtim};
    REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
    CHECK_FALSE(knows(folder, path));
  }
  SECTION("another mode") {
    REQUIRE(::chmod(path.c_str(), 0640) == 0);
    CHECK_FALSE(knows(folder, path));
  }
  SECTION("another file under its name") {
    std::filesystem::rename(other, path);
    const auto seen = ArchiveIndex(folder.file("cache"), kLookedAt).find(path);
    CHECK((!seen || seen->signatures == 0));  // as the file that it is, or not at all
  }
  SECTION("an index that is damaged, or of another version, is none") {
    const std::string index = folder.file("cache/archive-index");
    for (const char* text :
         {"", "tsp archive index 2\n1 2 3 4 5 6 7 8 9\n", "tsp archive index 1\n",
          "tsp archive index 1\n1 2 3 4 5 6 7 8\nx\n1 2 3 4 5 6 7 8 9 10\n"}) {
      write_file(index, as_bytes(text), Existing::replace, 0600);
      CHECK_FALSE(knows(folder, path));
    }
  }
  SECTION("without a folder nothing is remembered") {
    ArchiveIndex index("", kLookedAt);
    index.remember(status_of(path), kEntry);
    CHECK_FALSE(index.find(path));
  }
}
