// `tsp serve` under mixed load for a long time: memory and descriptors of each of its processes
// must not grow. Exit 1 where they do, or where more than one request of a thousand was refused.
// Run by scripts/soak serve; see docs/performance.md.
//
//     build/release/bench/bench_soak MINUTES
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <stdexcept>

#include "serve_tasks.h"

namespace {

using namespace tsp;
using bench::Server;
using Clock = std::chrono::steady_clock;

constexpr unsigned kApprovals = 2, kSignatures = 2;  // workers; the front is the first process

struct Done {
  std::size_t signatures = 0, stamps = 0, answers = 0, calls = 0, garbage = 0, refused = 0;
  std::size_t all() const { return signatures + stamps + answers + calls; }
};

// What was done of it. A machine that is busy with other things may make a worker miss its time.
std::size_t load(bench::LoadOrder order, Done& done) {
  order.counts_refusals = true;
  const auto result = bench::load(order);
  done.refused += result.refused;
  return result.done;
}

// About ten seconds of everything.
void round(const bench::House& house, const Server& server, Done& done) {
  const std::string& socket = server.socket();
  const std::size_t connections = 16;
  done.signatures += load(bench::cycles(socket, bench::kP256, connections, 1, 250, 4), done);
  done.stamps += load(bench::again(socket, {bench::stamp_request(true)}, 16, 2), done);
  done.answers += load(bench::again(socket, bench::ocsp_requests(house, 64, {}, 64), 16, 2), done);
  done.calls += load(bench::again(socket,
                                  {bench::operation("user list", "{}"),
                                   bench::operation("key list", R"({"user":"s00000001"})"),
                                   bench::operation("status", "{}")},
                                  4, 1),
                     done);
  static std::mt19937 dice(7);
  for (int i = 0; i < 2000; ++i, ++done.garbage) {
    std::string octets(std::uniform_int_distribution<std::size_t>(0, 400)(dice), 0);
    for (char& octet : octets) octet = static_cast<char>(dice());
    bench::throw_at(socket, i % 2 == 0 ? octets : bench::post("/tsp/v1/call", octets));
  }
}

using Samples = std::vector<std::vector<Server::Process>>;

// The most of a process between two moments.
template <class Member>
auto most(const Samples& samples, std::size_t process, double from, double to, Member member) {
  auto out = samples.front().at(process).*member;
  const auto size = static_cast<double>(samples.size());
  for (auto at = static_cast<std::size_t>(from * size); at < static_cast<std::size_t>(to * size);
       ++at)
    out = std::max(out, samples[at].at(process).*member);
  return out;
}

// The last quarter against the second: the first is for what is kept to be used again. Workers that
// sign may grow as far as `serve.memory` says, because SoftHSM keeps something of each key that was
// destroyed, and be replaced then; no request is refused for that.
bool judge(const Samples& samples) {
  constexpr long kSlack = 4 << 10, kMostOfSigner = 72 << 10;  // KiB
  bool well = true;
  for (std::size_t at = 0; at < samples.front().size(); ++at) {
    const long early = most(samples, at, 0.25, 0.5, &Server::Process::resident);
    const long late = most(samples, at, 0.75, 1, &Server::Process::resident);
    const auto few = most(samples, at, 0.25, 0.5, &Server::Process::descriptors);
    const auto many = most(samples, at, 0.75, 1, &Server::Process::descriptors);
    const bool signs = at > kApprovals && at <= kApprovals + kSignatures;
    const bool same = samples.front().at(at).pid == samples.back().at(at).pid;
    const bool more = signs ? late > kMostOfSigner : late > early + std::max(kSlack, early / 20);
    const bool grew = more || many > few + 2;
    fmt::print("process {}: {:.1f} MiB, then {:.1f}; {} descriptors, then {}{}{}\n", at,
               static_cast<double>(early) / 1024, static_cast<double>(late) / 1024, few, many,
               grew ? "  GREW" : "", same ? "" : "  REPLACED");
    well = well && (same || signs) && !grew;
  }
  return well;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 2) throw std::runtime_error("usage: bench_soak MINUTES");
    const double minutes = std::stod(argv[1]);
    const bench::House house(TSP_BINARY_DIR);
    bench::fill_both(house);
    const Server server(house, {kApprovals, kSignatures});
    Samples samples;
    Done done;
    const auto begun = Clock::now();
    const auto gone = [&] { return std::chrono::duration<double>(Clock::now() - begun).count(); };
    for (double said = 0; gone() < 60 * minutes;) {
      round(house, server, done);
      samples.push_back(server.processes());
      if (samples.back().size() != samples.front().size())
        throw std::runtime_error("a process is gone");
      if (gone() < said + 60) continue;
      said = gone();
      long sum = 0;
      for (const auto& process : samples.back()) sum += process.resident;
      fmt::print(
          "{:5.0f} s: {} signatures, {} time-stamps, {} OCSP answers, {} calls, {} garbage, "
          "{} refused; {:.1f} MiB\n",
          said, done.signatures, done.stamps, done.answers, done.calls, done.garbage, done.refused,
          static_cast<double>(sum) / 1024);
      std::fflush(stdout);
    }
    return judge(samples) && 1000 * done.refused <= done.all() ? 0 : 1;
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_soak: {}\n", error.what());
    return 1;
  }
}
