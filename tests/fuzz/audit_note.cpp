// audit::parse_note, parse_note_key and verify_proof: what an auditor is handed. Damage is an
// answer; only a key may be refused by an Error.
#include "audit/note.h"

#include "audit/proof.h"
#include "fuzz/fuzz.h"

using namespace tsp;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // The Ed25519 key of the example in C2SP's signed-note: somebody else's.
  const std::string key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
  const std::string_view text = as_text({data, size});
  if (const auto note = audit::parse_note(text)) audit::verify_note(*note, {key});
  fuzz::check(!audit::verify_proof(text, {key}).holds, "nobody has this key");
  fuzz::accepted([&] {
    const std::string name(text);
    const audit::NoteKey read = audit::parse_note_key(name);
    fuzz::check(audit::make_note_key(read.name, read.key) == name, "a key has one form only");
  });
  return 0;
}
