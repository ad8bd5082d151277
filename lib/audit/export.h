// The log as files that anybody can check and serve: a C2SP tlog-tiles tree (tiles.h).
#pragma once

#include "audit/verify.h"

namespace tsp::audit {

struct Exported {
  std::int64_t size = 0;  // records
  Bytes root;
  std::int64_t files = 0;
};

// Writes `checkpoint` (the note) and the tiles of its tree: the log's first records, as many as the
// note says. The folder must not be there (Error{already_exists}); it appears whole or not at all,
// and only after it was read back and verified. Error{tampered} when the records are not what the
// note signed. Does NOT verify the note's signature.
Exported export_tree(store::Database& database, std::string_view note,
                     const std::string& directory);

// Verifies an exported tree offline: the note by the verifier keys (as verify() does), canonical
// form, sequence and order of the records, every tile, the root, and trusted notes. There are no
// chain values in an export; the tree stands for them. Missing tiles are damage. Files that belong
// to no tile of the tree are not looked at.
Verdict verify_export(const std::string& directory, const VerifyOptions& options);

}  // namespace tsp::audit
