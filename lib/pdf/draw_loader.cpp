#include "pdf/draw_loader.h"

#include <dlfcn.h>
#include <limits.h>
#include <unistd.h>

#include "base/error.h"
#include "base/files.h"

namespace tsp::pdf {
namespace {

[[noreturn]] void fail(const std::string& why) {
  throw Error(Fault::failed, "cannot draw the visible signature", why,
              "Install tsp completely, or sign without --visible. Nothing was signed.");
}

std::string folder_of_program() {
  char path[PATH_MAX];
  const ssize_t size = ::readlink("/proc/self/exe", path, sizeof path);
  if (size <= 0) fail("/proc/self/exe cannot be read");
  return directory_of(std::string(path, static_cast<std::size_t>(size)));
}

template <class Function>
void resolve(void* library, const char* name, Function*& out) {
  void* symbol = ::dlsym(library, name);
  if (symbol == nullptr) fail(std::string(drawing::kModule) + " lacks " + name);
  out = reinterpret_cast<Function*>(symbol);
}

DrawingModule load() {
  const std::string here = folder_of_program();
  const std::string places[] = {here + "/" + drawing::kModule,
                                here + "/../lib/tsp/" + drawing::kModule};
  for (const std::string& place : places) {
    if (!exists(place)) continue;
    void* library = ::dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      const char* why = ::dlerror();
      fail(why == nullptr ? place + " cannot be loaded" : why);
    }
    DrawingModule out;
    resolve(library, drawing::kDraw, out.draw);
    resolve(library, drawing::kMissing, out.missing);
    return out;
  }
  fail(std::string(drawing::kModule) + " is neither in " + here + " nor in " + here +
       "/../lib/tsp");
}

}  // namespace

const DrawingModule& drawing_module() {
  static const DrawingModule module = load();
  return module;
}

}  // namespace tsp::pdf
