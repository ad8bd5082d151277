// The signature activation module: what it costs to be asked, compared in one run with the bare
// HSM.
//
//     build/release/bench/bench_sam
//
// batch: one approval of 1000 digests, given and signed: read the items per second as a ratio to
// loop/ of the same key. one_use: 64 approvals of one digest each, signed as one queue; whole: the
// same with giving the approvals; both are compared with cycle/. activation: giving one approval.
// Argon2 is at 64 KiB.
#include <benchmark/benchmark.h>

#include "cms/signed_data.h"
#include "crypto/digest.h"
#include "sam/credential.h"
#include "sam/sam.h"
#include "sam/weak_for_tests.h"
#include "support/certificates.h"
#include "support/command.h"
#include "support/fixed_clock.h"
#include "support/softhsm_fixture.h"
#include "support/software_signer.h"

namespace {

using namespace tsp;
using crypto::HashAlgorithm;
using crypto::KeyAlgorithm;

constexpr crypto::Argon2 kQuick{64, 1, 1};
constexpr std::string_view kPin = "246813";

struct Bench;
// One token for all: a process has one SoftHSM. Emptied before the process ends, because SoftHSM
// goes with the library's exit handlers.
struct House {
  std::unique_ptr<test::SoftHsm> hsm = std::make_unique<test::SoftHsm>();
  std::shared_ptr<hsm::Session> session = hsm->session("signers");
  std::map<KeyAlgorithm, std::unique_ptr<Bench>> benches;
  House();
  ~House();
};
std::unique_ptr<House> house;

// A store and a signer with one key.
struct Bench {
  std::shared_ptr<hsm::Session> session = house->session;
  test::Folder folder;
  std::unique_ptr<store::Database> database =
      store::Database::open(folder.file("store.db"), store::Database::Open::create);
  test::FixedClock clock{from_unix(1800000000)};
  sam::Policy policy{5, std::chrono::seconds(3600), 10000, true, kQuick};
  test::Holder authority{{"Bench CA", test::ca_extensions()}};
  Bytes seed = Bytes(20, 0x5a);
  store::KeyRow key;
  sam::Caller caller{"uid:0", true};

  explicit Bench(KeyAlgorithm algorithm) {
    key = sam::generate_key(*session, "alice", {}, algorithm, "", clock.now());
    store::UserRow user;
    user.name = user.common_name = "alice";
    user.kind = "natural";
    user.group = "default";
    user.state = "active";
    store::Transaction transaction(*database);
    store::insert_user(transaction, user);
    store::insert_key(transaction, key);
    const Secret pin = Secret::copy_of(as_bytes(kPin));
    store::insert_factor(transaction,
                         {0,
                          "alice",
                          "pin",
                          sam::make_pin_verifier_for_tests(*session, "alice", pin, kQuick),
                          0,
                          {}});
    store::insert_factor(
        transaction,
        {0, "alice", "totp", sam::seal_seed(*session, "alice", Secret::copy_of(seed)), 0, {}});
    store::insert_certificate(transaction, certificate());
    transaction.commit();
  }
  store::CertificateRow certificate() {
    const auto public_key = crypto::PublicKey::from_spki(key.spki);
    EVP_PKEY_up_ref(public_key.get());
    const auto made =
        test::Holder({"Alice"}, authority,
                     std::make_shared<test::SoftwareSigner>(crypto::EvpPkeyPtr(public_key.get())))
            .certificate();
    store::CertificateRow row;
    row.serial = made.serial();
    row.role = "signer";
    row.key = key.id;
    row.owner = "alice";
    row.not_before = made.not_before();
    row.not_after = made.not_after();
    row.spki = key.spki;
    row.der = made.der();
    row.state = "valid";
    return row;
  }
  sam::Manifest manifest(std::size_t documents) {
    static std::uint64_t drawn = 0;
    sam::Manifest out;
    for (std::size_t at = 0; at < documents; ++at) {
      Bytes number;
      append_u64(number, ++drawn);
      out.entries.push_back({"", {}, crypto::sha256(number), {}});
    }
    return out;
  }
  sam::Approval authorize(sam::SignatureActivationModule& module, const sam::Manifest& manifest) {
    clock.advance(std::chrono::seconds(30));
    sam::Presented factors;
    factors.pin = Secret::copy_of(as_bytes(kPin));
    factors.otp = Secret::copy_of(
        as_bytes(sam::hotp(seed, static_cast<std::uint64_t>(sam::totp_step(clock.now())))));
    return module.authorize(caller, "alice", key.id, manifest, factors);
  }
};

House::House() {
  session->generate_wrapping_key(sam::kMasterKey);
  session->generate_mac_key(sam::kLinkKey);
  session->generate_mac_key(sam::kPepperKey);
  session->generate_seal_key(sam::kSeedKey);
}

House::~House() {
  benches.clear();
  session.reset();
}

Bench& bench_of(KeyAlgorithm algorithm) {
  auto& bench = house->benches[algorithm];
  if (!bench) bench = std::make_unique<Bench>(algorithm);
  return *bench;
}

void sign_and_verify(crypto::Signer& signer, KeyAlgorithm algorithm, const Bytes& digest) {
  const auto scheme = scheme_for(algorithm, crypto::Purpose::document);
  const Bytes value = signer.sign(scheme, HashAlgorithm::sha256, digest);
  if (!signer.public_key().verify(scheme, HashAlgorithm::sha256, digest, value)) std::abort();
}

// The rulers: C_Sign with a loaded key, or unwrap, C_Sign and destroy, each verified in software.
void loop(benchmark::State& state, KeyAlgorithm algorithm) {
  Bench& bench = bench_of(algorithm);
  const auto signer = bench.session->generate_one_time(algorithm);
  const auto manifest = bench.manifest(1);
  for (auto _ : state) sign_and_verify(*signer, algorithm, manifest.entries[0].content_digest);
  state.SetItemsProcessed(state.iterations());
}
void cycle(benchmark::State& state, KeyAlgorithm algorithm) {
  Bench& bench = bench_of(algorithm);
  const auto manifest = bench.manifest(1);
  const store::KeyRow& key = bench.key;
  for (auto _ : state)
    sign_and_verify(*bench.session->unwrap({key.spki, key.blob, key.mechanism, key.wrapping_key}),
                    algorithm, manifest.entries[0].content_digest);
  state.SetItemsProcessed(state.iterations());
}

// Approvals, and what is signed under them.
struct Queue {
  std::vector<sam::Manifest> manifests;
  std::vector<sam::Approval> approvals;

