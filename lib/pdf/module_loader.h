// Opens the modules that belong to this program. Internal to the room.
#pragma once

#include <string>

namespace tsp::pdf {

// Where a module's symbols are looked up first. Its own libraries have most, and are asked behind a
// dozen of the program's otherwise. What operator delete frees in them is not overwritten then
// (base/freed.h): it is for a module that sees no secret. Under sanitizers it is as usual.
enum class Lookup { as_usual, own_libraries_first };

// From the folder of the running program, else from ../lib/tsp; never unloaded. nullptr where it
// cannot be had: `why` says why.
void* open_module(const std::string& name, Lookup lookup, std::string& why);

// nullptr where the library has no such symbol; `why` says so.
void* module_symbol(void* library, const std::string& module, const char* symbol, std::string& why);

}  // namespace tsp::pdf
