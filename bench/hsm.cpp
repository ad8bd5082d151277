// What the HSM costs: a signer's whole cycle (unwrap, sign, destroy), a loaded key, and OpenSSL
// with a software key as the ruler. The HSM is SoftHSM in a temporary directory.
//
//     build/release/bench/bench_hsm
//
// Read the columns as ratios to software/KEY of the same run.
#include <benchmark/benchmark.h>

#include "crypto/digest.h"
#include "support/softhsm_fixture.h"
#include "support/software_signer.h"

namespace {

using namespace tsp;
using crypto::HashAlgorithm;
using crypto::KeyAlgorithm;

const Bytes& digest() {
  static const Bytes value = crypto::sha256(as_bytes("a document"));
  return value;
}

// One token for all benchmarks of a run.
struct Bench {
  test::SoftHsm hsm;
  std::shared_ptr<hsm::Session> session = hsm.session();
  Bench() { session->generate_wrapping_key("master-1"); }
};

void sign_once(crypto::Signer& signer, KeyAlgorithm algorithm) {
  benchmark::DoNotOptimize(signer.sign(scheme_for(algorithm, crypto::Purpose::document),
                                       HashAlgorithm::sha256, digest()));
}

void cycle(benchmark::State& state, Bench& bench, KeyAlgorithm algorithm) {
  const hsm::WrappedKey key = bench.session->generate_wrapped(algorithm, "master-1");
  for (auto _ : state) sign_once(*bench.session->unwrap(key), algorithm);
}

void loaded(benchmark::State& state, Bench& bench, KeyAlgorithm algorithm) {
  const auto signer = bench.session->generate_one_time(algorithm);
  for (auto _ : state) sign_once(*signer, algorithm);
}

void generate(benchmark::State& state, Bench& bench, KeyAlgorithm algorithm) {
  for (auto _ : state)
    benchmark::DoNotOptimize(bench.session->generate_wrapped(algorithm, "master-1"));
}

void software(benchmark::State& state, KeyAlgorithm algorithm) {
  crypto::Signer& signer = test::shared_signer(algorithm);
  for (auto _ : state) sign_once(signer, algorithm);
}

void verify(benchmark::State& state, KeyAlgorithm algorithm) {
  crypto::Signer& signer = test::shared_signer(algorithm);
  const auto scheme = scheme_for(algorithm, crypto::Purpose::document);
  const Bytes value = signer.sign(scheme, HashAlgorithm::sha256, digest());
  for (auto _ : state)
    benchmark::DoNotOptimize(
        signer.public_key().verify(scheme, HashAlgorithm::sha256, digest(), value));
}

void mac(benchmark::State& state, Bench& bench) {
  for (auto _ : state) benchmark::DoNotOptimize(bench.session->mac("pepper", digest()));
}

void declare(Bench& bench, KeyAlgorithm algorithm) {
  const std::string key(name_of(algorithm));
  benchmark::RegisterBenchmark(("software/" + key).c_str(), software, algorithm);
  benchmark::RegisterBenchmark(("loaded/" + key).c_str(), loaded, std::ref(bench), algorithm);
  benchmark::RegisterBenchmark(("unwrap+sign+destroy/" + key).c_str(), cycle, std::ref(bench),
                               algorithm);
  benchmark::RegisterBenchmark(("verify/" + key).c_str(), verify, algorithm);
}

}  // namespace

int main(int argc, char** argv) {
  Bench bench;
  bench.session->generate_mac_key("pepper");
  for (const auto algorithm : {KeyAlgorithm::ecdsa_p256, KeyAlgorithm::ecdsa_p384,
                               KeyAlgorithm::rsa_3072, KeyAlgorithm::rsa_4096})
    declare(bench, algorithm);
  benchmark::RegisterBenchmark("generate+wrap/ecdsa-p256", generate, std::ref(bench),
                               KeyAlgorithm::ecdsa_p256);
  benchmark::RegisterBenchmark("mac", mac, std::ref(bench));
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
