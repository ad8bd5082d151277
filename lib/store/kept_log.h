// The store's log (WAL), whose file outlives the last connection. Internal to the room.
//
// SQLite removes the file when the last connection closes, and the next one makes it anew: a folder
// that is changed twice, blocks that are allotted and given back, and a journal of the file system
// at each commit. What costs nothing in a server is half of a store's time in a command of some
// milliseconds. Here the file stays, emptied: the 32 octets of its header are zeros, which SQLite
// takes for a log without content (https://sqlite.org/fileformat2.html#the_write_ahead_log), and
// the next connection writes over it, as SQLite itself does once a log was folded into the store.
//
// Where power fails before the zeros reach the disk, the log is whole and says again what is in the
// store; a new header is synced before what follows it (SQLite does so for its own restarts). So
// the store alone is complete whenever nobody has it open, as it was before.
#pragma once

#include <cstdint>

struct sqlite3;

namespace tsp::store::kept_log {

// A log that grew larger is cut to nothing instead. Octets.
inline constexpr std::int64_t kLargest = std::int64_t{1} << 20;

// For sqlite3_open_v2: SQLite's own file system, with logs that can be kept, and without its
// turning to reading where a file cannot be opened for writing.
const char* file_system();

// A number that another one's commit changes, and none of this connection; -1 where it cannot be
// told.
std::int64_t version(sqlite3* connection);

// Called before a connection is closed: if it is the last one, its log is emptied and stays. A
// connection that never opened its log leaves all to SQLite.
void keep(sqlite3* connection);

// Called in its place where the log holds what must be forgotten: it is folded into the store and
// cut to nothing, also while others are connected, unless one of them reads or writes just then.
void cut(sqlite3* connection);

// Whether the log has no content. False where that cannot be told.
bool is_empty(sqlite3* connection);

}  // namespace tsp::store::kept_log
