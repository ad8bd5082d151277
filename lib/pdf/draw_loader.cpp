#include "pdf/draw_loader.h"

#include "base/error.h"
#include "pdf/module_loader.h"

namespace tsp::pdf {
namespace {

[[noreturn]] void fail(const std::string& why) {
  throw Error(Fault::failed, "cannot draw the visible signature", why,
              "Install tsp completely, or sign without --visible. Nothing was signed.");
}

template <class Function>
void resolve(void* library, const char* name, Function*& out) {
  std::string why;
  void* const symbol = module_symbol(library, drawing::kModule, name, why);
  if (symbol == nullptr) fail(why);
  out = reinterpret_cast<Function*>(symbol);
}

DrawingModule load_drawing() {
  std::string why;
  void* const library = open_module(drawing::kModule, Lookup::as_usual, why);
  if (library == nullptr) fail(why);
  DrawingModule out;
  resolve(library, drawing::kDraw, out.draw);
  resolve(library, drawing::kMissing, out.missing);
  return out;
}

}  // namespace

const DrawingModule& drawing_module() {
  static const DrawingModule module = load_drawing();
  return module;
}

}  // namespace tsp::pdf
