#include "crypto/digest.h"

#include "ades/pades.h"
#include "base/error.h"

namespace tsp::ades {

Bytes digest_of(ByteView file, const pdf::ByteRange& range, crypto::HashAlgorithm hash) {
  if (range.first_end > range.second_begin || range.second_begin > range.file_end ||
      range.file_end > file.size())
    throw Error(Fault::bad_input, "cannot digest the signed stretches",
                "they reach beyond the end of the file");
  return crypto::Hasher(hash)
      .update(file.first(static_cast<std::size_t>(range.first_end)))
      .update(file.subspan(static_cast<std::size_t>(range.second_begin),
                           static_cast<std::size_t>(range.file_end - range.second_begin)))
      .finish();
}

}  // namespace tsp::ades
