// What preparing a signature costs apart from keys and disk: the manifest, the revision of a small
// PDF (the parser alone, and in the jail with its process), and verifying in software.
//
//     build/release/bench/bench_documents
#include <benchmark/benchmark.h>

#include "crypto/digest.h"
#include "pdf/codec.h"
#include "pdf/parsers.h"
#include "pdf/revision.h"
#include "sam/manifest.h"
#include "support/software_signer.h"

namespace {

using namespace tsp;
using crypto::HashAlgorithm;
using crypto::KeyAlgorithm;

constexpr std::size_t kContents = 4096;  // octets reserved for a signature

const Fd& document() {  // 23 KB, made by LibreOffice
  static const Fd file = open_for_reading(TSP_SOURCE_DIR "/tests/data/pdf/libreoffice.pdf");
  return file;
}

pdf::SignatureOrder order() {
  pdf::SignatureOrder order;
  order.date = from_unix(1795252200);
  order.name = "Alice Martin";
  order.contents_size = kContents;
  return order;
}

void encode_manifest(benchmark::State& state) {
  sam::Manifest manifest;
  for (std::int64_t i = 0; i < state.range(0); ++i)
    manifest.entries.push_back({"agreement.pdf", Bytes(32), Bytes(32), Bytes(200)});
  for (auto _ : state) benchmark::DoNotOptimize(sam::encode(manifest));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void prepare_alone(benchmark::State& state) {
  const Bytes opening = pdf::encode(pdf::PrepareOpening{"bench"});
  const Bytes request = pdf::encode(pdf::PrepareRequest{order(), Bytes(16)});
  const auto more = [&] { return request; };
  for (auto _ : state)
    benchmark::DoNotOptimize(pdf::prepare_parser(document().get(), opening, more));
}

void prepare_in_jail(benchmark::State& state, jail::Jail& jail) {
  for (auto _ : state) benchmark::DoNotOptimize(pdf::prepare(jail, document(), "bench", order()));
}

void verify(benchmark::State& state, KeyAlgorithm algorithm) {
  crypto::Signer& signer = test::shared_signer(algorithm);
  const auto scheme = scheme_for(algorithm, crypto::Purpose::document);
  const Bytes digest = crypto::sha256(as_bytes("a document"));
  const Bytes value = signer.sign(scheme, HashAlgorithm::sha256, digest);
  const crypto::PublicKey key = signer.public_key();
  for (auto _ : state)
    benchmark::DoNotOptimize(key.verify(scheme, HashAlgorithm::sha256, digest, value));
}

}  // namespace

int main(int argc, char** argv) {
  const auto jail = jail::Jail::start(pdf::parsers());  // before any thread
  benchmark::RegisterBenchmark("manifest", encode_manifest)->Arg(1)->Arg(1000);
  benchmark::RegisterBenchmark("prepare/alone", prepare_alone);
  benchmark::RegisterBenchmark("prepare/jail", prepare_in_jail, std::ref(*jail));
  for (const auto algorithm : {KeyAlgorithm::ecdsa_p256, KeyAlgorithm::ecdsa_p384,
                               KeyAlgorithm::rsa_3072, KeyAlgorithm::rsa_4096})
    benchmark::RegisterBenchmark(("verify/" + std::string(name_of(algorithm))).c_str(), verify,
                                 algorithm);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
