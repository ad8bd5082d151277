#include "factor_prompt.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "base/text.h"
#include "sam/manifest_view.h"
#include "sam/requirement.h"
#include "sam/seal.h"

namespace tsp::app {
namespace {

constexpr std::chrono::milliseconds kPoll{200};

using sam::Factor;

bool has_code_option(const Invocation& run) {
  return run.given("--otp") || run.given("--otp-from");
}

bool is_elsewhere(const sam::Factors& factors) {
  return std::any_of(factors.begin(), factors.end(), &sam::binds_documents);
}

// The alternative that what was given fits: a code without a session is a TOTP's or HOTP's; a
// device's answer is a device's; else the first.
sam::Factors choose(const Invocation& run, const ops::FactorQuestion& question) {
  const auto policy =
      sam::Requirement::parse(question.credential.factors, question.credential.scal);
  const auto fits = [&](const sam::Factors& factors) {
    const bool code = std::any_of(factors.begin(), factors.end(), &sam::is_code);
    if (!question.answer.empty()) return factors.count(Factor::device) != 0;
    if (has_code_option(run)) return code && is_elsewhere(factors) == !question.request.empty();
    return factors.count(Factor::device) == 0 || question.request.empty();
  };
  for (const auto& factors : policy.alternatives())
    if (fits(factors)) return factors;
  if (has_code_option(run))
    throw Error(Fault::input_needed, "a code that is given beforehand does not do",
                "the policy asks for " + question.credential.factors,
                "nothing was signed; leave the code out, or use --prepare and --resume");
  return policy.alternatives().front();
}

Secret code_of(Invocation& run, const std::string& prompt) {
  if (run.given("--otp")) return Secret::copy_of(as_bytes(run.text("--otp")));
  return run.secret_or_ask("--otp-from", prompt);
}

Bytes wait_for_device(Invocation& run, const ops::FactorQuestion& question,
                      const sam::Asked& asked) {
  if (asked.questions.empty())
    throw Error(Fault::policy_refused, question.credential.user + " has no device",
                "the policy asks for " + question.credential.factors, "nothing was signed");
  run.terminal.note("Approve it on the device: tsp device approve " +
                    to_hex(asked.request.id).substr(0, 8));
  try {
    return wait_for_answer(run.world(), question.backend, asked.request.id);
  } catch (const Error& error) {
    if (error.fault != Fault::not_found) throw;
    throw Error(Fault::input_needed, "the device did not answer in time", "",
                "nothing was signed; try again, or use --prepare");
  }
}

// What is answered with a request: made now, or when the session was prepared.
void answer_elsewhere(Invocation& run, const ops::FactorQuestion& question,
                      const sam::Factors& factors, sam::Presented& presented) {
  const bool by_device = factors.count(Factor::device) != 0;
  if (!question.request.empty()) {
    presented.request = question.request;
    presented.answer = question.answer;
    if (by_device && question.answer.empty())
      throw Error(Fault::input_needed, "the device has not answered the session", "",
                  "approve it with tsp device approve SESSION; nothing was signed");
    return;
  }
  if (!by_device && !run.terminal.can_ask())
    throw Error(Fault::input_needed, "a code bound to the documents cannot be given beforehand", "",
                "use --prepare SESSION, then --resume SESSION --otp CODE; nothing was signed");
  const sam::Asked asked =
      question.backend.ask(question.credential, &question.manifest, sam::AnswerKey::with_caller);
  presented.request = asked.request.id;
  presented.answer_key = asked.answer_key;
  if (by_device) presented.answer = wait_for_device(run, question, asked);
  if (factors.count(Factor::ocra) != 0)
    run.terminal.note("OCRA challenge: " + to_hex(sam::request_hash(asked.request)));
}

// A machine shows nothing to anybody, and has no other factor.
sam::Presented by_machine(Invocation& run, const std::string& user) {
  for (const char* option : {"--pin-from", "--otp", "--otp-from", "--share-from"})
    if (run.given(option))
      throw Error(Fault::usage, "--seal-from and " + std::string(option) + " exclude each other");
  sam::Presented presented;
  presented.machine = run.secret("--seal-from", "Machine credential of " + user);
  return presented;
}

}  // namespace

Bytes wait_for_answer(const ops::World& world, ops::Backend& backend, const Bytes& request) {
  while (true) {
    world.stop_if_asked();
    if (auto answer = backend.answer_to(request)) return std::move(*answer);
    std::this_thread::sleep_for(kPoll);
  }
}

std::vector<std::string> what_is_signed(const ops::Credential& credential,
                                        const sam::Manifest& manifest) {
  std::vector<std::string> lines;
  if (const auto& certificate = credential.certificate)
    lines = {fmt::format("Signing as {}", printable(certificate->subject())),
             fmt::format("  issued by {}, serial {}, until {}", printable(certificate->issuer()),
                         credential.certificate_serial, to_rfc3339(certificate->not_after()))};
  else
    lines = {fmt::format("Signing as {}", printable(credential.one_shot.value().subject)),
             fmt::format("  to be issued by {}", printable(credential.chain.front().subject()))};
  for (auto& line : sam::manifest_lines(manifest)) lines.push_back(std::move(line));
  return lines;
}

Secret SignerPin::ask(const std::string& user) {
  if (!kept_)
    kept_ = run_.secret_or_ask("--pin-from", "PIN" + (user.empty() ? user : " of " + user));
  return kept_->clone();
}

ops::AskFactors factors_from(Invocation& run, SignerPin& pin) {
  return [&run, &pin](const ops::FactorQuestion& question) {
    if (run.jail != nullptr && question.parsing == ops::FactorQuestion::Parsing::over)
      run.jail->retire();
    const std::string& user = question.credential.user;
    if (run.given("--seal-from")) return by_machine(run, user);
    const sam::Factors factors = choose(run, question);
    const bool code = std::any_of(factors.begin(), factors.end(), &sam::is_code);
    const bool given = run.given("--pin-from") && (!code || has_code_option(run));
    if (!given || is_elsewhere(factors))
      for (const auto& line : what_is_signed(question.credential, question.manifest))
        run.terminal.note(line);
    sam::Presented presented;
    if (factors.count(Factor::pin) != 0) presented.pin = pin.ask(user);
    if (question.credential.scal == 2 && factors.count(Factor::device) == 0)
      presented.share = sam::parse_share_line(
          run.secret_or_ask("--share-from", "Activation file's line of " + user),
          question.credential.key);
    if (is_elsewhere(factors)) answer_elsewhere(run, question, factors, presented);
    if (code) presented.otp = code_of(run, "One-time code of " + user);
    return presented;
  };
}

}  // namespace tsp::app
