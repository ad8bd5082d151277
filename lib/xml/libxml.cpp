#include "xml/libxml.h"

#include <dlfcn.h>

#include "base/error.h"

namespace tsp::xml {
namespace {

// The ABI of 2.x up to 2.13, and the one from 2.14 on, which has the same functions and members.
constexpr const char* kLibraries[] = {"libxml2.so.2", "libxml2.so.16"};

[[noreturn]] void fail(const std::string& why) {
  throw Error(Fault::failed, "cannot read XML", why, "Install the package libxml2.");
}

template <class Function>
void resolve(void* library, const char* name, Function& out) {
  void* symbol = ::dlsym(library, name);
  if (symbol == nullptr) fail(std::string("libxml2 lacks ") + name);
  out = reinterpret_cast<Function>(symbol);
}

LibXml load() {
  void* library = nullptr;
  for (const char* name : kLibraries)
    if (library == nullptr) library = ::dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) fail("cannot load libxml2");
  LibXml out{};
  decltype(&xmlInitParser) initialise = nullptr;
  resolve(library, "xmlInitParser", initialise);
  resolve(library, "xmlNewParserCtxt", out.new_parser);
  resolve(library, "xmlFreeParserCtxt", out.free_parser);
  resolve(library, "xmlCtxtReadMemory", out.read_memory);
  resolve(library, "xmlStopParser", out.stop_parser);
  resolve(library, "xmlFreeDoc", out.free_document);
  resolve(library, "xmlUnlinkNode", out.unlink_node);
  resolve(library, "xmlFreeNode", out.free_node);
  resolve(library, "xmlC14NExecute", out.canonicalise);
  resolve(library, "xmlOutputBufferCreateIO", out.create_output);
  resolve(library, "xmlOutputBufferClose", out.close_output);
  resolve(library, "xmlSetStructuredErrorFunc", out.set_error_handler);
  initialise();
  return out;
}

}  // namespace

const LibXml& libxml() {
  static const LibXml library = load();
  return library;
}

// The handler's second parameter is const from 2.12 on.
Silence::Silence() {
  libxml().set_error_handler(nullptr, [](void*, auto) {});
}
Silence::~Silence() {
  libxml().set_error_handler(nullptr, nullptr);
}

}  // namespace tsp::xml
