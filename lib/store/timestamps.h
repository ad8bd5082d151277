// Serial numbers of time-stamp tokens.
#pragma once

#include "store/database.h"

namespace tsp::store {

// Drawn at random by the caller, stored before signing; false when taken.
bool reserve_tst_serial(Transaction&, std::string_view serial);

}  // namespace tsp::store
