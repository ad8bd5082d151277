#include "ops/sign_documents.h"

#include <algorithm>

#include "base/error.h"
#include "ops/error_json.h"
#include "ops/recording.h"
#include "ops/signing.h"

namespace tsp::ops {
namespace {

void tell_unprepared(const SignerPrompt& signer, const std::vector<Work>& works) {
  if (!signer.unprepared) return;
  std::vector<SignedDocument> failed;
  for (const Work& work : works)
    if (work.receipt.error) failed.push_back(work.receipt);
  signer.unprepared(std::move(failed));
}

}  // namespace

std::vector<Work*> prepared_works(std::vector<Work>& works) {
  std::vector<Work*> out;
  for (Work& work : works)
    if (work.prepared) out.push_back(&work);
  return out;
}

std::vector<SignedDocument> receipts_of(std::vector<Work>& works) {
  std::vector<SignedDocument> receipts;
  receipts.reserve(works.size());
  for (Work& work : works) receipts.push_back(std::move(work.receipt));
  return receipts;
}

std::vector<SignedDocument> sign_documents(Backend& backend, const World& world,
                                           const SignDocuments& request, const SignerPrompt& signer,
                                           const Progress& progress) {
  if (world.jail == nullptr) throw Error(Fault::failed, "documents cannot be parsed here");
  backend.get_ready();
  auto first = begin_first(world, request);
  SigningPlan plan =
      make_plan(credential_for(backend, request, signer.pin), whole_seconds(world.clock.now()),
                request.hash, request.level, request.long_term);
  std::vector<Work> works =
      prepare_documents(backend, world, request, plan, std::move(first), progress);
  const auto ready = prepared_works(works);
  if (!ready.empty()) {
    tell_unprepared(signer, works);
    const sam::Manifest manifest = manifest_of(plan, ready);
    backend.check(plan.credential, manifest);
    if (!request.dry_run) {
      sign_in_hsm(backend, world, plan, manifest,
                  signer.factors({backend, plan.credential, manifest, {}, {}, plan.parsing()}),
                  ready, progress);
      finish_documents(backend, world, plan, prepared_works(works), progress);
    }
  }
  return receipts_of(works);
}

Json to_json(const SignedDocument& receipt) {
  if (receipt.error) return {{"input", receipt.input}, {"error", error_json(*receipt.error)}};
  Json json = {{"input", receipt.input},
               {"output", receipt.output},
               {"format", receipt.format},
               {"level", receipt.level},
               {"key", receipt.key},
               {"scal", receipt.scal},
               {"certificate_serial", receipt.certificate_serial},
               {"signature_time", nullptr},
               {"dtbs_sha256", receipt.dtbs_sha256},
               {"audit_seq", record_json(receipt.audit_seq)}};
  if (receipt.signature_time) json["signature_time"] = to_rfc3339(*receipt.signature_time);
  if (receipt.certificate_serial.empty())  // a dry run: they are made when it is signed
    for (const char* name : {"key", "certificate_serial"}) json[name] = nullptr;
  return json;
}

}  // namespace tsp::ops
