// What concerns libcrypto as a whole.
#pragma once

namespace tsp::crypto {

// For a process that runs one command, before anything else of this room: libcrypto's tables are
// left to the end of the process, instead of being taken apart one by one. Secrets are not among
// them: their owners wipe them. Under sanitizers, which want to see all given back, nothing
// happens.
void leave_tables_standing();

}  // namespace tsp::crypto
