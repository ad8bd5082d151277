#include "ops/growing_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/error.h"

namespace tsp::ops {
namespace {

// A device or FIFO can be written to, from its beginning to its end, and not read.
bool is_regular(int fd) {
  struct stat info {};
  return ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
}

}  // namespace

GrowingFile::GrowingFile(OutputFile* output, std::string name)
    : output_(output),
      name_(std::move(name)),
      in_memory_(output == nullptr || !is_regular(output->fd())),
      file_(in_memory_ ? ::memfd_create("tsp-document", MFD_CLOEXEC)
                       : ::fcntl(output->fd(), F_DUPFD_CLOEXEC, 0)) {
  if (!file_) throw_errno(errno, "cannot write " + name_);
}

void GrowingFile::begin(const Fd& original, const ades::PreparedPdf& pdf) {
  ades::write_pdf(original, pdf, file_.get(), name_);
}

void GrowingFile::begin(const Fd& original, std::uint64_t size) {
  ades::PreparedPdf whole;
  whole.revision.original_size = size;
  ades::write_pdf(original, whole, file_.get(), name_);
}

// Whoever read the file meanwhile may have moved the position that the descriptors share.
void GrowingFile::append(ByteView revision) {
  if (::lseek(file_.get(), 0, SEEK_END) < 0) throw_errno(errno, "cannot write " + name_);
  write_all(file_.get(), revision, name_);
}

crypto::Hasher GrowingFile::hashed(crypto::HashAlgorithm hash) {
  const MappedFile whole(file_, name_);
  if (!hashed_ || hashed_->hash != hash) hashed_.emplace(Hashed{hash, crypto::Hasher(hash), 0});
  if (whole.view().size() < hashed_->size)
    throw Error(Fault::bad_input, "cannot write " + name_, "somebody else changed it meanwhile",
                "nothing was changed; try again when nobody writes to it");
  hashed_->hasher.update(whole.view().subspan(hashed_->size));
  hashed_->size = whole.view().size();
  return hashed_->hasher.fork();
}

void GrowingFile::keep() {
  if (in_memory_) {
    const MappedFile whole(file_, name_);
    write_all(output_ == nullptr ? STDOUT_FILENO : output_->fd(), whole.view(), name_);
  }
  if (output_ != nullptr) output_->keep();
}

}  // namespace tsp::ops
