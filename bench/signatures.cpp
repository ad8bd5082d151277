// What validating a PDF with many signatures costs, without starting a process: inspection, the
// comparison of all revisions, and every signature's verdict. 100 should cost no more than 5 times
// 25.
//
//     build/release/bench/bench_signatures
#include <benchmark/benchmark.h>

#include "pdf/codec.h"
#include "pdf/parsers.h"
#include "support/pki_story.h"

namespace {

using namespace tsp;
using namespace tsp::test;

const Story& story() {
  static const Story made;
  return made;
}

// A small document that Anna signed so many times.
const Bytes& signed_times(std::int64_t count) {
  static std::map<std::int64_t, Bytes> made;
  Bytes& out = made[count];
  if (!out.empty()) return out;
  out = read_file(TSP_SOURCE_DIR "/tests/data/pdf/classic-xref.pdf", 1 << 20);
  for (std::int64_t i = 0; i < count; ++i) out = story().anna_signs(out, "2025-03-01T10:00:00Z");
  return out;
}

void inspect(benchmark::State& state) {
  const Folder folder;
  const Fd file = open_for_reading(folder.put("many.pdf", signed_times(state.range(0))));
  for (auto _ : state) benchmark::DoNotOptimize(pdf::inspect_parser(file.get(), as_bytes("bench")));
}

void compare(benchmark::State& state) {
  const Folder folder;
  const Fd file = open_for_reading(folder.put("many.pdf", signed_times(state.range(0))));
  const auto found = pdf::decode_inspection(pdf::inspect_parser(file.get(), as_bytes("bench")));
  const Bytes request = pdf::encode(pdf::ChangesRequest{"bench", found.revisions.at(1).end});
  for (auto _ : state) benchmark::DoNotOptimize(pdf::changes_parser(file.get(), request));
}

void validate(benchmark::State& state) {
  const Bytes& document = signed_times(state.range(0));
  const validation::Context context = story().context("2025-03-02T00:00:00Z");
  for (auto _ : state) {
    validation::Context known = context;
    benchmark::DoNotOptimize(story().report(document, known));
  }
}

}  // namespace

int main(int argc, char** argv) {
  tsp::test::jail();  // before any thread
  benchmark::RegisterBenchmark("inspect", inspect)->Arg(25)->Arg(100);
  benchmark::RegisterBenchmark("compare", compare)->Arg(25)->Arg(100);
  benchmark::RegisterBenchmark("validate", validate)->Arg(25)->Arg(100);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
