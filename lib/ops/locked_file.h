// A document that is going to be replaced, held against others who would do the same.
#pragma once

#include "base/files.h"
#include "ops/provider.h"

namespace tsp::ops {

// Opens for reading and takes an advisory lock (flock), for as long as the descriptor lives. What
// is opened is what the path names once the lock is held. Where the file system has no locks, none
// is taken. Error{busy} after a minute; Error{interrupted}; else as open_for_reading().
Fd open_locked(const std::string& path, const World& world);

}  // namespace tsp::ops
