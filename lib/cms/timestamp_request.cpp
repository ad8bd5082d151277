// TimeStampReq, RFC 3161 section 2.4.1.
#include "cms/imprint.h"
#include "cms/timestamp.h"

namespace tsp::cms {
namespace {

namespace der = crypto::der;

constexpr const char* kAnswerRequest = "cannot answer the time-stamp request";

TimestampRequest read_request(ber::Members fields) {
  const auto version = ber::small_integer(fields.take(der::kInteger, "the version").content);
  if (version != 1)
    throw RequestRefused(FailureInfo::bad_request, Fault::bad_input, "its version is unknown");
  const Imprint imprint = read_imprint(fields);
  if (!imprint.hash)
    throw RequestRefused(FailureInfo::bad_alg, Fault::policy_refused,
                         "its hash algorithm is unknown");
  if (!imprint.fits())
    throw RequestRefused(FailureInfo::bad_alg, Fault::policy_refused,
                         "its imprint has not the length of its hash algorithm");
  TimestampRequest out{*imprint.hash, imprint.digest, std::nullopt, std::nullopt, false};
  if (const auto* policy = fields.take_if(der::kOid)) {
    out.policy = der::dotted(policy->content);
    if (out.policy->empty()) fields.fail("its policy is malformed");
  }
  if (const auto* nonce = fields.take_if(der::kInteger))
    out.nonce = read_magnitude(fields, *nonce, "its nonce");
  if (const auto* wanted = fields.take_if(der::kBoolean))
    out.certificates = read_boolean(fields, *wanted);
  if (fields.take_if(der::context(0)) != nullptr)
    throw RequestRefused(FailureInfo::unaccepted_extension, Fault::policy_refused,
                         "it has extensions, and none is known here");
  fields.expect_done("the request");
  return out;
}

}  // namespace

RequestRefused::RequestRefused(FailureInfo info_, Fault fault_, std::string why_)
    : Error(fault_, kAnswerRequest, std::move(why_)), info(info_) {}

Bytes make_request(const TimestampRequest& request) {
  return der::sequence(der::integer(1), encode_imprint(request.hash, request.imprint),
                       request.policy ? der::oid(*request.policy) : Bytes(),
                       request.nonce ? der::unsigned_integer(*request.nonce) : Bytes(),
                       request.certificates ? der::boolean(true) : Bytes());
}

TimestampRequest parse_request(ByteView bytes) {
  try {
    return read_request(ber::open(bytes, der::kSequence, kAnswerRequest));
  } catch (const RequestRefused&) {
    throw;
  } catch (const Error& error) {
    throw RequestRefused(FailureInfo::bad_data_format, error.fault, error.why);
  }
}

}  // namespace tsp::cms
