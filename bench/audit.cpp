// What a record of the audit log costs: one a commit (durable, so it is the disk's speed), a
// thousand in one commit, and the tree alone.
//
//     build/release/bench/bench_audit
#include <benchmark/benchmark.h>

#include "audit/log.h"
#include "crypto/digest.h"
#include "support/temporary_folder.h"

namespace {

using namespace tsp;

audit::Event event() {
  return {"sign",
          audit::Outcome::done,
          "uid:1000",
          "signer",
          "alice",
          {{"key", "fbafd49965c59e0476a20913873359da"},
           {"document", "agreement.pdf"},
           {"dtbs_sha256", to_hex(crypto::sha256(as_bytes("a document")))}}};
}

// A store of its own for each run.
struct Log {
  TemporaryFolder folder;
  std::unique_ptr<store::Database> database =
      store::Database::open(folder.path() + "/store.db", store::Database::Open::create);
  Time now = from_unix(1795252200);

  void append(std::int64_t count) {
    store::Transaction transaction(*database);
    for (std::int64_t i = 0; i < count; ++i) audit::append(transaction, now, event());
    transaction.commit();
  }
};

void append(benchmark::State& state) {
  Log log;
  for (auto _ : state) log.append(state.range(0));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void tree(benchmark::State& state) {
  audit::Frontier frontier;
  const Bytes leaf = audit::leaf_hash(as_bytes("a record of the log"));
  for (auto _ : state) frontier.append(leaf);
  benchmark::DoNotOptimize(frontier.root());
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK(append)->Arg(1)->Arg(64)->Arg(1000);
BENCHMARK(tree);

}  // namespace

BENCHMARK_MAIN();
