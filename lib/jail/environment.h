// The environment of a process that was forked and does not go on to exec. Internal to the room.
#pragma once

namespace tsp::jail {

// Overwrites every variable where it stands, which is what /proc/PID/environ shows, and leaves the
// environment empty: a secret may be in it (--pin-from env:VAR). Sanitizers' own options stay where
// one is built in. Call it with no other thread running.
void forget_environment();

}  // namespace tsp::jail
