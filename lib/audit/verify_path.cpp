#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>

#include "audit/export.h"
#include "audit/proof.h"
#include "base/error.h"
#include "base/files.h"

namespace tsp::audit {
namespace {

constexpr std::size_t kProofLimit = 1 << 21;

Verdict verdict_of(ProofVerdict proof) {
  Verdict verdict;
  verdict.intact = proof.holds;
  verdict.of_proof = true;
  verdict.checkpoint = proof.checkpoint;
  if (proof.checkpoint) {
    verdict.size = static_cast<std::int64_t>(proof.checkpoint->size);
    verdict.root = proof.checkpoint->root;
  }
  if (proof.holds && proof.record) verdict.proven = proof.record->seq;
  if (!proof.holds)
    verdict.first_damage = Damage{proof.record ? proof.record->seq : 0, proof.kind, proof.reason};
  return verdict;
}

std::string beginning_of(const std::string& path) {
  const Fd fd = open_for_reading(path);
  std::array<std::uint8_t, 32> first{};
  const ssize_t got = ::read(fd.get(), first.data(), first.size());
  if (got < 0) throw_errno(errno, "cannot read " + path);
  return std::string(as_text(ByteView(first).first(static_cast<std::size_t>(got))));
}

}  // namespace

bool begins_as_proof(std::string_view text) {
  return text.starts_with("c2sp.org/tlog-proof@v1\n");
}

Verdict verify_proof_text(std::string_view proof, const VerifyOptions& options) {
  return verdict_of(verify_proof(proof, options.verifier_keys));
}

Verdict verify_path(const std::string& path, const VerifyOptions& options) {
  if (std::filesystem::is_directory(path)) {
    if (!exists(path + "/checkpoint"))
      throw Error(Fault::bad_input, "cannot verify " + path,
                  "it is not an exported log: it has no checkpoint",
                  "name the folder of an exported log, a store or a proof");
    return verify_export(path, options);
  }
  const std::string beginning = beginning_of(path);
  if (beginning.starts_with("SQLite format 3"))
    return verify(*store::Database::open(path, store::Database::Open::read_only), options);
  if (begins_as_proof(beginning)) {
    const Bytes proof = read_file(path, kProofLimit);
    return verify_proof_text(as_text(proof), options);
  }
  throw Error(Fault::bad_input, "cannot verify " + path, "it is no log, store or proof",
              "name the folder of an exported log, a store or a proof");
}

}  // namespace tsp::audit
