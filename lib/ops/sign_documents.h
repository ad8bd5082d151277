// Signing documents: one approval, many files, each failing or succeeding for itself.
#pragma once

#include <functional>
#include <optional>

#include "ades/pades.h"
#include "ops/backend.h"
#include "ops/long_term.h"

namespace tsp::ops {

struct SignDocuments {
  struct Document {
    std::string input, output;  // paths; output may be "-"
  };
  std::vector<Document> documents;
  std::string user, key;  // key empty: the user's newest usable one
  // one_shot: a key and a short-lived certificate are made for these documents alone, by the policy
  // of keys of this SCAL. At B-B nobody could tell later whether the signature was made in time:
  // Error{usage}.
  enum class With { own_key, one_shot } with = With::own_key;
  int scal = 1;
  std::string level = "B-LT";  // B-B, B-T, B-LT, B-LTA
  std::optional<crypto::HashAlgorithm> hash;
  std::string reason, location, contact, field;
  std::optional<pdf::Placement> placement;
  Bytes image;                       // PNG, optional
  std::optional<int> certification;  // 1..3
  LongTermOptions long_term;
  bool allow_damaged = false, force = false, dry_run = false;
  bool only_prepare = false;  // outputs are not opened
  // Whether the caller's jail is wanted after this: a single document is then read by the jail's
  // helper itself.
  enum class Jail { stays, may_go } jail = Jail::stays;
};

struct SignedDocument {
  std::string input, output, format = "pades", level, key, certificate_serial, dtbs_sha256;
  int scal = 1, pages = 0;
  std::optional<Time> signature_time;  // best known: the time-stamp's, else the claimed
  std::int64_t audit_seq = 0;
  std::optional<Error> error;
};

// What must be asked of the signer, once, after all documents are open and prepared.
struct FactorQuestion {
  Backend& backend;
  const Credential& credential;
  const sam::Manifest& manifest;
  // Of a session: the request that was made when it was prepared, and the device's answer if it is
  // there. Both may be empty.
  Bytes request, answer;
  // Whether documents are parsed again once the answer is there.
  enum class Parsing { over, goes_on } parsing = Parsing::over;
};
using AskFactors = std::function<sam::Presented(const FactorQuestion&)>;
// How the signer is asked.
struct SignerPrompt {
  AskFactors factors;
  // His PIN before anything is known of him, where the backend tells nothing without it. May be
  // empty: then Error{input_needed} comes out.
  std::function<Secret()> pin{};
  // Told, before the factors are asked for, of the documents that cannot be signed: if the factors
  // are refused nobody else tells of them. May be empty.
  std::function<void(std::vector<SignedDocument>)> unprepared{};
};
// Told after each document of each pass: "prepared", "signed" (in the HSM), "stamped", "finished"
// (written).
using Progress = std::function<void(std::string_view what, std::size_t done, std::size_t of)>;

// world.stop is looked at between documents. Before the first is signed Error{interrupted} comes
// out of here, and nothing was signed; from then on what is not finished has it as its error, on
// record where the HSM was called.
std::vector<SignedDocument> sign_documents(Backend& backend, const World& world,
                                           const SignDocuments& request, const SignerPrompt& signer,
                                           const Progress& progress = {});

Json to_json(const SignedDocument& receipt);

}  // namespace tsp::ops
