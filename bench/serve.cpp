// `tsp serve` under load, as ratios in one run to processes that only do the HSM's work, each
// signature verified in software. Nothing is asserted. See docs/performance.md.
//
//     build/release/bench/bench_serve [--only PART]… [--seconds S] [--rounds N] [--credentials N]
//
// Parts: one-use, batch, scaling, latency, ocsp, tsa, memory, store (with --credentials, default
// 20000; 1000000 takes about ten minutes to fill). Argon2 is at next to no cost.
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <thread>

#include "serve_tasks.h"

namespace {

using namespace tsp;
using bench::Kind;
using bench::kP256;
using bench::kRsa3072;
using bench::kSigners;
using bench::LoadOrder;
using bench::LoadResult;
using bench::Server;
using bench::ServerOrder;

struct Given {
  std::vector<std::string> only;
  double seconds = 3;
  int rounds = 3;
  std::size_t credentials = 20000;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.at(values.size() / 2);
}

std::string by_kind(const std::map<std::string, double>& before,
                    const std::map<std::string, double>& after, double seconds) {
  std::string out;
  for (const auto& [kind, time] : after) {
    const auto was = before.find(kind);
    out += fmt::format(" {} {:.0f} %", kind,
                       100 * (time - (was == before.end() ? 0 : was->second)) / seconds);
  }
  return out;
}

struct Measured {
  double rate = 0;
  std::string processors;
  LoadResult result;
};

Measured measure(const Server& server, const LoadOrder& order, std::size_t weight = 1) {
  const auto before = server.processor_time();
  LoadResult result = bench::load(order);
  const auto after = server.processor_time();
  return {result.rate() * static_cast<double>(weight),
          fmt::format("processor: client {:.0f} %,{}", 100 * result.processor / result.seconds,
                      by_kind(before, after, result.seconds)),
          std::move(result)};
}

// Where processes that sign run, the ruler's and the server's. On a processor of their own, which
// they share, they have in both what a core each would give them: nothing else runs there.
enum class Place { anywhere, own_processor };
constexpr int kForOthers = 0, kForSignatures = 1;

const char* text_of(Place place) {
  return place == Place::anywhere ? "on all processors" : "on one that nothing else has";
}

constexpr std::pair<unsigned, Place> kSettings[] = {
    {1, Place::anywhere}, {2, Place::anywhere}, {2, Place::own_processor}};

struct Setting {
  bench::Work work;
  const Kind& kind;
  unsigned workers;
  Place place;
  std::size_t documents, connections;
};

class Bench {
 public:
  explicit Bench(Given given) : given_(std::move(given)), house_(TSP_BINARY_DIR) {
    bench::fill_both(house_);
  }

  void one_use() {
    for (const auto& [kind, wanted] : {std::pair{kRsa3072, 0.8}, std::pair{kP256, 0.6}})
      for (const auto& [workers, place] : kSettings)
        against(fmt::format("one-use, {}, whole cycle", kind.name), wanted,
                {bench::Work::one_use, kind, workers, place, 1, 32 * workers});
  }

  void batch() {
    for (const auto& [kind, wanted] : {std::pair{kRsa3072, 0.8}, std::pair{kP256, 0.6}})
      for (const auto& [workers, place] : kSettings)
        against(fmt::format("batch of 200, {}", kind.name), wanted,
                {bench::Work::loaded, kind, workers, place, 200, 2 * workers});
  }

  void scaling() {
    std::vector<double> ratios, rulers;
    for (int round = 0; round < given_.rounds; ++round) {
      double rates[2], bare[2];
      for (const unsigned workers : {1U, 2U}) {
        const Server server(house_, {1, workers});
        bare[workers - 1] =
            bench::baseline(house_, bench::Work::loaded, kRsa3072.first, workers, given_.seconds);
        rates[workers - 1] =
            measure(server,
                    bench::cycles(server.socket(), kRsa3072, 2 * workers, 100, 80, given_.seconds),
                    100)
                .rate;
      }
      ratios.push_back(rates[1] / rates[0]);
      rulers.push_back(bare[1] / bare[0]);
    }
    fmt::print("from one to two workers, RSA-3072: {:.2f} times (wanted 1.8); bare HSM {:.2f}\n",
               median(ratios), median(rulers));
  }

