#include "audit/export.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "audit/tiles.h"
#include "base/error.h"
#include "base/files.h"
#include "base/secret.h"
#include "store/audit.h"

namespace tsp::audit {
namespace {

// A folder being written beside its place; leaving scope removes it, keep() puts it there.
class OutputFolder {
 public:
  explicit OutputFolder(const std::string& directory)
      : target_(std::filesystem::absolute(directory).lexically_normal()) {
    if (!target_.has_filename()) target_ = target_.parent_path();
    if (std::filesystem::exists(target_)) already_there();
    temporary_ =
        target_.parent_path() / ("." + target_.filename().string() + "." + to_hex(random_bytes(8)));
    make_directory(temporary_.string(), 0755);
  }
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;
  ~OutputFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(temporary_, ignored);
  }

  void write(const std::string& name, ByteView content) {
    const std::filesystem::path path = temporary_ / name;
    make_directory(path.parent_path().string(), 0755);
    const Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    if (!fd) throw_errno(errno, "cannot write " + path.string());
    write_all(fd.get(), content, path.string());
    ++files_;
  }

  // One sync for all files: they are many and small.
  void keep() {
    const Fd folder(::open(temporary_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder || ::syncfs(folder.get()) != 0)
      throw_errno(errno, "cannot write " + target_.string());
    if (::rename(temporary_.c_str(), target_.c_str()) != 0) {
      if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR) already_there();
      throw_errno(errno, "cannot write " + target_.string());
    }
    sync_directory(target_.parent_path().string());
  }

  std::string path() const { return temporary_.string(); }
  std::int64_t files() const { return files_; }

 private:
  [[noreturn]] void already_there() const {
    throw Error(Fault::already_exists, "cannot export to " + target_.string(),
                "something of that name is there", "name a new folder");
  }
  std::filesystem::path target_, temporary_;
  std::int64_t files_ = 0;
};

// The first `size` records into tiles; returns their root.
Bytes write_tiles(store::Database& database, std::uint64_t size, OutputFolder& folder) {
  Frontier tree;
  TileBuilder tiles([&](std::size_t level, std::uint64_t index, ByteView hashes) {
    folder.write(tile_path(std::to_string(level), index, hashes.size() / 32), hashes);
  });
  std::vector<Bytes> bundle;
  const auto write_bundle = [&] {
    folder.write(tile_path("entries", (tree.size() - 1) / kTileWidth, bundle.size()),
                 encode_entries(bundle));
    bundle.clear();
  };
  if (size > 0)
    store::each_audit(database, 0, [&](const store::AuditRow& row) {
      const Bytes leaf = leaf_hash(row.record);
      tree.append(leaf);
      tiles.append(leaf);
      bundle.push_back(row.record);
      if (bundle.size() == kTileWidth) write_bundle();
      return tree.size() < size;
    });
  if (!bundle.empty()) write_bundle();
  tiles.finish();
  return tree.root();
}

}  // namespace

Exported export_tree(store::Database& database, std::string_view note,
                     const std::string& directory) {
  const auto checkpoint = unverified_checkpoint(note);
  if (!checkpoint)
    throw Error(Fault::bad_input, "cannot export the log", "the checkpoint is not one");
  OutputFolder folder(directory);
  folder.write("checkpoint", as_bytes(note));
  Bytes root;
  {
    const store::Snapshot snapshot(database);
    root = write_tiles(database, checkpoint->size, folder);
  }
  if (root != checkpoint->root)
    throw Error(Fault::tampered, "cannot export the log",
                "its records are not what the checkpoint signed", "run tsp audit verify");
  const Verdict again = verify_export(folder.path(), {});
  if (!again.intact)
    throw Error(again.first_damage->kind == "order" || again.first_damage->kind == "record"
                    ? Fault::tampered
                    : Fault::output_failed,
                "cannot export the log",
                "reading it back found damage at record " +
                    std::to_string(again.first_damage->seq) + ": " + again.first_damage->kind);
  folder.keep();
  return {static_cast<std::int64_t>(checkpoint->size), root, folder.files()};
}

}  // namespace tsp::audit
