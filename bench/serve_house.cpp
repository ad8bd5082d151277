#include "serve_house.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "base/files.h"
#include "crypto/digest.h"
#include "hsm/hsm.h"
#include "ops/config.h"
#include "ops/provider.h"
#include "serve/client.h"
#include "support/template_home.h"

namespace tsp::bench {
namespace {

using Clock = std::chrono::steady_clock;
namespace fs = std::filesystem;

ops::Home home_in(const std::string& folder) {
  return test::copy_template(folder + "/home");
}

std::string made_folder(const std::string& parent) {
  std::string name = parent + "/bench-serve-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder in " + parent);
  return name;
}

// The CPU's share of one process, from proc(5).
double seconds_of(int pid) {
  std::ifstream in(fmt::format("/proc/{}/stat", pid));
  std::string text((std::istreambuf_iterator<char>(in)), {});
  const auto end = text.rfind(')');
  if (end == std::string::npos) return 0;
  std::istringstream fields(text.substr(end + 1));
  std::string skipped;
  double user = 0, kernel = 0;
  for (int at = 0; at < 11; ++at) fields >> skipped;
  fields >> user >> kernel;
  return (user + kernel) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

long kib_of(int pid, const std::string& name) {
  std::ifstream in(fmt::format("/proc/{}/status", pid));
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(name + ":")) return std::stol(line.substr(name.size() + 1));
  return 0;
}

}  // namespace

std::string name_of(std::size_t number) {
  return fmt::format("s{:08}", number);
}
std::string key_of(std::size_t number) {
  return to_hex(crypto::sha256(as_bytes("key " + name_of(number)))).substr(0, 32);
}
Bytes seed_of(std::size_t number) {
  Bytes seed = crypto::sha256(as_bytes("seed " + name_of(number)));
  seed.resize(kSeedSize);
  return seed;
}

Bytes in_child(const std::function<Bytes()>& act) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("pipe");
  const pid_t pid = ::fork();
  if (pid == 0) {
    int status = 1;
    try {
      write_all(ends[1], act(), "the pipe");
      status = 0;
    } catch (const std::exception& error) {
      fmt::print(stderr, "bench: {}\n", error.what());
    }
    ::_exit(status);
  }
  ::close(ends[1]);
  const Fd in(ends[0]);
  Bytes out = read_all(in.get(), std::size_t{1} << 30, "the pipe");
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (status != 0) throw std::runtime_error("a child failed");
  return out;
}

House::House(const std::string& parent) : folder(made_folder(parent)), home(home_in(folder)) {
  add_group(home);
}
House::~House() {
  std::error_code ignored;
  fs::remove_all(folder, ignored);
}

void stay_on(int pid, int processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (long at = 0; at < ::sysconf(_SC_NPROCESSORS_CONF); ++at)
    if (processor < 0 || at == processor) CPU_SET(static_cast<std::size_t>(at), &set);
  if (::sched_setaffinity(pid, sizeof set, &set) != 0)
    throw std::runtime_error(fmt::format("processor {} is not to be had", processor));
}

