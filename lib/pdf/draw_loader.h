// Loads libtsp_draw.so at the first call. Internal to the room.
#pragma once

#include "pdf/drawing/module.h"

namespace tsp::pdf {

struct DrawingModule {
  drawing::DrawFunction* draw = nullptr;
  drawing::MissingFunction* missing = nullptr;
};

// From the folder of the running program, else from ../lib/tsp; never unloaded. Error{failed}.
const DrawingModule& drawing_module();

}  // namespace tsp::pdf
