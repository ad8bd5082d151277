#include "support/pki_story.h"

#include <fcntl.h>

#include "base/secret.h"
#include "cms/timestamp.h"
#include "crypto/der.h"
#include "crypto/digest.h"
#include "pdf/parsers.h"
#include "support/security_store.h"

namespace tsp::test {
namespace {

struct People {
  Holder root{{"TEST Root", ca_extensions()}};
  Holder issuing{{"TEST Issuing", ca_extensions()}, root};
  Holder unit{{"TEST Time-Stamping Unit", tsu_extensions(), "20240101000000Z", "20351231235959Z"},
              issuing};
  Holder anna{{"Anna Example", signer_extensions(), "20250101000000Z", "20251231235959Z"}, issuing};
  Holder bert{{"Bert Example", signer_extensions(), "20250101000000Z", "20251231235959Z"},
              issuing,
              crypto::KeyAlgorithm::rsa_3072};
  Holder clara{{"Clara Example", signer_extensions(), "20250101000000Z", "20391231235959Z"},
               issuing};
  Holder other_root{{"TEST Other Root", ca_extensions(), "20240101000000Z"},
                    crypto::KeyAlgorithm::ecdsa_p384};
  Holder other_unit{{"TEST Other Unit", tsu_extensions(), "20240101000000Z"},
                    other_root,
                    crypto::KeyAlgorithm::ecdsa_p384};
};

const People& people() {
  static const People made;
  return made;
}

x509::RevokedEntry entry(const Holder& holder, std::string_view since, std::string reason) {
  return {holder.certificate().serial(), at(since), std::move(reason)};
}

// CRLs name only what was revoked by the time they were made.
std::vector<x509::RevokedEntry> until(const std::vector<x509::RevokedEntry>& all, Time made) {
  std::vector<x509::RevokedEntry> out;
  for (const x509::RevokedEntry& each : all)
    if (each.revoked_at <= made) out.push_back(each);
  return out;
}

Bytes issue(const Holder& authority, Time made, std::chrono::hours good_for,
            const std::vector<x509::RevokedEntry>& entries) {
  x509::CrlOrder order{};
  order.number = static_cast<std::uint64_t>(to_unix(made));
  order.this_update = made;
  order.next_update = made + good_for;
  order.entries = until(entries, made);
  return x509::issue_crl(order, authority.certificate(), authority.key());
}

// The set of signed attributes with these besides.
Bytes with_attributes(ByteView attributes, std::vector<Bytes> more) {
  const auto members = crypto::der::children(crypto::der::first(attributes)->content);
  for (const crypto::der::Element& each : members.value()) more.push_back(to_bytes(each.whole));
  return crypto::der::set_of(std::move(more));
}

Bytes written(const Folder& folder, const Fd& original, const ades::PreparedPdf& pdf) {
  {
    const Fd out(::open(folder.file("signed.pdf").c_str(), O_RDWR | O_CREAT | O_EXCL, 0600));
    ades::write_pdf(original, pdf, out.get(), "signed.pdf");
  }
  return folder.get("signed.pdf");
}

}  // namespace

jail::Jail& jail() {
  static const std::unique_ptr<jail::Jail> started = jail::Jail::start(pdf::parsers());
  return *started;
}

Time at(std::string_view rfc3339) {
  return from_rfc3339(rfc3339).value();
}

Story::Story() {
  people();
  jail();
}

const Holder& Story::root() const {
  return people().root;
}
const Holder& Story::issuing() const {
  return people().issuing;
}
const Holder& Story::unit() const {
  return people().unit;
}
const Holder& Story::anna() const {
  return people().anna;
}
const Holder& Story::bert() const {
  return people().bert;
}

const Holder& Story::clara() const {
  return people().clara;
}
const Holder& Story::other_root() const {
  return people().other_root;
}
const Holder& Story::other_unit() const {
  return people().other_unit;
}

Bytes Story::paper() {
  return read_file(TSP_SOURCE_DIR "/tests/data/pdf/agreement.pdf", 1 << 20);
}

Bytes Story::token_over(ByteView value, crypto::HashAlgorithm hash, Time time,
                        const Holder* by) const {
  return token_of(crypto::digest(hash, value), hash, time, by);
}

Bytes Story::token_of(Bytes imprint, crypto::HashAlgorithm hash, Time time,
                      const Holder* by) const {
  const Holder& unit = by == nullptr ? this->unit() : *by;
  cms::StampOrder order{};
  order.info.policy = "2.25.1234567890";
  order.info.hash = hash;
  order.info.imprint = std::move(imprint);
  order.info.serial = random_bytes(8);
  order.info.serial.front() |= 1;
  order.info.time = time;
  order.chain = {by == nullptr ? issuing().certificate() : other_root().certificate()};
  return cms::issue_token(order, unit.certificate(), unit.key());
}

Bytes Story::sign(ByteView document, const Wish& wish) const {
  const Folder folder;
  const std::string path = folder.put("document.pdf", document);
  const Fd file = open_for_reading(path);
  pdf::SignatureOrder order;
  order.date = wish.time;
  order.field = wish.field;
  order.certification = wish.certification;
  const bool by_hand =
      wish.forged_stamp || wish.more_attributes || wish.closing || wish.embedded != nullptr;
  if (!wish.sub_filter.empty()) order.sub_filter = wish.sub_filter;
  if (by_hand) order.contents_size = 16384;
  const x509::Certificate& certificate = wish.signer->certificate();
  const std::vector<x509::Certificate> chain{issuing().certificate()};
  ades::PreparedPdf pdf = ades::prepare_pdf(
      pdf::Preparation(jail(), file, path,
                       wish.allow_damaged ? pdf::Damaged::allow : pdf::Damaged::refuse),
      file, path, order, wish.hash, certificate, chain, wish.stamped == Stamped::yes);
  if (wish.more_attributes)
    pdf.signed_attributes =
        with_attributes(pdf.signed_attributes, wish.more_attributes(pdf.content_digest));
  const crypto::Scheme scheme = crypto::scheme_for(
      wish.signer->key().public_key().algorithm().value(), crypto::Purpose::document);
  const Bytes value =
      wish.signer->key().sign(scheme, wish.hash, crypto::digest(wish.hash, pdf.signed_attributes));
  std::optional<Bytes> token;
  if (wish.stamped == Stamped::yes)
    token = token_over(value, crypto::HashAlgorithm::sha256, wish.stamp_time.value_or(wish.time),
                       wish.unit);
  if (by_hand) {  // close_pdf() would refuse it
    const Holder& embedded = wish.embedded == nullptr ? *wish.signer : *wish.embedded;
    cms::Parts parts{pdf.signed_attributes,  wish.hash, scheme, value,
                     embedded.certificate(), chain,     {}};
    parts.signature_timestamp = wish.forged_stamp ? wish.forged_stamp(value) : token;
    const Bytes cms = cms::assemble(parts);
    pdf::fill(pdf.revision, wish.closing ? wish.closing(cms) : cms);
  } else {
    ades::close_pdf(pdf, certificate, chain, scheme, value, token);
  }
  return written(folder, file, pdf);
}

Bytes Story::stamps(ByteView document, std::string_view time, const Holder* unit) const {
  const Folder folder;
  const std::string path = folder.put("document.pdf", document);
  const Fd file = open_for_reading(path);
  pdf::SignatureOrder order;
  order.type = "DocTimeStamp";
  order.sub_filter = "ETSI.RFC3161";
  order.contents_size = 8192;
  ades::PreparedPdf pdf;
  pdf.revision = pdf::prepare(jail(), file, path, order);
  Bytes whole = to_bytes(document);
  append(whole, pdf.revision.octets);
  const pdf::ByteRange& range = pdf.revision.byte_range;
  Bytes content = to_bytes(ByteView(whole).first(range.first_end));
  append(content, ByteView(whole).subspan(range.second_begin));
  pdf::fill(pdf.revision, token_over(content, crypto::HashAlgorithm::sha256, at(time), unit));
  return written(folder, file, pdf);
}

Bytes Story::keeps(ByteView document, std::string_view time) const {
  StoreItems items;
  items.certificates = {issuing().certificate(), unit().certificate(), root().certificate(),
                        other_unit().certificate(), other_root().certificate()};
  for (const Bytes& crl :
       {crl_of_issuing(at(time)), crl_of_root(at(time)), crl_of_other_root(at(time))})
    items.crls.push_back(x509::Crl::from_der(crl));
  return with_store(document, items);
}

Bytes Story::at_level(std::string_view level, const Holder& signer, std::string_view day,
                      const Holder* unit) const {
  const std::string date(day);
  Wish wish{&signer, at(date + "T10:00:00Z"), level == "B-B" ? Stamped::no : Stamped::yes};
  wish.unit = unit;
  Bytes document = sign(paper(), wish);
  if (level == "B-B" || level == "B-T") return document;
  document = keeps(document, date + "T10:05:00Z");
  return level == "B-LT" ? document : stamps(document, date + "T10:10:00Z", unit);
}

Bytes Story::anna_signs(ByteView document, std::string_view time, Stamped stamped) const {
  return sign(document, {&anna(), at(time), stamped});
}

Bytes Story::bert_signs(ByteView document, std::string_view time, Stamped stamped) const {
  return sign(document, {&bert(), at(time), stamped});
}

void Story::revokes_anna(std::string_view since, std::string reason) {
  revoked_.push_back(entry(anna(), since, std::move(reason)));
}
void Story::revokes_unit(std::string_view since) {
  revoked_.push_back(entry(unit(), since, "keyCompromise"));
}
void Story::revokes_issuing(std::string_view since, std::string reason) {
  revoked_authorities_.push_back(entry(issuing(), since, std::move(reason)));
}

Bytes Story::crl_of_issuing(Time made) const {
  return issue(issuing(), made, std::chrono::hours(72), revoked_);
}
Bytes Story::crl_of_root(Time made) const {
  return issue(root(), made, std::chrono::hours(24 * 180), revoked_authorities_);
}

Bytes Story::crl_of_other_root(Time made) const {
  return issue(other_root(), made, std::chrono::hours(24 * 180), {});
}

validation::Context Story::context(std::string_view time, Evidence evidence) const {
  validation::Context out;
  out.at = at(time);
  out.anchors.add(root().certificate());
  out.anchors.add(other_root().certificate());
  if (evidence == Evidence::none) return out;
  const Time made = out.at - std::chrono::hours(1);
  out.evidence.crls.push_back(x509::Crl::from_der(crl_of_issuing(made)));
  out.evidence.crls.push_back(x509::Crl::from_der(crl_of_root(made)));
  if (made > other_root().certificate().not_before())
    out.evidence.crls.push_back(x509::Crl::from_der(crl_of_other_root(made)));
  return out;
}

validation::Report Story::report(ByteView document, validation::Context& context) const {
  const Folder folder;
  const std::string path = folder.put("document.pdf", document);
  const Fd file = open_for_reading(path);
  const validation::PdfUnderValidation under{
      path, document, pdf::inspect(jail(), file, path),
      [&](std::uint64_t end) { return pdf::changes_after(jail(), file, path, end); }};
  return validation::validate_pdf(under, context);
}

validation::Report Story::report(ByteView document, std::string_view time,
                                 Evidence evidence) const {
  validation::Context known = context(time, evidence);
  return report(document, known);
}

std::string Story::verdict(ByteView document, std::string_view time, Evidence evidence) const {
  const validation::Report told = report(document, time, evidence);
  return verdict_of(told.indication, told.sub_indication);
}

std::string verdict_of(validation::Indication indication, const std::string& sub_indication) {
  const std::string name(validation::name_of(indication));
  return sub_indication.empty() ? name : name + " " + sub_indication;
}

bool has_finding(const validation::SignatureResult& signature, std::string_view id) {
  for (const validation::Finding& finding : signature.findings)
    if (finding.id == id) return true;
  return false;
}

}  // namespace tsp::test
