#include "sam/request.h"

#include "crypto/digest.h"
#include "crypto/exchange.h"
#include "sam/octets.h"

namespace tsp::sam {
namespace {

constexpr std::string_view kRequestMagic = "tsp activation request 1\n",
                           kQuestionMagic = "tsp device question 1\n";
constexpr std::size_t kLongestProvider = 256;
constexpr std::size_t kLongestRequest = 1024;
constexpr std::uint32_t kMostSignatures = 10000;
constexpr std::uint8_t kSign = 1, kNewPin = 2;

void check_request(const FormatReader& reader, const ActivationRequest& request) {
  const bool sign = request.ask == Ask::sign;
  reader.require(sign ? request.count >= 1 && request.count <= kMostSignatures : request.count == 0,
                 "the number of signatures is none");
  reader.require(sign || (request.certificate_serial.empty() &&
                          equal(request.manifest_sha256, Bytes(kHashSize))),
                 "a new PIN needs neither certificate nor manifest");
  reader.require(request.created_at <= request.expires_at, "it ends before it begins");
  reader.require(crypto::is_point(request.answer_point), "its answer key is no point of P-256");
}

}  // namespace

Bytes encode(const ActivationRequest& request) {
  Bytes out = to_bytes(as_bytes(kRequestMagic));
  append(out, request.id);
  out.push_back(request.ask == Ask::sign ? kSign : kNewPin);
  append_field(out, as_bytes(request.provider));
  append_field(out, as_bytes(request.signer));
  append_field(out, as_bytes(request.credential));
  append_field(out, as_bytes(request.certificate_serial));
  append(out, request.manifest_sha256);
  append_u32(out, request.count);
  append_u64(out, static_cast<std::uint64_t>(to_unix_ms(request.created_at)));
  append_u64(out, static_cast<std::uint64_t>(to_unix_ms(request.expires_at)));
  append(out, request.answer_point);
  return out;
}

ActivationRequest decode_request(ByteView octets) {
  FormatReader reader(octets, kRequestMagic, "the activation request");
  ActivationRequest request;
  request.id = reader.take(kIdSize);
  const std::uint8_t ask = reader.u8();
  reader.require(ask == kSign || ask == kNewPin, "it asks for something unknown");
  request.ask = ask == kSign ? Ask::sign : Ask::new_pin;
  request.provider = reader.text(0, kLongestProvider);
  request.signer = reader.text(1, kLongestId);
  request.credential = reader.text(1, kLongestId);
  request.certificate_serial = reader.text(0, kLongestId);
  request.manifest_sha256 = reader.take(kHashSize);
  request.count = reader.u32();
  request.created_at = reader.moment();
  request.expires_at = reader.moment();
  request.answer_point = reader.take(crypto::kPointSize);
  reader.end();
  check_request(reader, request);
  return request;
}

Bytes request_hash(const ActivationRequest& request) {
  return crypto::sha256(encode(request));
}

Bytes encode(const DeviceQuestion& question) {
  Bytes out = to_bytes(as_bytes(kQuestionMagic));
  append_field(out, encode(question.request));
  append_field(out, question.manifest);
  append_field(out, question.sealed_share);
  return out;
}

void check_manifest(const DeviceQuestion& question) {
  const ActivationRequest& request = question.request;
  if (request.ask == Ask::new_pin) {
    if (question.manifest.empty()) return;
  } else if (equal(crypto::sha256(question.manifest), request.manifest_sha256) &&
             decode_manifest(question.manifest).entries.size() == request.count) {
    return;
  }
  throw Error(Fault::tampered, "the question to the device is refused",
              "the documents in it are not those that the request is for",
              "nothing was signed; somebody may have exchanged them on the way");
}

DeviceQuestion decode_question(ByteView octets) {
  FormatReader reader(octets, kQuestionMagic, "the question to the device");
  DeviceQuestion question;
  question.request = decode_request(reader.field(kLongestRequest));
  question.manifest = to_bytes(reader.field(octets.size()));
  question.sealed_share = to_bytes(reader.field(kLongestSealedShare));
  reader.end();
  check_manifest(question);
  return question;
}

}  // namespace tsp::sam
