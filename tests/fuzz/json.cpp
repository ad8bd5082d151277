// parse_json: what was read and is written again is read as the same.
#include "base/json.h"

#include "fuzz/fuzz.h"

using namespace tsp;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::accepted([&] {
    const Json value = parse_json({data, size}, "input");
    const std::string written = dump(value);
    fuzz::check(dump(parse_json(as_bytes(written), "output", {.size = 8 << 20})) == written,
                "parse(dump(value)) is the value");
  });
  return 0;
}
