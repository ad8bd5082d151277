// qpdf reading a file descriptor by pread, 64 KiB at a time.
#pragma once

#include <memory>
#include <qpdf/InputSource.hh>
#include <string>

#include "pdf/window.h"

namespace tsp::pdf {

class DescriptorSource final : public InputSource {
 public:
  DescriptorSource(int file, std::string name, std::uint64_t end = kWholeFile,
                   std::string_view tail = {})
      : window_(file, end, tail), name_(std::move(name)) {}

  qpdf_offset_t findAndSkipNextEOL() override;
  std::string const& getName() const override { return name_; }
  qpdf_offset_t tell() override { return static_cast<qpdf_offset_t>(at_); }
  void seek(qpdf_offset_t offset, int whence) override;
  void rewind() override { at_ = 0; }
  std::size_t read(char* into, std::size_t length) override;
  void unreadCh(char) override { at_ -= at_ > 0; }

 private:
  Window window_;
  std::string name_;
  std::uint64_t at_ = 0;
};

}  // namespace tsp::pdf