Server::Server(const House& house, const ServerOrder& order)
    : socket_(house.home.socket()), order_(order) {
  pid_ = ::fork();
  if (pid_ == 0) {
    if (order.processor >= 0) stay_on(0, order.processor);
    const auto set = [](const char* name, const std::string& value) {
      ::setenv(name, value.c_str(), 1);
    };
    set("TSP_HOME", house.home.path);
    set("TSP_SERVE_APPROVALS", std::to_string(order.approvals));
    set("TSP_SERVE_SIGNATURES", std::to_string(order.signatures));
    set("TSP_SERVE_LOG", "warning");
    ::execl(TSP_PROGRAM, TSP_PROGRAM, "serve", "--quiet", nullptr);
    ::_exit(127);
  }
  const auto until = Clock::now() + std::chrono::seconds(60);
  while (Clock::now() < until) {
    try {
      serve::Client client({socket_, std::chrono::milliseconds(1000), {}});
      if (client.get("/healthz").at("ok").get<bool>()) return;
    } catch (const std::exception&) {
      // Not yet.
    }
    ::usleep(50'000);
  }
  throw std::runtime_error("the server does not start");
}

Server::~Server() {
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

std::vector<int> Server::children() const {
  std::ifstream in(fmt::format("/proc/{}/task/{}/children", pid_, pid_));
  std::vector<int> out;
  for (int pid; in >> pid;) out.push_back(pid);
  return out;
}

// Children come in the order in which the supervisor forked them.
std::string Server::kind_of(std::size_t child) const {
  return child == 0                                      ? "front"
         : child <= order_.approvals                     ? "approvals"
         : child <= order_.approvals + order_.signatures ? "signatures"
                                                         : "pki";
}

std::map<std::string, double> Server::processor_time() const {
  std::map<std::string, double> out;
  const auto pids = children();
  for (std::size_t at = 0; at < pids.size(); ++at) out[kind_of(at)] += seconds_of(pids[at]);
  return out;
}

void Server::set_apart(int for_signatures, int for_others) const {
  const auto pids = children();
  for (std::size_t at = 0; at < pids.size(); ++at)
    stay_on(pids[at], kind_of(at) == "signatures" ? for_signatures : for_others);
}

std::vector<Server::Process> Server::processes() const {
  std::vector<Process> out;
  for (const int pid : children()) {
    const fs::directory_iterator open(fmt::format("/proc/{}/fd", pid));
    out.push_back({pid, kib_of(pid, "RssAnon"),
                   static_cast<std::size_t>(std::distance(fs::begin(open), fs::end(open)))});
  }
  return out;
}

std::pair<long, long> Server::memory_of_front() const {
  const int front = children().at(0);
  return {kib_of(front, "RssAnon"), kib_of(front, "VmRSS")};
}

namespace {

void work_on(ops::Provider& provider, std::size_t whose, Work work, double seconds,
             std::uint64_t& done) {
  hsm::Session& session = *provider.session(work == Work::stamps ? "pki" : "signers");
  const auto row = store::find_key(provider.database(), key_of(whose)).value();
  const hsm::WrappedKey wrapped{row.spki, row.blob, row.mechanism, row.wrapping_key};
  const auto loaded = work == Work::stamps   ? session.open_signer(ops::kTsaKey)
                      : work == Work::loaded ? session.unwrap(wrapped)
                                             : nullptr;
  const auto algorithm = loaded ? loaded->public_key().algorithm().value()
                                : crypto::parse_key_algorithm(row.algorithm).value();
  const auto scheme = crypto::scheme_for(algorithm, crypto::Purpose::document);
  const Bytes digest(32, 0x5a);
  const auto sign = [&](crypto::Signer& signer) {
    const Bytes value = signer.sign(scheme, crypto::HashAlgorithm::sha256, digest);
    if (!signer.public_key().verify(scheme, crypto::HashAlgorithm::sha256, digest, value))
      throw std::runtime_error("a signature does not verify");
    ++done;
  };
  const auto until = Clock::now() + std::chrono::duration<double>(seconds);
  while (Clock::now() < until)
    if (loaded)
      sign(*loaded);
    else
      sign(*session.unwrap(wrapped));
}

}  // namespace

double baseline(const House& house, Work work, std::size_t signer, unsigned processes,
                double seconds, int processor) {
  int start[2], ready[2], counts[2];
  if (::pipe(start) != 0 || ::pipe(ready) != 0 || ::pipe(counts) != 0)
    throw std::runtime_error("pipe");
  std::vector<pid_t> pids;
  for (unsigned at = 0; at < processes; ++at) {
    pids.push_back(::fork());
    if (pids.back() != 0) continue;
    int status = 1;
    try {
      stay_on(0, processor);
      const SystemClock clock;
      ops::Provider provider(house.home, {},
                             {clock, nullptr, nullptr, "bench", TSP_SOURCE_DIR "/config"});
      provider.session(work == Work::stamps ? "pki" : "signers");
      char octet = 0;
      write_all(ready[1], ByteView(reinterpret_cast<std::uint8_t*>(&octet), 1), "a pipe");
      if (::read(start[0], &octet, 1) != 1) ::_exit(1);
      std::uint64_t done = 0;
      work_on(provider, signer, work, seconds, done);
      write_all(counts[1], ByteView(reinterpret_cast<std::uint8_t*>(&done), sizeof done), "a pipe");
      status = done > 0 ? 0 : 1;
    } catch (const std::exception& error) {
      fmt::print(stderr, "bench: {}\n", error.what());
    }
    ::_exit(status);
  }
  ::close(ready[1]), ::close(counts[1]);
  const auto read_whole = [](int fd, void* to, std::size_t size) {
    if (::read(fd, to, size) != static_cast<ssize_t>(size))
      throw std::runtime_error("a process of the baseline failed");
  };
  char octet = 0;
  for (unsigned at = 0; at < processes; ++at) read_whole(ready[0], &octet, 1);
  write_all(start[1], Bytes(processes, 0), "a pipe");
  double sum = 0;
  for (unsigned at = 0; at < processes; ++at) {
    std::uint64_t done = 0;
    read_whole(counts[0], &done, sizeof done);
    sum += static_cast<double>(done);
  }
  for (const pid_t pid : pids) ::waitpid(pid, nullptr, 0);
  for (const int fd : {start[0], start[1], ready[0], counts[0]}) ::close(fd);
  return sum / seconds;
}

}  // namespace tsp::bench