  void latency() {
    const Server server(house_, {2, 2});
    const double most =
        measure(server, bench::cycles(server.socket(), kP256, 32, 1, each(32), 3)).rate;
    auto order =
        bench::cycles(server.socket(), kP256, kSigners, 1, each(kSigners), 2 * given_.seconds);
    order.per_second = most / 2;
    const Measured half = measure(server, order);
    const double p50 = half.result.quantile(0.5), p99 = half.result.quantile(0.99);
    fmt::print(
        "half load, P-256, whole cycle: {:.0f} a second of {:.0f}; p50 {:.2f} ms, p99 {:.2f} ms: "
        "{:.2f} times (wanted below 3)\n  {}\n",
        half.rate, most, p50 * 1e3, p99 * 1e3, p99 / p50, half.processors);
  }

  void ocsp() {
    const auto requests = bench::ocsp_requests(house_, kSigners, std::nullopt, kSigners);
    const Server server(house_, {1, 1, 0});
    bench::ask_all(server.socket(), requests);
    const Measured got = measure(server, again(server, requests, 16));
    fmt::print(
        "OCSP from cache, all of the server on one core: {:.0f} a second (wanted 5000)\n  {}\n",
        got.rate, got.processors);
  }

  void tsa() {
    for (const bool certificates : {false, true}) {
      const std::string request = bench::stamp_request(certificates);
      std::vector<double> ratios;
      Measured last;
      double bare = 0;
      const Server server(house_, {1, 1});
      for (int round = 0; round < given_.rounds; ++round) {
        bare = bench::baseline(house_, bench::Work::stamps, kP256.first, 1, given_.seconds);
        last = measure(server, again(server, {request}, 64));
        ratios.push_back(last.rate / bare);
      }
      fmt::print(
          "time-stamps{}: {:.2f} of the TSA's key in one process (wanted 0.6); {:.0f} and {:.0f} a "
          "second"
          "\n  {}\n",
          certificates ? " with certificates" : "", median(ratios), last.rate, bare,
          last.processors);
    }
  }

  void memory() {
    const Server server(house_, {1, 1});
    bench::while_connected(server.socket(), 1000, [&] {
      const auto [own, all] = server.memory_of_front();
      fmt::print(
          "front with 1000 connections: {:.1f} MiB of its own, {:.1f} resident (wanted below "
          "64)\n",
          static_cast<double>(own) / 1024, static_cast<double>(all) / 1024);
    });
  }

