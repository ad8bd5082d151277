// A signing session's file: the exact prepared revisions, so that a factor bound to the documents
// can be answered elsewhere, or so that what failed after the signature is finished without a new
// approval. JSON, mode 0600, no secret (docs/formats/session.md). For the files of signing, and for
// the device that reads its question and leaves its answer.
#pragma once

#include "ops/signing.h"

namespace tsp::ops {

struct SessionRequest {
  Bytes request;  // encoded activation request; empty: none was needed
  std::vector<sam::DeviceQuestion> questions;
  Bytes answer;  // the device's, once it was there
};

// NAME.session, or the first of NAME.2.session, … that is free.
std::string free_session_path(const std::string& output);
void write_session(const std::string& path, const SigningPlan& plan,
                   const std::vector<const Work*>& works, const SessionRequest& request);

// Writes anew what is left of a session: the documents that are not finished, with their signatures
// and time-stamps. `works` are all of those that were read, in their order. False where none is
// left, and the file is gone.
bool keep_session(const std::string& path, const SigningPlan& plan, const std::vector<Work>& works);

struct Session {
  std::string user, key, certificate_serial;
  // Of a credential that is made once it is approved. Once it was made and its key is gone: its
  // certificate and the chain, and what else is known of it.
  std::optional<sam::OneShot> one_shot;
  std::vector<x509::Certificate> certificates;
  std::string algorithm;
  int scal = 1;
  Time now;
  crypto::HashAlgorithm hash{};
  std::string level;
  LongTermOptions long_term;  // time-stamp servers, VRI
  std::vector<Work> works;    // prepared, perhaps signed; files not opened
  SessionRequest request;
};
// Error{bad_input} for what is no session; {policy_refused} for a file that others may read.
Session read_session(const std::string& path);

// The device's part. Error{bad_input} where the session asks nothing.
std::vector<sam::DeviceQuestion> session_questions(const std::string& path);
void put_answer(const std::string& path, ByteView answer);  // Error{already_exists}

}  // namespace tsp::ops
