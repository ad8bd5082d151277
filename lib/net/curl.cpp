#include "net/curl.h"

#include <dlfcn.h>
#include <malloc.h>

#include <algorithm>
#include <clocale>
#include <cstdlib>
#include <cstring>

#include "base/error.h"
#include "base/secret.h"

namespace tsp::net {
namespace {

constexpr const char* kLibrary = "libcurl.so.4";  // the ABI since 2006

[[noreturn]] void fail(const std::string& why) {
  throw Error(Fault::failed, "cannot use the network", why, "Install the package libcurl4.");
}

// libcurl keeps copies of what it sends, mails with codes and passwords, in buffers of its own. It
// takes its memory here, and what it gives back is wiped first.
void give_back(void* memory) {
  if (memory == nullptr) return;
  wipe({static_cast<std::uint8_t*>(memory), ::malloc_usable_size(memory)});
  std::free(memory);
}

// Never in place, so that what stood there is wiped whatever becomes of it.
void* resize(void* memory, std::size_t size) {
  void* fresh = std::malloc(size);
  if (fresh == nullptr || memory == nullptr) return fresh;
  std::memcpy(fresh, memory, std::min(size, ::malloc_usable_size(memory)));
  give_back(memory);
  return fresh;
}

template <class Function>
void resolve(void* library, const char* name, Function& out) {
  void* symbol = ::dlsym(library, name);
  if (symbol == nullptr) fail(std::string(kLibrary) + " lacks " + name);
  out = reinterpret_cast<Function>(symbol);
}

CurlLibrary load() {
  std::setlocale(LC_CTYPE, "");  // by which it reads host names that are not ASCII
  void* library = ::dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) fail(std::string("cannot load ") + kLibrary);
  CurlLibrary out{};
  decltype(&curl_global_init_mem) global_init = nullptr;
  resolve(library, "curl_global_init_mem", global_init);
  resolve(library, "curl_easy_init", out.easy_init);
  resolve(library, "curl_easy_cleanup", out.easy_cleanup);
  resolve(library, "curl_easy_perform", out.easy_perform);
  resolve(library, "curl_easy_strerror", out.easy_strerror);
  resolve(library, "curl_easy_setopt", out.easy_setopt);
  resolve(library, "curl_easy_getinfo", out.easy_getinfo);
  resolve(library, "curl_slist_append", out.slist_append);
  resolve(library, "curl_slist_free_all", out.slist_free_all);
  if (global_init(CURL_GLOBAL_DEFAULT, &std::malloc, &give_back, &resize, &::strdup,
                  &std::calloc) != CURLE_OK)
    fail(std::string(kLibrary) + " does not start");
  return out;
}

}  // namespace

const CurlLibrary& curl_library() {
  static const CurlLibrary library = load();
  return library;
}

}  // namespace tsp::net
