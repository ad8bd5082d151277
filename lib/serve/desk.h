// What the desks share. For desk_*.cpp alone.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/json.h"
#include "ops/backend.h"
#include "serve/desks.h"
#include "serve/sealed.h"

namespace tsp::serve {

inline constexpr JsonLimits kBodyLimits{std::size_t{16} << 20, 16};

// Who may sign, each with his own factors.
inline constexpr ops::Roles kSigning{ops::Role::application};

// What a signer's worker asks of the authority's: never from outside.
inline constexpr const char* kCertifyOneShot = "certify_one_shot";

inline Json body_of(const Request& request) {
  return parse_json(request.body, "the request", kBodyLimits);
}

inline Answer json_answer(const Json& json, int status = 200) {
  Answer answer;
  answer.status = status;
  answer.body = to_bytes(as_bytes(dump(json)));
  return answer;
}

// Serves verbs one by one, each for its own caller.
class VerbDesk : public Desk {
 public:
  using Verb = std::function<Answer(Request&)>;
  std::vector<Answer> serve(std::vector<Request> requests) override;

 protected:
  explicit VerbDesk(ops::Provider& provider) : provider_(provider) {}
  void add(std::string name, Verb verb) { verbs_.emplace(std::move(name), std::move(verb)); }
  // With the caller's name and roles in place. Error{not_permitted} for a key that nobody has.
  Answer serve_one(Request& request);
  void act_for(const Asker& asker);
  // Of the API key that the caller showed; empty: none.
  const std::string& group() const { return group_; }
  ops::Provider& provider_;

 private:
  std::map<std::string, Verb, std::less<>> verbs_;
  std::string group_;
};

// The group whose API key was shown.
std::string group_of_key(ops::Provider& provider, const std::string& api_key_sha256);
// Error{not_permitted}, on record once a minute, where the caller has none of the roles.
void need_role(ops::Provider& provider, ops::Roles roles, const std::string& verb);

using Secrets = std::map<std::string, Secret, std::less<>>;

// Opens secrets that were sealed to the activation module (sealed.h), for today's key or
// yesterday's.
class Opener {
 public:
  explicit Opener(ops::Provider& provider) : provider_(provider) {}
  // What is said of today's key; signed where the module has a certificate.
  TransportStatement statement();
  // Error{usage} for what does not open: it names nothing else; {policy_refused} where it was
  // sealed too long ago, or is yet to be. Whoever uses what was opened takes `sealing` for good.
  struct Opened {
    Secret plain;
    sam::Sealing sealing;
  };
  Opened open(ByteView sealed, std::string_view purpose, ByteView manifest_sha256 = {});
  // Those of the member `sealed`, if there is one, by name: taken for good. Error{already_exists},
  // on record, where they were given before.
  Secrets open_secrets(const Json& body, const std::string& purpose);

 private:
  const crypto::ExchangeKey& key_of(std::int64_t day);
  ops::Provider& provider_;
  std::map<std::int64_t, crypto::ExchangeKey> keys_;
  std::map<std::int64_t, TransportStatement> statements_;
};

// "call": an operation by name (ops/call.h).
Answer answer_call(ops::Provider& provider, Opener* opener, ops::Worker here,
                   const std::string& group, Request& request);
// Of a caller by API key: a signer of another group becomes a name that nobody can have, so that he
// is not told from one.
void keep_in_group(ops::Provider& provider, const std::string& group, Json& body);

}  // namespace tsp::serve
