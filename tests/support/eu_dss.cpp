#include "support/eu_dss.h"

#include "pdf/store_revision.h"
#include "support/tampering.h"

namespace tsp::test {
namespace {

constexpr int kCatalog = 1;

// A zlib stream of stored blocks (RFC 1950, RFC 1951): deflated, though no shorter.
std::string zlib_of(ByteView octets) {
  std::string out("\x78\x01");
  std::uint32_t low = 1, high = 0;
  for (const std::uint8_t each : octets) {
    low = (low + each) % 65521;
    high = (high + low) % 65521;
  }
  std::size_t at = 0;
  do {
    const std::size_t size = std::min<std::size_t>(octets.size() - at, 65535);
    out += static_cast<char>(at + size == octets.size() ? 1 : 0);
    for (const std::size_t number : {size, size ^ 0xffff}) {
      out += static_cast<char>(number & 0xff);
      out += static_cast<char>(number >> 8);
    }
    out += as_text(octets.subspan(at, size));
    at += size;
  } while (at < octets.size());
  for (const std::uint32_t half : {high, low}) {
    out += static_cast<char>(half >> 8);
    out += static_cast<char>(half & 0xff);
  }
  return out;
}

std::string reference(int object) {
  return fmt::format("{} 0 R", object);
}

// The first object number that the document does not use.
int size_of_table(ByteView document) {
  const std::string text(as_text(document));
  const std::size_t at = text.rfind("/Size");
  return std::stoi(text.substr(text.find_first_of("0123456789", at)));
}

}  // namespace

std::vector<EuDssShape> eu_dss_shapes() {
  std::vector<EuDssShape> out(8);
  out[0] = {"lists alone", false};
  out[1] = {"entries in place"};
  out[2] = {"entries with TU", true, true};
  out[3] = {"entries with TS", true, false, true};
  out[4] = {"lists apart", true, true, false, true};
  out[5] = {"all apart, deflated", true, true, true, true, true, true};
  out[6] = {"the store replaced", true, true, false, false, true, false, true};
  out[7] = {"the store replaced, lists apart, extension",
            true,
            false,
            false,
            true,
            true,
            true,
            true,
            true};
  return out;
}

EuDss::EuDss(const Story& story, EuDssShape shape)
    : story_(story),
      shape_(shape),
      document_(read_file(TSP_SOURCE_DIR "/tests/data/pdf/classic-xref.pdf", 1 << 20)) {}

void EuDss::sign(const Story::Wish& wish) {
  document_ = story_.sign(document_, wish);
}

void EuDss::stamp(std::string_view time, const Holder* unit) {
  document_ = story_.stamps(document_, time, unit);
}

int EuDss::add_stream(std::map<int, std::string>& objects, const Bytes& octets) {
  const auto [place, is_new] = streams_.emplace(octets, next_);
  if (is_new)
    objects[next_++] = shape_.deflated ? stream(zlib_of(octets), "/Filter/FlateDecode")
                                       : stream(std::string(as_text(octets)));
  return place->second;
}

std::string EuDss::apart(std::map<int, std::string>& objects, bool wanted,
                         const std::string& body) {
  if (!wanted) return body;
  objects[next_] = body;
  return reference(next_++);
}

std::string EuDss::list(std::map<int, std::string>& objects, const std::vector<int>& members) {
  std::string out = "[";
  for (const int each : members) out += reference(each) + " ";
  return apart(objects, shape_.lists_apart, out + "]");
}

std::string EuDss::entry(std::map<int, std::string>& objects, const std::string& key,
                         const Entry& each) {
  std::string out = "<</Cert " + list(objects, each.certificates);
  out += "/CRL " + list(objects, each.crls);
  if (shape_.tu) out += "/TU(D:20250301100500Z)";
  if (shape_.ts) {
    const Bytes token =
        story_.token_over(as_bytes(key), crypto::HashAlgorithm::sha256, at(each.time));
    objects[next_] = stream(std::string(as_text(token)));
    out += "/TS " + reference(next_++);
  }
  return apart(objects, shape_.entries_apart, out + ">>");
}

void EuDss::keep(std::string_view time) {
  next_ = size_of_table(document_);
  std::map<int, std::string> objects;
  std::vector<int> certificates, crls;
  for (const Holder* each : {&story_.issuing(), &story_.unit(), &story_.root(),
                             &story_.other_unit(), &story_.other_root()})
    certificates.push_back(add_stream(objects, each->certificate().der()));
  for (const Bytes& crl : {story_.crl_of_issuing(at(time)), story_.crl_of_root(at(time)),
                           story_.crl_of_other_root(at(time))})
    crls.push_back(add_stream(objects, crl));
  for (const auto& [from, to] :
       {std::pair(&certificates, &certificates_), std::pair(&crls, &crls_)})
    for (const int each : *from)
      if (std::find(to->begin(), to->end(), each) == to->end()) to->push_back(each);

  const Folder folder;
  const Fd file = open_for_reading(folder.put("document.pdf", document_));
  for (const auto& signature : pdf::inspect(test::jail(), file, "document.pdf").signatures)
    entries_.emplace(pdf::vri_key(signature.contents),
                     Entry{certificates, crls, std::string(time)});

  std::string store = "<</Type/DSS/Certs " + list(objects, certificates_);
  store += "/CRLs " + list(objects, crls_);
  if (shape_.entries) {
    std::string all = "<<";
    for (const auto& [key, each] : entries_) all += "/" + key + " " + entry(objects, key, each);
    store += "/VRI " + apart(objects, shape_.entries_apart, all + ">>");
  }
  const int before = store_;
  if (store_ == 0 || !shape_.replaced) store_ = next_++;
  objects[store_] = store + ">>";

  std::string catalog = body_of(document_, kCatalog);
  if (before == 0 && shape_.extension)
    catalog =
        replaced(catalog, "<<", "<</Extensions<</ESIC<</BaseVersion/1.7/ExtensionLevel 1>>>>");
  if (before == 0)
    objects[kCatalog] = replaced(catalog, "<<", "<</DSS " + reference(store_));
  else if (store_ != before)
    objects[kCatalog] = replaced(catalog, "/DSS " + reference(before), "/DSS " + reference(store_));
  document_ = revised(document_, objects);
}

}  // namespace tsp::test
