#include "ops/keys.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/suite.h"
#include "ops/accounting.h"
#include "ops/activation.h"
#include "ops/certify.h"
#include "ops/crls.h"
#include "ops/destruction.h"
#include "ops/recording.h"
#include "ops/refusals.h"
#include "sam/credential.h"
#include "sam/factors.h"
#include "sam/requirement.h"
#include "sam/seal.h"

namespace tsp::ops {
namespace {

KeyInfo info_of(Provider& provider, store::KeyRow row) {
  KeyInfo info;
  info.public_key_sha256 = to_hex(crypto::sha256(row.spki));
  for (const auto& certificate : store::certificates_of_key(provider.database(), row.id))
    info.certificates.push_back(certificate.serial);
  info.row = std::move(row);
  return info;
}

[[noreturn]] void refuse_generation(Provider& provider, const GenerateKey& request,
                                    const std::string& reason, const Error& error) {
  refuse(provider,
         {"key.generate",
          request.user,
          reason,
          {{"algorithm", crypto::name_of(request.algorithm)}, {"scal", request.scal}}},
         error, request.dry_run ? Keep::nothing : Keep::each);
}

bool has_factor(Provider& provider, const std::string& user, sam::Factor wanted) {
  for (const auto& factor : store::factors_of(provider.database(), user))
    if (factor.type == sam::name_of(wanted)) return true;
  return false;
}

// A signer can use a SCAL 2 key when he has what one alternative of his group's policy asks for.
void check_bound_factor(Provider& provider, const GenerateKey& request, const std::string& group) {
  const auto row = store::find_group(provider.database(), group);
  const std::string policy = row ? row->factors_scal2 : "pin+device";
  const auto requirement = sam::Requirement::parse(policy, 2);
  for (const auto& alternative : requirement.alternatives())
    if (std::all_of(alternative.begin(), alternative.end(), [&](sam::Factor factor) {
          return factor == sam::Factor::pin || has_factor(provider, request.user, factor);
        }))
      return;
  refuse_generation(
      provider, request, "no-document-bound-factor",
      Error(Fault::policy_refused, "a SCAL 2 key cannot be made for " + request.user,
            "it needs a factor bound to the documents (device, OCRA, out-of-band) and a share; "
            "the policy asks for " +
                policy + ", and the signer has not all of it",
            "nothing was made; add one with tsp user factor add, or use --scal 1"));
}

store::UserRow must_be_allowed(Provider& provider, const GenerateKey& request) {
  const auto user = store::find_user(provider.database(), request.user);
  if (!user)
    throw Error(Fault::not_found, "there is no user " + printable(request.user), "",
                "tsp user list names the users");
  if (user->state != "active")
    refuse_generation(provider, request, "user-" + user->state,
                      Error(Fault::policy_refused, "no key is made for " + request.user,
                            "the user is " + user->state, "nothing was made"));
  if (request.scal == 2) check_bound_factor(provider, request, user->group);
  if (request.algorithm == crypto::KeyAlgorithm::ed25519)
    refuse_generation(provider, request, "algorithm",
                      Error(Fault::policy_refused, "no ed25519 key is made for " + request.user,
                            "an HSM cannot wrap it", "nothing was made; use ecdsa-p256"));
  return *user;
}

// The PIN that will seal the key: the signer's own where he has one, else a new one.
void check_seal_pin(Provider& provider, const GenerateKey& request) {
  if (!request.pin)
    throw Error(Fault::input_needed, "a PIN is needed: it seals the key", "",
                "give it with --pin-from");
  if (!has_factor(provider, request.user, sam::Factor::pin)) {
    if (const auto why = objection_to_new_pin(provider, *request.pin))
      refuse_generation(provider, request, "weak-choice",
                        Error(Fault::policy_refused, "the PIN cannot be used", "it " + *why,
                              "nothing was made; choose another"));
    return;
  }
  if (!provider.caller().staff) return;  // authenticate_signer() came before
  sam::Presented presented;
  presented.pin = request.pin->clone();
  activation_module(provider)->check_factors(provider.caller(), request.user, presented, false);
}

// Seals the key; its share goes to every device of the signer, or into an activation file.
std::vector<store::ShareRow> seal(Provider& provider, hsm::Session& session,
                                  const GenerateKey& request, store::KeyRow& row) {
  const Secret share = sam::seal_key_row(session, row, *request.pin, provider.pin_cost());
  std::vector<store::ShareRow> shares;
  for (const auto& factor : store::factors_of(provider.database(), request.user))
    if (factor.type == sam::name_of(sam::Factor::device))
      shares.push_back(
          {row.id, factor.id, sam::seal_share(sam::decode_card(factor.data), row.id, share)});
  if (shares.empty()) {
    if (!request.hand_out)
      throw Error(Fault::input_needed, "the share has nowhere to go",
                  "the signer has no device to hold it", "give --share-out FILE");
    request.hand_out(sam::share_line(row.id, share));
  }
  return shares;
}

}  // namespace

void check_generation(Provider& provider, const GenerateKey& request) {
  must_be_allowed(provider, request);
}

KeyInfo generate_key(Provider& provider, const GenerateKey& request) {
  const store::UserRow user = must_be_allowed(provider, request);
  if (!is_utf8(request.label) || request.label.size() > 64 ||
      printable(request.label) != request.label)
    throw Error(Fault::bad_input, "the label cannot be used", "it has at most 64 printable octets");
  if (request.dry_run) {
    KeyInfo info;
    info.row.owner = user.name;
    info.row.algorithm = crypto::name_of(request.algorithm);
    info.row.scal = request.scal;
    return info;
  }
  const auto session = provider.session("signers");
  if (request.scal == 2) check_seal_pin(provider, request);
  store::KeyRow row = [&] {
    try {
      return sam::generate_key(*session, user.name, subject_of(user), request.algorithm,
                               request.label, provider.now());
    } catch (const Error& error) {
      const audit::Event event = provider.event(
          "key.generate", audit::Outcome::failed, user.name,
          {{"algorithm", crypto::name_of(request.algorithm)}, {"reason", error.message}});
      commit(provider, Hsm::called, [&](store::Transaction& transaction) {
        return record_call(provider, transaction, user.group, event);
      });
      throw;
    }
  }();
  const auto shares =
      request.scal == 2 ? seal(provider, *session, request, row) : std::vector<store::ShareRow>();
  const auto write = [&](store::Transaction& transaction) {
    const auto owner = store::find_user(provider.database(), row.owner);
    if (!owner || owner->state != "active")
      throw Error(Fault::busy, row.owner + " was suspended or removed meanwhile");
    store::insert_key(transaction, row);
    for (const auto& share : shares) store::insert_share(transaction, share);
    return record_call(provider, transaction, user.group,
                       provider.event("key.generate", audit::Outcome::done, row.id,
                                      {{"user", row.owner},
                                       {"algorithm", row.algorithm},
                                       {"scal", row.scal},
                                       {"public_key_sha256", to_hex(crypto::sha256(row.spki))},
                                       {"wrapping_key", row.wrapping_key},
                                       {"mechanism", row.mechanism}}));
  };
  const auto seq = commit(provider, Hsm::called, write, "the key was thrown away");
  KeyInfo info = info_of(provider, row);
  info.audit_seq = seq;
  return info;
}

std::vector<KeyInfo> list_keys(Provider& provider, const std::string& user,
                               const std::string& after, std::size_t most) {
  if (!user.empty() && !store::find_user(provider.database(), user))
    throw Error(Fault::not_found, "there is no user " + printable(user), "",
                "tsp user list names the users");
  std::vector<KeyInfo> keys;
  for (auto& row : store::keys_after(provider.database(), user, after, most))
    keys.push_back(info_of(provider, row));
  return keys;
}

KeyInfo show_key(Provider& provider, const std::string& id) {
  if (auto row = store::find_key(provider.database(), id)) return info_of(provider, *row);
  std::vector<store::KeyRow> near;
  if (id.size() >= kShortestPrefix) near = store::keys_beginning(provider.database(), id, 2);
  if (near.size() == 1) return info_of(provider, near.front());
  throw Error(Fault::not_found, "there is no key " + printable(id),
              near.size() > 1 ? "several keys begin so" : "", "tsp key list names the keys");
}

KeyDestroyed destroy_key(Provider& provider, const std::string& id, bool dry_run) {
  const KeyInfo key = show_key(provider, id);
  if (key.row.state == "destroyed")
    throw Error(Fault::already_exists, "the key " + key.row.id + " is destroyed already");
  KeyDestroyed receipt;
  receipt.key = key.row.id;
  receipt.user = key.row.owner;
  receipt.remains = remains_since(key.row.created_at);
  std::vector<store::CertificateRow> live;
  for (const auto& certificate : store::certificates_of_key(provider.database(), key.row.id))
    if (certificate.state == "valid") live.push_back(certificate);
  for (const auto& certificate : live) receipt.revoked_certificates.push_back(certificate.serial);
  if (dry_run) return receipt;

  receipt.audit_seq = commit(provider, Hsm::not_called, [&](store::Transaction& transaction) {
    for (const auto& certificate : live) revoke_in(provider, transaction, certificate);
    store::delete_approvals_of(transaction, key.row.owner);
    store::delete_requests_of(transaction, key.row.owner);
    return destroy_in(provider, transaction, key.row);
  });
  overwrite_log(provider, "the key " + key.row.id);
  if (!live.empty())
    issue_crl_after_revoking(provider, "issuing", "the certificate of the key " + key.row.id,
                             receipt.audit_seq);
  return receipt;
}

Json to_json(const KeyInfo& key) {
  Json json = {{"key", key.row.id},
               {"user", key.row.owner},
               {"algorithm", key.row.algorithm},
               {"scal", key.row.scal},
               {"public_key_sha256", key.public_key_sha256},
               {"label", key.row.label},
               {"state", key.row.state},
               {"created_at", to_rfc3339(key.row.created_at)},
               {"certificates", key.certificates}};
  if (key.row.destroyed_at) json["destroyed_at"] = to_rfc3339(*key.row.destroyed_at);
  if (key.audit_seq != 0) json["audit_seq"] = key.audit_seq;
  return json;
}

Json to_json(const KeyDestroyed& receipt) {
  return {{"key", receipt.key},
          {"user", receipt.user},
          {"revoked_certificates", receipt.revoked_certificates},
          {"remains", receipt.remains},
          {"audit_seq", record_json(receipt.audit_seq)}};
}

}  // namespace tsp::ops
