#include <fmt/format.h>

#include "base/files.h"
#include "base/text.h"
#include "cms/timestamp.h"
#include "crypto/digest.h"
#include "invocation.h"
#include "receipt.h"

namespace tsp::app {
namespace {

Bytes digest_of_operand(const std::string& path, crypto::HashAlgorithm hash) {
  if (path == "-") {
    constexpr std::size_t kMost = std::size_t{1} << 32;
    return crypto::digest(hash, read_all(0, kMost, "standard input", &throw_if_interrupted));
  }
  const Fd fd = open_for_reading(path);
  return crypto::digest(hash, MappedFile(fd, path).view());
}

void keep_reply(OutputFile& file, ByteView reply, std::int64_t audit_seq) {
  try {
    file.write(reply);
    file.keep();
  } catch (const Error& error) {
    throw Error(error.fault, error.failed, error.why,
                fmt::format("a time-stamp was issued and is on record (audit record {}), but no "
                            "file holds it; make room, or choose another place, and ask again",
                            audit_seq),
                static_cast<std::uint64_t>(audit_seq));
  }
}

int run_timestamp(Invocation& run) {
  const std::string input = run.text("FILE");
  std::string output = run.text("-o");
  if (output.empty()) output = input == "-" ? "-" : input + ".tsr";
  if (output == "-" && run.terminal.json)
    throw Error(Fault::usage, "-o - and --json cannot both have standard output");
  if (output == "-" && !run.given("-o") && run.terminal.output_is_terminal())
    throw Error(Fault::usage, "a time-stamp is binary and is not written to a terminal", "",
                "give -o FILE, or -o - to insist");
  const std::string hash = run.text("--hash-algorithm", "sha256");
  const Bytes imprint = digest_of_operand(input, *crypto::parse_hash(hash));
  throw_if_interrupted();
  std::unique_ptr<OutputFile> file;
  if (output != "-")
    file = std::make_unique<OutputFile>(output,
                                        run.flag("--force") ? Existing::replace : Existing::refuse);
  Json receipt = run.call({{"hash_algorithm", hash}, {"imprint", to_hex(imprint)}});
  if (run.dry_run()) {
    if (run.terminal.json)
      run.terminal.out_json(receipt);
    else
      run.terminal.out(printable(input) + " could be time-stamped; nothing was signed");
    return 0;
  }
  run.terminal.detail(fmt::format("Time-stamp policy {}, serial {}, audit record {}",
                                  text(receipt, "policy"), text(receipt, "serial"),
                                  integer(receipt, "audit_seq")));
  const Bytes reply = cms::granted(from_base64(text(receipt, "token")).value_or(Bytes()));
  if (file) {
    keep_reply(*file, reply, integer(receipt, "audit_seq"));
  } else {
    run.terminal.out_raw(reply);
  }
  if (run.terminal.json) {
    receipt.erase("token");
    receipt["output"] = output;
    run.terminal.out_json(receipt);
  } else if (output != "-") {
    run.terminal.out(fmt::format("{}  {}", text(receipt, "time"), output));
  }
  return 0;
}

}  // namespace

std::vector<Command> timestamp_commands() {
  return {
      {.path = "timestamp",
       .summary = "time-stamp a file",
       .details =
           "Writes an RFC 3161 reply (FILE.tsr) from this TSP's own TSA over the file's digest.",
       .operands = {{"FILE", Count::one, "the file, or - for standard input"}},
       .options = {{"-o", "FILE", "where the reply goes; - is standard output"},
                   {"--hash-algorithm", "HASH", "digest to stamp", Takes::value,
                    "sha256|sha384|sha512"},
                   kForce},
       .exits = {7, 8, 9, 10, 11, 14, 75, 130},
       .examples = {"tsp timestamp report.pdf",
                    "openssl ts -verify -data report.pdf -in report.pdf.tsr -CAfile root.pem"},
       .changes_state = true,
       .run = &run_timestamp}};
}

}  // namespace tsp::app
