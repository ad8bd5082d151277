// A document that grows by revisions before anybody sees it: each is planned on what the ones
// before made. An output file grows where it is, as it has no name yet; for what can only be
// written to (standard output, a device) the document grows in memory and is written at the end.
#pragma once

#include "ades/pades.h"
#include "base/files.h"
#include "crypto/digest.h"

namespace tsp::ops {

class GrowingFile {
 public:
  // `output` nullptr: standard output. It must outlive this.
  GrowingFile(OutputFile* output, std::string name);
  // The original with its first revision.
  void begin(const Fd& original, const ades::PreparedPdf& pdf);
  // A copy of a whole document, of `size` octets.
  void begin(const Fd& original, std::uint64_t size);
  void append(ByteView revision);
  // Fed with all of it so far. What was hashed once is not read again.
  crypto::Hasher hashed(crypto::HashAlgorithm hash);
  // To be read; its position is at the end.
  const Fd& file() const { return file_; }
  const std::string& name() const { return name_; }
  // Everything is where it belongs, and an output file has its name.
  void keep();

 private:
  OutputFile* output_;
  std::string name_;
  bool in_memory_;
  Fd file_;
  struct Hashed {
    crypto::HashAlgorithm hash;
    crypto::Hasher hasher;
    std::size_t size;
  };
  std::optional<Hashed> hashed_;
};

}  // namespace tsp::ops
