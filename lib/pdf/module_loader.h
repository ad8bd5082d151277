// Opens the modules that belong to this program. Internal to the room.
#pragma once

#include <string>

namespace tsp::pdf {

// From the folder of the running program, else from ../lib/tsp; never unloaded. nullptr where it
// cannot be had: `why` says why.
void* open_module(const std::string& name, std::string& why);

// nullptr where the library has no such symbol; `why` says so.
void* module_symbol(void* library, const std::string& module, const char* symbol, std::string& why);

}  // namespace tsp::pdf
