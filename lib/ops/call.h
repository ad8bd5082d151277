// An operation by name: the same request and the same receipt in this process and over a socket.
// What a command asks for is a Call; operations() says who may ask and what runs it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/secret.h"
#include "base/time.h"
#include "ops/roles.h"

namespace tsp::ops {

class Provider;

struct Call {
  std::string operation{};        // a command's path: "user suspend"
  Json request = Json::object();  // members named in each operation's file; absent: the default
  // By what they are: pin, new_pin, otp, code, share. They never stand in `request`.
  std::map<std::string, Secret, std::less<>> secrets{};
  // Takes what is shown once (totp_uri, enrolment_code, share, api_key, credential). In this
  // process what it throws ends the operation; over a socket it comes with the receipt, and what it
  // throws then says what stands.
  std::function<void(const std::string& name, const Secret&)> hand_out{};
};

// Which worker of `tsp serve` has the tokens for it.
enum class Worker { signers, pki };

struct Operation {
  std::string_view name;
  Roles roles;  // any of these may ask
  Worker worker;
  bool changes_state;
  std::vector<std::string_view> members, secrets;  // that a request may have
  Json (*run)(Provider&, const Call&);             // the receipt, as --json prints it
};

const std::vector<Operation>& operations();
const Operation* find_operation(std::string_view name);
// Runs it for provider.caller(). The receipt of a dry run says so: {dry_run: true}.
// Error{not_permitted}, on record, for a caller without a role for
// it; {usage} for an operation that is not in the table, and for members that it does not know or
// of another kind.
Json run_operation(Provider& provider, const Call& call);

// --- for the operations. Error{not_permitted}, on record once a minute, for a caller who has none
// of these roles: where who may ask hangs on what is asked for.
void demand_role(Provider& provider, const Call& call, Roles roles);

// Members of a request. Error{usage} names the member.
std::string text_of(const Call& call, std::string_view name, std::string_view fallback = {});
std::string required_text(const Call& call, std::string_view name);              // may be empty
std::optional<std::string> given_text(const Call& call, std::string_view name);  // may be empty
// One of the words, "a|b"; the fallback where it is absent.
std::string word_of(const Call& call, std::string_view name, std::string_view words,
                    std::string_view fallback);
std::vector<std::string> texts_of(const Call& call, std::string_view name);  // absent: none
bool flag_of(const Call& call, std::string_view name);
std::optional<bool> given_flag(const Call& call, std::string_view name);
std::optional<std::int64_t> integer_of(const Call& call, std::string_view name);
std::int64_t required_integer(const Call& call, std::string_view name);
std::optional<Time> time_of(const Call& call, std::string_view name);  // RFC 3339
Bytes octets_of(const Call& call, std::string_view name);              // base64; absent: none
Bytes hex_of(const Call& call, std::string_view name);                 // required
const Secret* secret_of(const Call& call, std::string_view name);      // nullptr: not given
std::optional<Secret> given_secret(const Call& call, std::string_view name);
// Hands the secret of that name to whoever called; empty where he takes none.
std::function<void(const Secret&)> hand_out_as(const Call& call, std::string name);

// Lists come in pages, so that no answer grows with the store: a request says `after` what it has,
// a receipt has `next` to go on after, or no such member at the end.
inline constexpr std::size_t kPage = 500;          // entries
inline constexpr std::size_t kPageSize = 1 << 20;  // octets of JSON, about
// Of a list of records, the number of the first to look at: behind `after`, or of the log's first.
std::int64_t record_after(const Call& call);

}  // namespace tsp::ops