  Queue(Bench& bench, sam::SignatureActivationModule& module, std::size_t orders,
        std::size_t documents) {
    for (std::size_t at = 0; at < orders; ++at) {
      manifests.push_back(bench.manifest(documents));
      approvals.push_back(bench.authorize(module, manifests.back()));
    }
  }
  void sign(Bench& bench, sam::SignatureActivationModule& module) {
    std::vector<sam::SigningOrder> orders;
    for (std::size_t at = 0; at < approvals.size(); ++at)
      orders.push_back({&bench.caller, &approvals[at], &manifests[at]});
    for (const auto& result : module.sign_all(orders)) {
      if (result.error) throw *result.error;
      for (const auto& signature : result.signatures)
        if (signature.error) throw *signature.error;
    }
  }
};

enum class Timed { all, signing };

void queue(benchmark::State& state, KeyAlgorithm algorithm, std::size_t orders,
           std::size_t documents, Timed timed) {
  Bench& bench = bench_of(algorithm);
  sam::SignatureActivationModule module(*bench.database, bench.clock, bench.session, bench.policy);
  for (auto _ : state) {
    if (timed == Timed::signing) state.PauseTiming();
    Queue given(bench, module, orders, documents);
    if (timed == Timed::signing) state.ResumeTiming();
    given.sign(bench, module);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(orders * documents));
}

void activation(benchmark::State& state) {
  Bench& bench = bench_of(KeyAlgorithm::ecdsa_p256);
  sam::SignatureActivationModule module(*bench.database, bench.clock, bench.session, bench.policy);
  for (auto _ : state) benchmark::DoNotOptimize(bench.authorize(module, bench.manifest(1)));
  state.SetItemsProcessed(state.iterations());
}

constexpr auto kP256 = KeyAlgorithm::ecdsa_p256, kRsa = KeyAlgorithm::rsa_3072;
BENCHMARK_CAPTURE(loop, p256, kP256)->UseRealTime();
BENCHMARK_CAPTURE(queue, p256_batch, kP256, 1, 1000, Timed::all)->UseRealTime();
BENCHMARK_CAPTURE(cycle, p256, kP256)->UseRealTime();
BENCHMARK_CAPTURE(queue, p256_one_use, kP256, 64, 1, Timed::signing)->UseRealTime();
BENCHMARK_CAPTURE(queue, p256_whole, kP256, 64, 1, Timed::all)->UseRealTime();
BENCHMARK(activation)->UseRealTime();
BENCHMARK_CAPTURE(loop, rsa3072, kRsa)->UseRealTime();
BENCHMARK_CAPTURE(queue, rsa3072_batch, kRsa, 1, 1000, Timed::all)->UseRealTime();
BENCHMARK_CAPTURE(cycle, rsa3072, kRsa)->UseRealTime();
BENCHMARK_CAPTURE(queue, rsa3072_one_use, kRsa, 64, 1, Timed::signing)->UseRealTime();
BENCHMARK_CAPTURE(queue, rsa3072_whole, kRsa, 64, 1, Timed::all)->UseRealTime();

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  house = std::make_unique<House>();
  benchmark::RunSpecifiedBenchmarks();
  house.reset();
}
