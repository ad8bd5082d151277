// Validation data joins the security store by a revision that other programs find sound.
#include "base/error.h"
#include "pdf/store_revision.h"
#include "signing.h"
#include "support/catch.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace tsp::pdf::test {
namespace {

Bytes piece(const std::string& text) {
  return to_bytes(as_bytes(text));
}

StoreOrder some(const std::string& stem = "") {
  return {{piece(stem + "certificate one"), piece(stem + "certificate two")},
          {piece(stem + "answer")},
          {piece(stem + "list")},
          {}};
}

// `from` with the store's revision, as `to`; what was planned.
StoreRevision added(const std::string& from, const std::string& to, const StoreOrder& order) {
  const StoreRevision revision = add_to_store(jail(), open_for_reading(from), from, order);
  std::filesystem::copy_file(from, to);
  std::ofstream out(to, std::ios::app | std::ios::binary);
  out << as_text(revision.octets);
  return revision;
}

std::vector<Bytes> octets(const std::vector<DssItem>& items) {
  std::vector<Bytes> out;
  for (const DssItem& each : items) out.push_back(each.octets);
  return out;
}

Inspection inspected(const std::string& path) {
  return inspect(jail(), open_for_reading(path), path);
}

std::string contents_key(const std::string& path) {
  return vri_key(inspected(path).signatures.front().contents);
}

TEST_CASE("every good file takes validation data behind a signature, which stays valid") {
  const Folder folder;
  for (const std::string& name : good_files()) {
    INFO(name);
    const std::string signed_file = folder / ("signed-" + name), out = folder / ("lt-" + name);
    const std::string clean = qpdf_check(data_path(name));
    sign(data_path(name), signed_file);
    INFO(failure([&] { added(signed_file, out, some()); }));
    REQUIRE(exists(out));
    CHECK(begins_with(contents_of(out), contents_of(signed_file)));
    const Inspection seen = inspected(out);
    REQUIRE(seen.dss);
    CHECK_FALSE(seen.damaged);
    CHECK(octets(seen.dss->certificates) == some().certificates);
    CHECK(octets(seen.dss->ocsp_responses) == some().ocsp_responses);
    CHECK(octets(seen.dss->crls) == some().crls);
    CHECK(qpdf_check(out) == clean);
    const Seen by_others = pdfsig(out);
    CHECK(by_others.valid == 1);
    CHECK(by_others.total == 1);
  }
}

TEST_CASE("what the store holds is not put in again, and nothing new is no revision") {
  const Folder folder;
  const std::string first = folder / "first.pdf", second = folder / "second.pdf";
  added(data_path("agreement.pdf"), first, some());
  CHECK(added(first, folder / "same.pdf", some()).octets.empty());
  StoreOrder more = some();
  more.certificates.push_back(piece("certificate three"));
  CHECK(added(first, second, more).added == 1);
  CHECK(octets(inspected(second).dss->certificates) == more.certificates);
  CHECK(octets(inspected(second).dss->crls) == some().crls);
}

TEST_CASE("a piece that the order names twice is put in once") {
  const Folder folder;
  StoreOrder order = some();
  order.crls.push_back(order.crls.front());
  const std::string out = folder / "out.pdf";
  added(data_path("agreement.pdf"), out, order);
  CHECK(inspected(out).dss->crls.size() == 1);
}

TEST_CASE("many revisions of the store add up") {
  const Folder folder;
  std::string before = data_path("xref-stream.pdf");
  for (int i = 0; i < 12; ++i) {
    const std::string after = folder / (std::to_string(i) + ".pdf");
    added(before, after, some(std::to_string(i)));
    before = after;
  }
  CHECK(inspected(before).dss->certificates.size() == 24);
  CHECK(qpdf_check(before) == qpdf_check(data_path("xref-stream.pdf")));
}

TEST_CASE("VRI entries tie pieces to a signature, and grow") {
  const Folder folder;
  const std::string signed_file = folder / "signed.pdf", first = folder / "first.pdf",
                    second = folder / "second.pdf";
  sign(data_path("agreement.pdf"), signed_file);
  StoreOrder order = some();
  order.entries.push_back({contents_key(signed_file), {0, 1}, {0}, {}});
  added(signed_file, first, order);
  const std::string dump = run("qpdf --qdf --object-streams=disable " + first + " -").text;
  CHECK(dump.find("/VRI") != std::string::npos);
  CHECK(dump.find("/" + contents_key(signed_file)) != std::string::npos);
  CHECK(add_to_store(jail(), open_for_reading(first), first, order).octets.empty());
  order.entries.front().crls = {0};
  CHECK(added(first, second, order).added == 0);
  CHECK(contents_of(second).size() > contents_of(first).size());
  CHECK(pdfsig(second).valid == 1);
}

TEST_CASE("the key of a VRI entry is the SHA-1 of the padded contents in upper-case hex") {
  // RFC 3174's first test vector.
  CHECK(vri_key(as_bytes("abc")) == "A9993E364706816ABA3E25717850C26C9CD0D89D");
}

TEST_CASE("an order of more than can be read again is refused") {
  StoreOrder order;
  order.crls.push_back(Bytes(kStoreLimit + 1));
  const std::string path = data_path("agreement.pdf");
  const std::string why =
      failure([&] { add_to_store(jail(), open_for_reading(path), path, order); });
  CHECK(why.find("bad-input") == 0);
  const Folder folder;
  order.crls = {Bytes(kStoreLimit - 100)};
  added(path, folder / "full.pdf", order);
  const std::string full = folder / "full.pdf";
  order.crls = {Bytes(200)};
  CHECK(failure([&] {
          add_to_store(jail(), open_for_reading(full), full, order);
        }).find("12 MiB") != std::string::npos);
}

TEST_CASE("a time-stamp over the store is planned with it, in every good file") {
  const Folder folder;
  for (const std::string& name : good_files()) {
    INFO(name);
    const std::string signed_file = folder / ("signed-" + name), out = folder / ("lta-" + name);
    sign(data_path(name), signed_file);
    SignatureOrder stamp;
    stamp.type = "DocTimeStamp";
    stamp.sub_filter = "ETSI.RFC3161";
    stamp.contents_size = 100;
    StoreRevision revision =
        add_to_store(jail(), open_for_reading(signed_file), signed_file, some(), stamp);
    REQUIRE(revision.stamp);
    std::filesystem::copy_file(signed_file, out);
    std::ofstream(out, std::ios::app | std::ios::binary) << as_text(revision.octets);
    const std::uint64_t stored = contents_of(out).size();
    CHECK(revision.stamp->original_size == stored);
    CHECK(is_sound(*revision.stamp, stored));
    std::ofstream(out, std::ios::app | std::ios::binary) << as_text(revision.stamp->octets);
    const Inspection seen = inspected(out);
    CHECK_FALSE(seen.damaged);
    REQUIRE(seen.dss);
    CHECK(octets(seen.dss->crls) == std::vector<Bytes>{piece("list")});
    const SignatureEntry& last = seen.signatures.back();
    CHECK(last.type == "DocTimeStamp");
    CHECK(last.byte_range->file_end == seen.size);
    CHECK(last.gap_begin == last.byte_range->first_end);
    CHECK(qpdf_check(out) == qpdf_check(data_path(name)));
    // A store that holds all of it already: the time-stamp alone.
    StoreRevision again = add_to_store(jail(), open_for_reading(out), out, some(), stamp);
    CHECK(again.octets.empty());
    REQUIRE(again.stamp);
    CHECK(again.stamp->original_size == seen.size);
  }
}

TEST_CASE("an index that names no piece is refused") {
  StoreOrder order = some();
  order.entries.push_back({"00", {7}, {}, {}});
  const std::string path = data_path("agreement.pdf");
  CHECK(failure([&] { add_to_store(jail(), open_for_reading(path), path, order); }).find("usage") ==
        0);
}

// A file whose catalog names `store` as its security store, by a revision of a classic table.
std::string with_store(const Folder& folder, const std::string& store) {
  std::string text = R"(%PDF-1.7
1 0 obj
<</Type /Catalog /Pages 2 0 R /DSS )" +
                     store +
                     R"(>>
endobj
2 0 obj
<</Type /Pages /Kids [3 0 R] /Count 1>>
endobj
3 0 obj
<</Type /Page /Parent 2 0 R /MediaBox [0 0 100 100]>>
endobj
4 0 obj
<</Certs 4 0 R /OCSPs [4 0 R 1 0 R 9 0 R] /CRLs [[4 0 R] null] /VRI 4 0 R>>
endobj
)";
  std::string table = "xref\n0 5\n0000000000 65535 f \n";
  for (int i = 1; i <= 4; ++i) {
    const std::string begin = std::to_string(text.find("\n" + std::to_string(i) + " 0 obj") + 1);
    table += std::string(10 - begin.size(), '0') + begin + " 00000 n \n";
  }
  const std::size_t at = text.size();
  text +=
      table + "trailer\n<</Size 5 /Root 1 0 R>>\nstartxref\n" + std::to_string(at) + "\n%%EOF\n";
  return folder.write("store.pdf", text);
}

TEST_CASE("a store that refers to itself takes more, or is refused; nothing hangs") {
  for (const char* store : {"4 0 R", "1 0 R", "[4 0 R]", "<</Certs 1 0 R /VRI 1 0 R>>", "9 0 R",
                            "<</VRI <</A 4 0 R>> >>"}) {
    INFO(store);
    const Folder folder;
    const std::string path = with_store(folder, store), out = folder / "out.pdf";
    const std::string why = failure([&] { added(path, out, some()); });
    if (why == "none")
      CHECK(octets(inspected(out).dss->certificates) == some().certificates);
    else
      CHECK(why.find("bad-input") == 0);
  }
}

}  // namespace
}  // namespace tsp::pdf::test
