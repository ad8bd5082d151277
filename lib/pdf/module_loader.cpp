#include "pdf/module_loader.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <limits.h>
#include <unistd.h>

#include "base/files.h"
#include "base/sanitized.h"

namespace tsp::pdf {

void* open_module(const std::string& name, Lookup lookup, std::string& why) {
  char path[PATH_MAX];
  const ssize_t size = ::readlink("/proc/self/exe", path, sizeof path);
  if (size <= 0) {
    why = "/proc/self/exe cannot be read";
    return nullptr;
  }
  const std::string here = directory_of(std::string(path, static_cast<std::size_t>(size)));
  for (const std::string& place :
       {fmt::format("{}/{}", here, name), fmt::format("{}/../lib/tsp/{}", here, name)}) {
    if (!exists(place)) continue;
    const bool own = lookup == Lookup::own_libraries_first && !kSanitized;
    void* library = ::dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL | (own ? RTLD_DEEPBIND : 0));
    if (library != nullptr) return library;
    const char* said = ::dlerror();
    why = said == nullptr ? place + " cannot be loaded" : said;
    return nullptr;
  }
  why = name + " is neither in " + here + " nor in " + here + "/../lib/tsp";
  return nullptr;
}

void* module_symbol(void* library, const std::string& module, const char* symbol,
                    std::string& why) {
  void* const found = ::dlsym(library, symbol);
  if (found == nullptr) why = module + " lacks " + symbol;
  return found;
}

}  // namespace tsp::pdf
