#include "sign_hash.h"

#include "base/text.h"
#include "ops/sign_hash.h"
#include "sign_report.h"

namespace tsp::app {

int run_sign_hash(Invocation& run, const ops::SignerPrompt& signer) {
  if (!run.texts("FILE").empty())
    throw Error(Fault::usage, "--hash signs a digest and takes no files");
  const auto hash = crypto::parse_hash(run.required("--hash-algorithm"));
  const auto digest = from_hex(run.text("--hash"));
  if (!digest || digest->size() != crypto::size_of(*hash))
    throw Error(Fault::usage,
                "--hash is no " + std::string(crypto::name_of(*hash)) + " digest in hex");
  const ops::SignHash request{run.required("--user"), run.text("--key"), *hash, *digest};
  ops::Backend& backend = run.backend(ops::Ahead::hsm);
  if (run.dry_run()) {
    ops::check_hash(backend, request, signer.pin);
    if (run.terminal.json)
      run.terminal.out_json(Json{{"user", request.user}});
    else
      run.terminal.out("the digest could be signed; nothing was signed");
    return 0;
  }
  ReceiptOutput receipt(run);
  const auto signed_hash = ops::sign_hash(backend, request, signer);
  run.terminal.was_done(signed_hash.audit_seq);
  std::vector<Json> jsons{ops::to_json(signed_hash)};
  const int status = receipt.write(run, jsons);
  if (run.terminal.json)
    run.terminal.out_json(jsons.front());
  else
    run.terminal.out(to_base64(signed_hash.signature));
  return status;
}

}  // namespace tsp::app
