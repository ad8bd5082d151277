// Filling a store with signers, for benches.
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "base/error.h"
#include "crypto/der.h"
#include "crypto/digest.h"
#include "ops/certificates.h"
#include "ops/config.h"
#include "ops/provider.h"
#include "sam/credential.h"
#include "sam/weak_for_tests.h"
#include "serve_house.h"

namespace tsp::bench {
namespace {

namespace der = crypto::der;
constexpr crypto::Argon2 kNextToNothing{8, 1, 1};
constexpr std::size_t kAtOnce = 1000;  // signers in a transaction

store::UserRow user_row(const std::string& name, Time now) {
  store::UserRow user;
  user.name = user.common_name = user.given_name = user.surname = name;
  user.kind = "natural";
  user.group = kGroup;
  user.country = "LU";
  user.state = "active";
  user.created_at = now;
  return user;
}

// Every place where `octets` has `from` gets `to`, which is as long.
void replace_all(Bytes& octets, ByteView from, ByteView to) {
  auto at = octets.begin();
  while ((at = std::search(at, octets.end(), from.begin(), from.end())) != octets.end())
    at = std::copy(to.begin(), to.end(), at);
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

class Filler {
 public:
  Filler(const ops::Home& home, crypto::KeyAlgorithm algorithm)
      : provider_(home, {}, {clock_, nullptr, nullptr, "bench", TSP_SOURCE_DIR "/config"}),
        algorithm_(algorithm) {}

  void run(std::size_t from, std::size_t to, const std::function<void(std::size_t)>& progress) {
    make_first(from);
    for (std::size_t begin = from + 1; begin < to; begin += kAtOnce) {
      const std::size_t end = std::min(to, begin + kAtOnce);
      store::Transaction transaction(provider_.database());
      for (std::size_t number = begin; number < end; ++number) add(transaction, number);
      audit::append(
          transaction, clock_.now(),
          provider_.event("bench.fill", audit::Outcome::done, "", {{"signers", end - begin}}));
      transaction.commit();
      if (progress) progress(end);
    }
    provider_.database().truncate_log();
  }

 private:
  // By the product's own way; the others are made after him.
  void make_first(std::size_t number) {
    const std::string name = name_of(number);
    const auto hsm = provider_.session("signers");
    ca_ = provider_.session("pki")->open_signer(ops::kIssuingKey);
    x509::Subject subject;
    subject.common_name = name;
    key_ = sam::generate_key(*hsm, name, subject, algorithm_, "", clock_.now());
    key_.id = key_of(number);
    key_.link_mac = sam::link_mac(*hsm, key_);
    store::Transaction transaction(provider_.database());
    store::insert_user(transaction, user_row(name, clock_.now()));
    store::insert_key(transaction, key_);
    add_factors(transaction, number);
    transaction.commit();
    first_ = ops::issue_certificate(provider_,
                                    {.key = key_.id, .user = {}, .profile = {}, .lifetime = {}})
                 .row;
  }

  void add_factors(store::Transaction& transaction, std::size_t number) {
    const auto hsm = provider_.session("signers");
    const std::string name = name_of(number);
    const Secret pin = Secret::copy_of(as_bytes(std::string_view(kPin)));
    store::insert_factor(
        transaction,
        {0, name, "pin", sam::make_pin_verifier_for_tests(*hsm, name, pin, kNextToNothing), 0, {}});
    store::insert_factor(
        transaction,
        {0, name, "hotp", sam::seal_seed(*hsm, name, Secret(seed_of(number)), "hotp"), 0, {}});
  }

  store::CertificateRow certificate(std::size_t number) {
    store::CertificateRow row = first_;
    const std::string name = name_of(number);
    Bytes serial = random_bytes(row.serial.size() / 2);
    serial[0] = static_cast<std::uint8_t>((serial[0] & 0x3f) | 0x40);
    const auto parts = der::children(der::first(row.der)->content).value();
    Bytes tbs = to_bytes(parts.at(0).whole);
    replace_all(tbs, from_hex(first_.serial).value(), serial);
    replace_all(tbs, as_bytes(first_.owner), as_bytes(name));
    const Bytes value =
        ca_->sign(crypto::Scheme::ecdsa, crypto::HashAlgorithm::sha256, crypto::sha256(tbs));
    Bytes bits{0};
    append(bits, value);
    row.der = der::sequence(tbs, to_bytes(parts.at(1).whole), der::tlv(der::kBitString, bits));
    row.serial = to_hex(serial);
    replace_all(row.subject, first_.owner, name);
    row.owner = name;
    row.key = key_of(number);
    return row;
  }

  void add(store::Transaction& transaction, std::size_t number) {
    const std::string name = name_of(number);
    store::KeyRow key = key_;
    key.owner = name;
    key.id = key_of(number);
    key.link_mac = sam::link_mac(*provider_.session("signers"), key);
    store::insert_user(transaction, user_row(name, clock_.now()));
    store::insert_key(transaction, key);
    add_factors(transaction, number);
    store::insert_certificate(transaction, certificate(number));
  }

  SystemClock clock_;
  ops::Provider provider_;
  crypto::KeyAlgorithm algorithm_;
  std::unique_ptr<crypto::Signer> ca_;
  store::KeyRow key_;
  store::CertificateRow first_;
};

}  // namespace

void fill(const ops::Home& home, std::size_t from, std::size_t to, crypto::KeyAlgorithm algorithm,
          const std::function<void(std::size_t)>& progress) {
  in_child([&] {
    Filler(home, algorithm).run(from, to, progress);
    return Bytes();
  });
}

void add_group(const ops::Home& home) {
  in_child([&] {
    const SystemClock clock;
    ops::Provider provider(home, {}, {clock, nullptr, nullptr, "bench", TSP_SOURCE_DIR "/config"});
    auto group = store::find_group(provider.database(), "default").value();
    group.name = kGroup;
    group.factors_scal1 = "pin+hotp";
    store::Transaction transaction(provider.database());
    store::insert_group(transaction, group);
    transaction.commit();
    return Bytes();
  });
}

}  // namespace tsp::bench
