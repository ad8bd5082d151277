#include "ops/send_code.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "ops/channel.h"
#include "ops/recording.h"
#include "ops/refusals.h"
#include "sam/manifest_view.h"
#include "sam/requirement.h"

namespace tsp::ops {
namespace {

std::vector<std::string> addresses_of(Provider& provider, const std::string& user) {
  std::vector<std::string> addresses;
  for (const auto& factor : store::factors_of(provider.database(), user))
    if (factor.type == sam::name_of(sam::Factor::oob)) addresses.emplace_back(as_text(factor.data));
  return addresses;
}

std::string purpose_of(const sam::ActivationRequest& request) {
  if (request.ask == sam::Ask::new_pin) return "to change the PIN of your key";
  return fmt::format("to sign {} document{}", request.count, request.count == 1 ? "" : "s");
}

// The code stands in the middle; what is before and after it is no secret.
Secret message_text(const sam::Asked& asked) {
  const sam::ActivationRequest& request = asked.request;
  const std::string before =
      fmt::format("{}: your code {} is\n\n    ", request.provider, purpose_of(request));
  std::string after =
      fmt::format("\n\nGood once, until {}, for this alone:\n\nSigner  {}\nKey     {}\n",
                  to_rfc3339(request.expires_at), request.signer, request.credential);
  if (request.ask == sam::Ask::sign) {
    after += "\n";
    for (const std::string& line : sam::manifest_lines(sam::decode_manifest(asked.manifest)))
      after += line + "\n";
    after += "\nCompare names and fingerprints with those shown where you sign.\n";
  }
  after += "If you did not ask for this, give the code to nobody and tell the provider.\n";
  Bytes text;
  text.reserve(before.size() + asked.sent_code->size() + after.size());
  append(text, as_bytes(before));
  append(text, asked.sent_code->view());
  append(text, as_bytes(after));
  return Secret(std::move(text));
}

[[noreturn]] void refuse_code(Provider& provider, const sam::Asked& asked, const char* reason,
                              const Error& error) {
  commit(provider, Hsm::not_called, [&](store::Transaction& transaction) {
    store::delete_request(transaction, asked.request.id);
    return std::int64_t{0};
  });
  refuse(provider,
         {"code.sent",
          asked.request.signer,
          reason,
          {{"request", to_hex(asked.request.id)}, {"detail", error.why}}},
         error, Keep::each);
}

// How many took it; `why` is the last failure.
std::size_t deliver_to_all(Provider& provider, const std::vector<std::string>& addresses,
                           const std::string& subject, const Secret& text,
                           std::optional<Error>& why) {
  std::size_t delivered = 0;
  for (const std::string& address : addresses) {
    try {
      deliver(provider, address, subject, text.text());
      delivered += 1;
    } catch (const Error& error) {
      if (error.fault == Fault::interrupted) throw;
      why = error;
    }
  }
  return delivered;
}

}  // namespace

void send_code(Provider& provider, const sam::Asked& asked) {
  if (!asked.sent_code) return;
  const std::string what = "the code could not be sent";
  const auto addresses = addresses_of(provider, asked.request.signer);
  if (addresses.empty())
    refuse_code(provider, asked, "no-address",
                Error(Fault::policy_refused, what, "the signer has no out-of-band factor",
                      "nothing was signed"));
  if (!has_channel(provider))
    refuse_code(provider, asked, "no-channel",
                Error(Fault::policy_refused, what, "no channel to signers is configured",
                      "nothing was signed; set notices.channel"));
  const std::string subject =
      fmt::format("{}: your code {}", asked.request.provider, purpose_of(asked.request));
  std::optional<Error> why;
  const auto delivered = deliver_to_all(provider, addresses, subject, message_text(asked), why);
  if (delivered == 0)
    refuse_code(
        provider, asked, "not-delivered",
        Error(why->fault == Fault::policy_refused ? why->fault : Fault::busy, what, why->message,
              why->fault == Fault::policy_refused ? "nothing was signed"
                                                  : "nothing was signed; try again later"));
  commit(provider, Hsm::not_called, [&](store::Transaction& transaction) {
    return audit::append(transaction, provider.now(),
                         provider.event("code.sent", audit::Outcome::done, asked.request.signer,
                                        {{"key", asked.request.credential},
                                         {"request", to_hex(asked.request.id)},
                                         {"documents", asked.request.count},
                                         {"addresses", delivered}}));
  });
}

}  // namespace tsp::ops
