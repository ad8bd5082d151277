// TSTInfo, RFC 3161 section 2.4.2.
#include "base/error.h"
#include "cms/imprint.h"
#include "cms/timestamp.h"

namespace tsp::cms {
namespace {

namespace der = crypto::der;
using ber::Members;
using std::chrono::microseconds;

constexpr const char* kReadTimestamp = "cannot read the time-stamp";

// Accuracy ::= SEQUENCE { seconds INTEGER OPTIONAL, millis [0] INTEGER (1..999) OPTIONAL,
//                         micros [1] INTEGER (1..999) OPTIONAL }, implicit tags.
Bytes encode_accuracy(microseconds accuracy) {
  const auto count = accuracy.count();
  const auto part = [](std::int64_t value, std::uint8_t tag) {
    if (value == 0) return Bytes();
    Bytes encoded = der::integer(value);
    encoded.front() = tag;
    return encoded;
  };
  return der::sequence(part(count / 1000000, der::kInteger),
                       part(count / 1000 % 1000, der::context(0, false)),
                       part(count % 1000, der::context(1, false)));
}

microseconds read_accuracy(Members fields) {
  const auto part = [&](std::uint8_t tag, int most) {
    const auto* element = fields.take_if(tag);
    if (element == nullptr) return 0;
    const auto value = ber::small_integer(element->content);
    if (!value || *value > most) fields.fail("its accuracy is malformed");
    return *value;
  };
  const int seconds = part(der::kInteger, 0xffffff);
  const int millis = part(der::context(0, false), 999);
  const int micros = part(der::context(1, false), 999);
  fields.expect_done("the accuracy");
  return std::chrono::seconds(seconds) + std::chrono::milliseconds(millis) + microseconds(micros);
}

// GeneralizedTime YYYYMMDDhhmmss[.s…]Z; the fraction must not end in 0.
Time read_time(const Members& parent, ByteView content) {
  std::string text(as_text(content));
  int milliseconds = 0;
  const auto point = text.find('.');
  if (point != std::string::npos && text.size() > point + 2 && text.back() == 'Z') {
    const std::string fraction = text.substr(point + 1, text.size() - point - 2);
    if (fraction.find_first_not_of("0123456789") != std::string::npos || fraction.back() == '0')
      parent.fail("its time is malformed");
    milliseconds = std::stoi((fraction + "00").substr(0, 3));
    text.erase(point, text.size() - point - 1);
  }
  const auto time = from_generalized_time(text);
  if (!time) parent.fail("its time is malformed");
  return *time + std::chrono::milliseconds(milliseconds);
}

// None is known; only those that are not critical can be passed over.
void read_extensions(Members extensions) {
  while (!extensions.done()) {
    Members fields = extensions.into(extensions.take(der::kSequence, "an extension"));
    fields.take(der::kOid, "an extension's type");
    const auto* critical = fields.take_if(der::kBoolean);
    if (critical != nullptr && read_boolean(fields, *critical))
      fields.fail("it has a critical extension that is unknown");
    fields.take(der::kOctetString, "an extension's value");
    fields.expect_done("an extension");
  }
}

void read_rest(Members& fields, TstInfo& out) {
  if (const auto* accuracy = fields.take_if(der::kSequence))
    out.accuracy = read_accuracy(fields.into(*accuracy));
  if (const auto* ordering = fields.take_if(der::kBoolean))
    out.ordering = read_boolean(fields, *ordering);
  if (const auto* nonce = fields.take_if(der::kInteger))
    out.nonce = read_magnitude(fields, *nonce, "its nonce");
  fields.take_if(der::context(0));  // tsa: a name that nothing is decided by
  if (const auto* extensions = fields.take_if(der::context(1)))
    read_extensions(fields.into(*extensions));
  fields.expect_done("the TSTInfo");
}

}  // namespace

Bytes encode_tst_info(const TstInfo& info) {
  return der::sequence(der::integer(1), der::oid(info.policy),
                       encode_imprint(info.hash, info.imprint), der::unsigned_integer(info.serial),
                       der::generalized_time(info.time),
                       info.accuracy ? encode_accuracy(*info.accuracy) : Bytes(),
                       info.ordering ? der::boolean(true) : Bytes(),
                       info.nonce ? der::unsigned_integer(*info.nonce) : Bytes());
}

TstInfo parse_tst_info(ByteView bytes) {
  Members fields = ber::open(bytes, der::kSequence, kReadTimestamp);
  if (ber::small_integer(fields.take(der::kInteger, "the version").content) != 1)
    fields.fail("its version is unknown");
  TstInfo out{};
  out.policy = der::dotted(fields.take(der::kOid, "the policy").content);
  if (out.policy.empty()) fields.fail("its policy is malformed");
  const Imprint imprint = read_imprint(fields);
  if (!imprint.fits()) fields.fail("its imprint is of an unknown hash or of another length");
  out.hash = *imprint.hash;
  out.imprint = imprint.digest;
  out.serial =
      read_magnitude(fields, fields.take(der::kInteger, "the serial number"), "its serial");
  out.time = read_time(fields, fields.take(der::kGeneralizedTime, "the time").content);
  read_rest(fields, out);
  return out;
}

}  // namespace tsp::cms
