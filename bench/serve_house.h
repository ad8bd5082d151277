// A TSP for benches of the server: a copy of the template HOME with as many signers as wanted, the
// server on it, and processes that do the HSM's work alone. Everything that logs in to the HSM runs
// in a child of its own, so that nobody forks with a module loaded.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "crypto/algorithms.h"
#include "ops/home.h"
#include "support/command.h"

namespace tsp::bench {

inline constexpr const char* kGroup = "bench";  // its factors: PIN and HOTP
inline constexpr const char* kPin = "246813";
inline constexpr std::size_t kSeedSize = 20;

// The signer of a number; what else is his follows from it.
std::string name_of(std::size_t number);
std::string key_of(std::size_t number);
Bytes seed_of(std::size_t number);

// Runs `act` in a child and gives what it writes; whatever it throws ends this process.
Bytes in_child(const std::function<Bytes()>& act);

// Fills the store of `home` with the signers [from, to): user, PIN verifier at next to no cost,
// HOTP seed, key and certificate, each bound to its signer by the HSM. All of a call have one
// wrapped key, linked to each anew; the certificates differ in serial number and name, and the
// issuing CA signs each. One audit record a thousand. About 0.2 ms a signer.
void fill(const ops::Home& home, std::size_t from, std::size_t to, crypto::KeyAlgorithm algorithm,
          const std::function<void(std::size_t)>& progress = {});
void add_group(const ops::Home& home);

struct House {
  explicit House(const std::string& parent);  // the scratch folder lies in it
  ~House();
  std::string folder;
  ops::Home home;
};

struct ServerOrder {
  unsigned approvals = 1, signatures = 1;
  int processor = -1;  // the only one that all of its processes may use; -1: any
};
// This process and those that it forks use this processor alone; -1: any.
void stay_on(int pid, int processor);
// `tsp serve` on a house. Ends with this.
class Server {
 public:
  Server(const House& house, const ServerOrder& order);
  ~Server();
  const std::string& socket() const { return socket_; }
  // Seconds of processor time so far, by kind: front, approvals, signatures, pki.
  std::map<std::string, double> processor_time() const;
  // What each process has, in the order in which they were begun, the front first.
  struct Process {
    int pid;
    long resident;  // anonymous memory, KiB: the mapped pages of the store are the kernel's
    std::size_t descriptors;
  };
  std::vector<Process> processes() const;
  // Those that sign share one processor, all others another.
  void set_apart(int for_signatures, int for_others) const;
  // Of the front, in KiB: resident anonymous memory, and all of it.
  std::pair<long, long> memory_of_front() const;

 private:
  std::vector<int> children() const;
  std::string kind_of(std::size_t child) const;
  std::string socket_;
  ServerOrder order_;
  int pid_ = -1;
};

// What the baseline does again and again, each signature verified in software.
enum class Work {
  one_use,  // unwrap, sign, destroy
  loaded,   // sign with a key that was unwrapped before
  stamps    // sign with the TSA's key, which is an object of the token
};
// How many a second so many processes do together with the key of that signer (stamps: of the TSA),
// each process with a login of its own, all on one processor where it is not -1.
double baseline(const House& house, Work work, std::size_t signer, unsigned processes,
                double seconds, int processor = -1);

}  // namespace tsp::bench
