// sam::parse_machine_credential: what a machine shows in place of factors.
#include "fuzz/fuzz.h"
#include "sam/seal_window.h"

using namespace tsp;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto said = sam::parse_machine_credential(Secret::copy_of({data, size}));
  if (said)
    fuzz::check(said->window.size() == 16 && said->secret.size() == 32,
                "a credential has a window and a secret");
  return 0;
}