  void store() {
    constexpr std::size_t kFew = 1000;
    bench::fill(house_.home, kP256.first + kSigners, kP256.first + kFew,
                crypto::KeyAlgorithm::ecdsa_p256);
    const auto few = rates(kFew);
    const auto begun = std::chrono::steady_clock::now();
    bench::fill(house_.home, kFew, given_.credentials, crypto::KeyAlgorithm::ecdsa_p256);
    fmt::print("filled to {} credentials in {:.0f} s\n", given_.credentials,
               std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
    ::sync();  // what filling left to be written is no part of the rates
    const auto many = rates(given_.credentials);
    for (const auto& [name, rate] : few)
      fmt::print(
          "{}: {:.0f} a second with {} credentials, {:.0f} with {}: {:.2f} times slower "
          "(wanted at most 1.2)\n",
          name, rate, kFew, many.at(name), given_.credentials, rate / many.at(name));
  }

 private:
  std::size_t each(std::size_t connections) const {
    return static_cast<std::size_t>(given_.seconds * 2500) / connections + 8;
  }

  // One process approves: where a PIN costs next to nothing, it keeps up with two that sign.
  void against(const std::string& title, double wanted, const Setting& setting) {
    std::vector<double> ratios;
    Measured last;
    double bare = 0;
    const Server server(house_, {1, setting.workers});
    const bool apart = setting.place == Place::own_processor;
    if (apart) server.set_apart(kForSignatures, kForOthers);
    for (int round = 0; round < given_.rounds; ++round) {
      bare = bench::baseline(house_, setting.work, setting.kind.first, setting.workers,
                             given_.seconds, apart ? kForSignatures : -1);
      if (apart) bench::stay_on(0, kForOthers);
      const std::size_t ready = setting.documents > 1 ? 100 : each(setting.connections);
      last = measure(server,
                     bench::cycles(server.socket(), setting.kind, setting.connections,
                                   setting.documents, ready, given_.seconds),
                     setting.documents);
      bench::stay_on(0, -1);
      ratios.push_back(last.rate / bare);
    }
    fmt::print(
        "{}, {} worker(s), {}: {:.2f} of the bare HSM (wanted {}); {:.0f} and {:.0f} a "
        "second\n  {}\n",
        title, setting.workers, text_of(setting.place), median(ratios), wanted, last.rate, bare,
        last.processors);
    std::fflush(stdout);
  }

  LoadOrder again(const Server& server, std::vector<std::string> requests,
                  std::size_t connections) const {
    return bench::again(server.socket(), std::move(requests), connections, given_.seconds);
  }

  std::map<std::string, double> rates(std::size_t of) {
    std::map<std::string, double> out;
    const Server server(house_, {2, 2});
    const auto kept = bench::ocsp_requests(house_, 500, std::nullopt, of);
    const auto fresh = bench::ocsp_requests(house_, 500, Bytes{1, 2, 3, 4}, of);
    std::vector<std::string> lists, shows;
    for (std::size_t at = 0; at < 500; ++at) {
      const std::string user = bench::name_of(std::max<std::size_t>(1, at * of / 500));
      const auto call = [&](const char* operation) {
        return bench::operation(operation, fmt::format(R"({{"user":"{}"}})", user));
      };
      lists.push_back(call("key list"));
      shows.push_back(call("user show"));
    }
    std::map<std::string, std::vector<double>> seen;
    bench::ask_all(server.socket(), kept);
    for (int round = 0; round < given_.rounds; ++round) {
      seen["sign"].push_back(
          measure(server, bench::cycles(server.socket(), kP256, 32, 1, each(32), given_.seconds))
              .rate);
      seen["keys of a user"].push_back(measure(server, again(server, lists, 16)).rate);
      seen["a user"].push_back(measure(server, again(server, shows, 16)).rate);
      seen["OCSP, kept"].push_back(measure(server, again(server, kept, 16)).rate);
      seen["OCSP, made anew"].push_back(measure(server, again(server, fresh, 16)).rate);
    }
    for (const auto& [name, values] : seen) out[name] = median(values);
    return out;
  }

  Given given_;
  bench::House house_;
};

Given parse(int argc, char** argv) {
  Given given;
  for (int at = 1; at < argc; at += 2) {
    const std::string name = argv[at];
    if (at + 1 == argc) throw std::runtime_error(name + " takes a value");
    const std::string value = argv[at + 1];
    if (name == "--only")
      given.only.push_back(value);
    else if (name == "--seconds")
      given.seconds = std::stod(value);
    else if (name == "--rounds")
      given.rounds = std::stoi(value);
    else if (name == "--credentials")
      given.credentials = std::stoul(value);
    else
      throw std::runtime_error("there is no option " + name);
  }
  return given;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Given given = parse(argc, argv);
    double load = 0;
    ::getloadavg(&load, 1);
    fmt::print("{} processors, load {:.1f}\n", std::thread::hardware_concurrency(), load);
    Bench bench(given);
    const std::pair<const char*, void (Bench::*)()> parts[] = {
        {"one-use", &Bench::one_use}, {"batch", &Bench::batch}, {"scaling", &Bench::scaling},
        {"latency", &Bench::latency}, {"ocsp", &Bench::ocsp},   {"tsa", &Bench::tsa},
        {"memory", &Bench::memory},   {"store", &Bench::store}};
    for (const auto& [name, part] : parts)
      if (given.only.empty() || std::ranges::find(given.only, name) != given.only.end()) {
        (bench.*part)();
        std::fflush(stdout);
      }
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_serve: {}\n", error.what());
    return 1;
  }
}
