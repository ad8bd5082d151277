// docs/formats/audit-record.md and the code say the same.
#include "audit/log.h"
#include "base/files.h"
#include "support/catch.h"

namespace tsp::audit {
namespace {

std::string document() {
  const Bytes text = read_file(TSP_SOURCE_DIR "/docs/formats/audit-record.md", 1 << 20);
  return std::string(as_text(text));
}

// As the page shows octets: 48 a line, indented.
std::string in_lines(ByteView octets) {
  const std::string hex = to_hex(octets);
  std::string lines;
  for (std::size_t i = 0; i < hex.size(); i += 96) lines += "    " + hex.substr(i, 96) + "\n";
  return lines;
}

TEST_CASE("the worked example of the page is what the code makes") {
  const std::string page = document();
  const Bytes first = encode(0, *from_rfc3339("2026-11-21T09:30:00.123Z"),
                             {"key.generate",
                              Outcome::done,
                              "uid:1000",
                              "officer",
                              "alice",
                              {{"key", "a1"}, {"algorithm", "ecdsa-p256"}}});
  const Bytes second = encode(
      1, *from_rfc3339("2026-11-21T09:30:04.500Z"),
      {"sign",
       Outcome::intent,
       "uid:1000",
       "signer",
       "alice",
       {{"intent", true},
        {"key", "a1"},
        {"dtbs_sha256", "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"}}});
  for (const Bytes& record : {first, second}) {
    CHECK_THAT(page, ContainsSubstring("    " + std::string(as_text(record)) + "\n"));
    CHECK_THAT(page, ContainsSubstring(in_lines(record)));
    CHECK_THAT(page, ContainsSubstring(std::to_string(record.size()) + " octets"));
  }
  const Bytes chain = chain_after(first_chain(), first);
  Frontier tree;
  tree.append(leaf_hash(first));
  tree.append(leaf_hash(second));
  CHECK_THAT(page, ContainsSubstring("chain 0   " + to_hex(chain)));
  CHECK_THAT(page, ContainsSubstring("chain 1   " + to_hex(chain_after(chain, second))));
  CHECK_THAT(page, ContainsSubstring("leaf 0    " + to_hex(leaf_hash(first))));
  CHECK_THAT(page, ContainsSubstring("leaf 1    " + to_hex(leaf_hash(second))));
  CHECK_THAT(page, ContainsSubstring("root      " + to_hex(tree.root())));
  CHECK_THAT(page, ContainsSubstring("    0000000000000002\n    " + to_hex(tree.root())));
}

TEST_CASE("the page names every kind of damage and every outcome") {
  const std::string page = document();
  for (const char* kind :
       {"sequence", "hash", "record", "order", "root", "checkpoint", "truncated"})
    CHECK_THAT(page, ContainsSubstring("| `" + std::string(kind) + "` |"));
  for (const Outcome outcome : {Outcome::intent, Outcome::done, Outcome::refused, Outcome::failed})
    CHECK_THAT(page, ContainsSubstring("`" + std::string(name_of(outcome)) + "`"));
}

}  // namespace
}  // namespace tsp::audit
