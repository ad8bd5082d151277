// Secrets that passed through strings and vectors of libraries do not outlive them.
#pragma once

namespace tsp {

// From now on what operator delete frees is overwritten first, in this process and those it forks.
// The C library's M_PERTURB leaves small pieces as they are, which it keeps for the next caller.
// Not so in libraries of modules that look their symbols up by themselves (pdf/module_loader.h).
// Under AddressSanitizer nothing changes: it brings operators of its own.
void wipe_what_is_freed();

}  // namespace tsp
