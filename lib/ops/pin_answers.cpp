// The answers of devices to a change of the PIN, as a request carries them.
#include <algorithm>

#include "base/error.h"
#include "ops/change_pin.h"

namespace tsp::ops {
namespace {

[[noreturn]] void answers_not_understood(const char* why) {
  throw Error(Fault::usage, "the devices' answers are not understood", why, "nothing was done");
}

std::string text_in(const Json& answer, const char* member) {
  const auto found = answer.find(member);
  if (found == answer.end() || !found->is_string()) answers_not_understood("a member is not given");
  return found->get<std::string>();
}

std::shared_ptr<const crypto::ExchangeKey> answer_key_for(const std::string& key,
                                                          const std::vector<Secret>& lines) {
  for (const Secret& line : lines) {
    const std::string_view text = line.text();
    if (!text.starts_with(key + " ")) continue;
    auto octets = from_hex(text.substr(key.size() + 1));
    if (!octets) answers_not_understood("an answer's key is no hex");
    return std::make_shared<const crypto::ExchangeKey>(
        crypto::ExchangeKey::from_private(Secret(std::move(*octets))));
  }
  return nullptr;
}

}  // namespace

std::vector<Secret> lines_of(const Secret& text) {
  std::vector<Secret> lines;
  for (ByteView rest = text.view(); !rest.empty();) {
    const auto end = std::ranges::find(rest, std::uint8_t{'\n'});
    const auto size = static_cast<std::size_t>(end - rest.begin());
    lines.push_back(Secret::copy_of(rest.first(size)));
    rest = rest.subspan(std::min(size + 1, rest.size()));
  }
  return lines;
}

std::vector<PinAnswer> answers_of(const Call& call) {
  const auto found = call.request.find("answers");
  if (found == call.request.end()) return {};
  if (!found->is_array()) answers_not_understood("they are no list");
  const Secret* keys = secret_of(call, "answer_keys");
  const std::vector<Secret> lines = keys == nullptr ? std::vector<Secret>() : lines_of(*keys);
  std::vector<PinAnswer> answers;
  for (const Json& each : *found) {
    if (!each.is_object() || each.size() != 3) answers_not_understood("one has other members");
    auto request = from_hex(text_in(each, "request"));
    auto answer = from_base64(text_in(each, "answer"));
    if (!request || !answer) answers_not_understood("one is neither hex nor base64");
    std::string key = text_in(each, "key");
    auto answer_key = answer_key_for(key, lines);
    answers.push_back(
        {std::move(key), std::move(*request), std::move(*answer), std::move(answer_key)});
  }
  return answers;
}

Secret answer_keys_of(const PinAsked& asked) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::vector<Secret> keys;
  std::size_t size = 0;
  for (const sam::Asked& each : asked.requests) {
    keys.push_back(each.answer_key->private_octets());
    size += each.request.credential.size() + 2 * keys.back().size() + 2;
  }
  Bytes lines;
  lines.reserve(size);  // so that no copy stays behind
  for (std::size_t at = 0; at < keys.size(); ++at) {
    append(lines, as_bytes(asked.requests[at].request.credential));
    lines.push_back(' ');
    for (const std::uint8_t octet : keys[at].view()) {
      lines.push_back(static_cast<std::uint8_t>(kDigits[octet >> 4]));
      lines.push_back(static_cast<std::uint8_t>(kDigits[octet & 0xf]));
    }
    lines.push_back('\n');
  }
  return Secret(std::move(lines));
}

}  // namespace tsp::ops
