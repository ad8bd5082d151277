// A store that changes between two looks.
#pragma once

#include "activation_fixture.h"

namespace tsp::sam {

// Changes the store at the second look at the time: inside the transaction of the intents, when
// everything was already found good outside of it.
struct ChangingClock final : Clock {
  Tsp& tsp;
  std::string sql;
  mutable int asked = 0;
  ChangingClock(Tsp& of, std::string change) : tsp(of), sql(std::move(change)) {}
  Time now() const override {
    if (++asked == 2) tsp.tamper(sql);
    return tsp.clock.now();
  }
};

}  // namespace tsp::sam
