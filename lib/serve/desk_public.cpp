#include "serve/desk_public.h"

#include <algorithm>

#include "ops/counted_refusals.h"
#include "serve/desk.h"
#include "serve/http_caching.h"

namespace tsp::serve {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds kCertificateKept = 24h;

Answer octets(std::string type, Bytes body) {
  Answer answer;
  answer.type = std::move(type);
  answer.body = std::move(body);
  return answer;
}

// Until `end` others may keep it: whole seconds, never less than none.
void keep(Answer& answer, Time made, Time end, Time now) {
  answer.last_modified = to_unix(made);
  answer.max_age = std::max<std::int64_t>(0, to_unix(end) - to_unix(now));
}

Answer ocsp_answer(Bytes der) {
  return octets("application/ocsp-response", std::move(der));
}

// Names of CAs are words; what follows is the kind of file.
std::string ca_of(std::string_view name, std::string_view ending) {
  if (name.ends_with(ending)) {
    name.remove_suffix(ending.size());
    if (name == "root" || name == "issuing") return std::string(name);
  }
  throw Error(Fault::not_found, "there is no such resource");
}

std::int64_t minute_of(Time time) {
  return to_unix(time) / 60;
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += text[at];
      continue;
    }
    if (at + 2 >= text.size()) return std::nullopt;
    const int high = digit(text[at + 1]), low = digit(text[at + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    at += 2;
  }
  return out;
}

Answer PublicDesk::ocsp(ByteView request) {
  try {
    ops::OcspAnswer made = responder_.answer(request);
    Answer answer = ocsp_answer(std::move(made.der));
    if (!made.understood) {
      count_refusal("ocsp-malformed");
      answer.fault = Fault::bad_input;
    }
    if (made.made) keep(answer, *made.made, *made.replaced, provider_.now());
    return answer;
  } catch (const Error& error) {
    const bool later = error.fault == Fault::hsm_unavailable || error.fault == Fault::busy;
    Answer answer = ocsp_answer(
        x509::ocsp_error_response(later ? ops::kOcspTryLater : ops::kOcspInternalError));
    answer.fault = error.fault;
    answer.detail = hsm_code(error);
    return answer;
  }
}

Answer PublicDesk::ocsp_in_path(std::string_view argument) {
  const auto text = percent_decoded(argument);
  const auto request = text ? from_base64(*text) : std::nullopt;
  return ocsp(request ? ByteView(*request) : ByteView());
}

std::vector<Answer> PublicDesk::tsa(const std::vector<ops::TimestampQuery>& queries) {
  std::vector<Answer> answers;
  for (ops::TimestampAnswer& made : ops::answer_timestamps(provider_, queries)) {
    Answer& answer =
        answers.emplace_back(octets("application/timestamp-reply", std::move(made.der)));
    if (!made.understood) count_refusal("timestamp-malformed");
    if (!made.refused) continue;
    answer.fault = made.refused->fault;
    answer.detail = hsm_code(*made.refused);
  }
  return answers;
}

const PublicDesk::KeptCrl& PublicDesk::kept_crl(const store::CrlRow& head) {
  KeptCrl& kept = crls_[head.ca];
  if (kept.body && kept.number == head.number) return kept;
  const auto row = store::current_crl(provider_.database(), head.ca).value();
  kept = {row.number, SharedBody::of(row.der), entity_tag(row.der)};
  return kept;
}

Answer PublicDesk::crl(std::string_view name) {
  const std::string ca = ca_of(name, ".crl");
  const store::Snapshot one_state(provider_.database());
  const auto row = store::current_crl_head(provider_.database(), ca);
  if (!row) throw Error(Fault::not_found, "there is no CRL of the " + ca + " CA yet");
  const KeptCrl& kept = kept_crl(*row);
  Answer answer = octets("application/pkix-crl", {});
  answer.shared = kept.body;
  answer.tag = kept.tag;
  // The root's is made long before its end by a person.
  const Time next = ca == "root" ? row->next_update
                                 : row->this_update + provider_.config().duration("crl.interval");
  const Time now = provider_.now();
  keep(answer, row->this_update, std::min({next, row->next_update, now + kCertificateKept}), now);
  return answer;
}

Answer PublicDesk::certificate(std::string_view name) const {
  const std::string ca = ca_of(name, ".cer");
  auto row = store::current_certificate(provider_.database(), ca);
  if (!row) throw Error(Fault::not_found, "there is no valid certificate of the " + ca + " CA");
  Answer answer = octets("application/pkix-cert", std::move(row->der));
  const Time now = provider_.now();
  keep(answer, row->created_at, std::min(row->not_after, now + kCertificateKept), now);
  return answer;
}

Answer PublicDesk::checkpoint() const {
  const auto row = store::last_checkpoint(provider_.database());
  if (!row) throw Error(Fault::not_found, "there is no checkpoint yet");
  Answer answer = octets("text/plain; charset=utf-8", to_bytes(as_bytes(row->note)));
  // The next one may be made at any time: it is asked for each time, and mostly a 304.
  keep(answer, row->created_at, row->created_at, provider_.now());
  return answer;
}

void PublicDesk::count_refusal(const std::string& reason) {
  ++refused_[{minute_of(provider_.now()), reason}];
}

void PublicDesk::flush_refusals() {
  const std::int64_t minute = minute_of(provider_.now());
  for (auto next = refused_.begin(); next != refused_.end();) {
    if (next->first.first == minute) {
      ++next;
      continue;
    }
    ops::record_refusals(provider_,
                         {"public", next->first.second, next->first.first, next->second});
    next = refused_.erase(next);
  }
}

}  // namespace tsp::serve
