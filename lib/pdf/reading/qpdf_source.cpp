#include "pdf/reading/qpdf_source.h"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace tsp::pdf {

// Behind the next end of line, a run of CR and LF; at the end when there is none. Returns where
// the line ended.
qpdf_offset_t DescriptorSource::findAndSkipNextEOL() {
  while (at_ < window_.size() && window_.at(at_) != '\r' && window_.at(at_) != '\n') ++at_;
  const std::uint64_t line_end = at_;
  while (window_.at(at_) == '\r' || window_.at(at_) == '\n') ++at_;
  return static_cast<qpdf_offset_t>(line_end);
}

void DescriptorSource::seek(qpdf_offset_t offset, int whence) {
  qpdf_offset_t from = 0;
  if (whence == SEEK_CUR) from = tell();
  if (whence == SEEK_END) from = static_cast<qpdf_offset_t>(window_.size());
  // A sum that does not fit, or lies before the file, is an offset from a hostile file.
  qpdf_offset_t to = 0;
  if (__builtin_add_overflow(from, offset, &to) || to < 0)
    throw std::runtime_error("an offset in it leads out of the file");
  at_ = static_cast<std::uint64_t>(to);
}

std::size_t DescriptorSource::read(char* into, std::size_t length) {
  last_offset = tell();
  const std::uint64_t left = at_ < window_.size() ? window_.size() - at_ : 0;
  const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(length, left));
  if (wanted > 65536) {
    const std::string text = window_.text(at_, wanted);
    std::copy(text.begin(), text.end(), into);
    at_ += text.size();
    return text.size();
  }
  std::size_t done = 0;
  for (; done < wanted; ++done) {
    const int octet = window_.at(at_ + done);
    if (octet < 0) break;
    into[done] = static_cast<char>(octet);
  }
  at_ += done;
  return done;
}

}  // namespace tsp::pdf
