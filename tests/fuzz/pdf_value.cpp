// pdf::read_value, on octets in memory: a value is itself, ends within the octets, and holds no
// more references than octets.
#include "pdf/reading/value.h"

#include "fuzz/fuzz.h"

using namespace tsp;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  pdf::Window window(as_text(ByteView(data, size)));
  pdf::Lexer lexer(window);
  std::uint64_t end = 0;
  const auto value = pdf::read_value(lexer, window, 0, end);
  if (!value) return 0;
  fuzz::check(end <= size, "a value ends within the octets");
  fuzz::check(*value == *value, "a value is itself");
  std::size_t references = 0;
  pdf::for_each_reference(*value, [&](const pdf::Value&) { ++references; });
  fuzz::check(references <= size, "a reference takes octets");
  return 0;
}
