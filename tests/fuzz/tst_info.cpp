// cms::parse_tst_info: what encode_tst_info writes of it is read as the same.
#include "cms/timestamp.h"
#include "fuzz/fuzz.h"

using namespace tsp;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::accepted([&] {
    const cms::TstInfo info = cms::parse_tst_info({data, size});
    const cms::TstInfo again = cms::parse_tst_info(cms::encode_tst_info(info));
    fuzz::check(again.policy == info.policy && again.hash == info.hash &&
                    again.imprint == info.imprint && again.serial == info.serial &&
                    again.accuracy == info.accuracy && again.ordering == info.ordering &&
                    again.nonce == info.nonce,
                "parse(encode(info)) is the info");
    fuzz::check(again.time == std::chrono::floor<std::chrono::seconds>(info.time),
                "genTime is written in whole seconds");
  });
  return 0;
}
