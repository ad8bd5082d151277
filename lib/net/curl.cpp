#include "net/curl.h"

#include <dlfcn.h>

#include "base/error.h"

namespace tsp::net {
namespace {

constexpr const char* kLibrary = "libcurl.so.4";  // the ABI since 2006

[[noreturn]] void fail(const std::string& why) {
  throw Error(Fault::failed, "cannot use the network", why, "Install the package libcurl4.");
}

template <class Function>
void resolve(void* library, const char* name, Function& out) {
  void* symbol = ::dlsym(library, name);
  if (symbol == nullptr) fail(std::string(kLibrary) + " lacks " + name);
  out = reinterpret_cast<Function>(symbol);
}

CurlLibrary load() {
  void* library = ::dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) fail(std::string("cannot load ") + kLibrary);
  CurlLibrary out{};
  decltype(&curl_global_init) global_init = nullptr;
  resolve(library, "curl_global_init", global_init);
  resolve(library, "curl_easy_init", out.easy_init);
  resolve(library, "curl_easy_cleanup", out.easy_cleanup);
  resolve(library, "curl_easy_perform", out.easy_perform);
  resolve(library, "curl_easy_strerror", out.easy_strerror);
  resolve(library, "curl_easy_setopt", out.easy_setopt);
  resolve(library, "curl_easy_getinfo", out.easy_getinfo);
  resolve(library, "curl_slist_append", out.slist_append);
  resolve(library, "curl_slist_free_all", out.slist_free_all);
  if (global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) fail(std::string(kLibrary) + " does not start");
  return out;
}

}  // namespace

const CurlLibrary& curl_library() {
  static const CurlLibrary library = load();
  return library;
}

}  // namespace tsp::net
