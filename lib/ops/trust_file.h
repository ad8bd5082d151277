// What HOME trusts beside its own TSP: one file an entry, HOME/trust/NAME.json
// (docs/formats/trust.md).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "ops/home.h"
#include "trust/anchors.h"

namespace tsp::ops {

// One trusted list as it was when it was verified.
struct KeptList {
  std::string url;  // or the absolute path of a file
  std::string operator_name, territory, type;
  std::int64_t sequence = 0;
  Time issued{};
  std::optional<Time> next_update;
  std::string sha256;  // hex, of the list's octets
  Time verified{};
  // What the server said of it, to ask only for a newer one; and whose signature it was taken with,
  // hex, of their certificates' digests. Empty: it is fetched whole.
  std::string etag{}, last_modified{}, signers{};
};

struct KeptAnchor {
  std::optional<std::size_t> list;  // of TrustEntry::lists; nothing: given as it is
  std::string provider, service;
  x509::Certificate certificate;
  std::vector<trust::Term> terms;  // empty: it always counts
};

struct TrustEntry {
  std::string name;
  std::string kind;                      // list, anchors
  std::string url, file;                 // of a list: where from, one of them
  std::vector<std::string> territories;  // of a list of lists: only these; empty: all
  std::vector<x509::Certificate> signers;
  Time added{};
  std::vector<KeptList> lists;  // the first is the one that was named; a list of lists has more
  std::vector<KeptAnchor> anchors;
};

std::string trust_file(const Home& home, const std::string& name);
// Names of the entries, sorted. Files of other names are not looked at.
std::vector<std::string> trust_names(const Home& home);
// Error{not_found}; {bad_input} where the file is not what write_trust() writes.
TrustEntry read_trust(const Home& home, const std::string& name);
void write_trust(const Home& home, const TrustEntry& entry);  // whole or not at all
std::string trust_json(const TrustEntry& entry);

}  // namespace tsp::ops
