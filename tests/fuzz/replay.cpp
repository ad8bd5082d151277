// Runs a fuzz target over the files it is given, and over those in the folders it is given, without
// libFuzzer: so that every build replays the corpus.
//
//   fuzz_TARGET FILE_OR_FOLDER…
//
// Exit 0 when every input was answered; 1 without any input. A promise that does not hold aborts,
// with the name of the file in the line before.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "fuzz/fuzz.h"

namespace {

constexpr std::size_t kMostOctets = std::size_t{64} << 20;

std::vector<std::string> inputs_of(int count, char** arguments) {
  std::vector<std::string> out;
  for (int i = 1; i < count; ++i) {
    if (!std::filesystem::is_directory(arguments[i])) {
      out.emplace_back(arguments[i]);
      continue;
    }
    for (const auto& entry : std::filesystem::directory_iterator(arguments[i]))
      if (entry.is_regular_file()) out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

int main(int count, char** arguments) {
  const std::vector<std::string> inputs = inputs_of(count, arguments);
  for (const std::string& input : inputs) {
    std::printf("%s\n", input.c_str());
    std::fflush(stdout);
    const tsp::Bytes octets = tsp::read_file(input, kMostOctets);
    LLVMFuzzerTestOneInput(octets.data(), octets.size());
  }
  std::printf("%zu inputs\n", inputs.size());
  return inputs.empty() ? 1 : 0;
}
