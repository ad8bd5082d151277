// audit::decode: a record of the log has one form only.
#include "audit/log.h"
#include "fuzz/fuzz.h"

using namespace tsp;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::accepted([&] {
    const audit::Record record = audit::decode({data, size});
    fuzz::check(equal(audit::encode(record.seq, record.time, record.event), {data, size}),
                "encode(decode(octets)) is the octets");
  });
  return 0;
}
