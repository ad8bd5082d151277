#include "support/many_signatures.h"

#include <fmt/format.h>

#include <cstdlib>

#include "crypto/digest.h"

namespace tsp::test {
namespace {

// A form with empty fields; places[i] is where object i stands.
std::string form_of(int count, std::vector<std::size_t>& places) {
  std::string out =
      "%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R>>\nendobj\n"
      "2 0 obj\n<</Type/Pages/Count 1/Kids[3 0 R]>>\nendobj\n"
      "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>\nendobj\n";
  places = {0, 9, out.find("2 0 obj"), out.find("3 0 obj"), out.size()};
  out += "4 0 obj\n<</SigFlags 3/Fields[";
  for (int i = 0; i < count; ++i) out += fmt::format("{} 0 R ", 5 + i);
  return out + "]>>\nendobj\n";
}

std::string field(int i, const std::string& value) {
  return fmt::format("{} 0 obj\n<</FT/Sig/T(f{})/Rect[0 0 0 0]/Subtype/Widget{}>>\nendobj\n", 5 + i,
                     i, value);
}

}  // namespace

Bytes signed_many_times(int count, std::size_t room,
                        const std::function<Bytes(ByteView digest)>& cms) {
  std::vector<std::size_t> places;
  std::string out = form_of(count, places);
  for (int i = 0; i < count; ++i) {
    places.push_back(out.size());
    out += field(i, "");
  }
  std::size_t table = out.size();
  out += fmt::format("xref\n0 {}\n0000000000 65535 f \n", places.size());
  for (std::size_t i = 1; i < places.size(); ++i)
    out += fmt::format("{:010} 00000 n \n", places[i]);
  const int size = 5 + 2 * count;
  out += fmt::format("trailer\n<</Size {}/Root 1 0 R/ID[<00><00>]>>\nstartxref\n{}\n%%EOF\n", size,
                     table);
  crypto::Hasher before(crypto::HashAlgorithm::sha256);
  std::size_t hashed = 0;
  for (int i = 0; i < count; ++i) {
    const int value = 5 + count + i;
    const std::size_t first = out.size();
    out += field(i, fmt::format("/V {} 0 R", value));
    const std::size_t second = out.size();
    out += fmt::format(
        "{} 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached"
        "/ByteRange[0 ",
        value);
    const std::size_t range = out.size();
    out += std::string(36, ' ') + "]/Contents";
    const std::size_t gap = out.size();
    out += "<" + std::string(2 * room, '0') + ">";
    const std::size_t behind = out.size();
    out += ">>\nendobj\n";
    const std::size_t next = out.size();
    out += fmt::format("xref\n{} 1\n{:010} 00000 n \n{} 1\n{:010} 00000 n \n", 5 + i, first, value,
                       second);
    out +=
        fmt::format("trailer\n<</Size {}/Root 1 0 R/ID[<00><00>]/Prev {}>>\nstartxref\n{}\n%%EOF\n",
                    size, table, next);
    table = next;
    const std::string numbers = fmt::format("{} {} {}", gap, behind, out.size() - behind);
    out.replace(range, numbers.size(), numbers);
    before.update(as_bytes(out).subspan(hashed, gap - hashed));
    const std::string contents =
        to_hex(cms(before.fork().update(as_bytes(out).subspan(behind)).finish()));
    out.replace(gap + 1, contents.size(), contents);
    before.update(as_bytes(out).subspan(gap));
    hashed = out.size();
  }
  return to_bytes(as_bytes(out));
}

Bytes signed_by_anna(const Story& story, int count) {
  constexpr auto kHash = crypto::HashAlgorithm::sha256;
  const x509::Certificate& anna = story.anna().certificate();
  return signed_many_times(count, 3000, [&](ByteView digest) {
    const Bytes attributes = cms::signed_attributes(kHash, digest, anna);
    const Bytes value =
        story.anna().key().sign(crypto::Scheme::ecdsa, kHash, crypto::digest(kHash, attributes));
    return cms::assemble({attributes,
                          kHash,
                          crypto::Scheme::ecdsa,
                          value,
                          anna,
                          {story.issuing().certificate()},
                          {}});
  });
}

int many_signatures(int few) {
  const char* wanted = std::getenv("TSP_MANY_SIGNATURES");
  return wanted == nullptr ? few : std::atoi(wanted);
}

}  // namespace tsp::test
