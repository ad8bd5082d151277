// The level a signature has grown into is computed from what is there (EN 319 142-1 clause 6).
#include "ades/pades.h"
#include "support/catch.h"

using namespace tsp;

namespace {

// A file with one baseline signature over its first revision; a test spoils or adds.
struct LevelStory {
  pdf::Inspection document;
  cms::SignedData data;

  LevelStory() {
    add_revision(1000);
    document.signatures.push_back(entry("Sig", "ETSI.CAdES.detached", 400, 500, 1000));
    data.signers.emplace_back();
    data.signers[0].attributes = {{"1.2.840.113549.1.9.3", {}},
                                  {"1.2.840.113549.1.9.4", {}},
                                  {"1.2.840.113549.1.9.16.2.47", {}}};
  }
  static pdf::SignatureEntry entry(const std::string& type, const std::string& sub_filter,
                                   std::uint64_t first_end, std::uint64_t second_begin,
                                   std::uint64_t file_end) {
    pdf::SignatureEntry out;
    out.type = type;
    out.sub_filter = sub_filter;
    out.date = "D:20260101000000Z";
    out.byte_range = pdf::ByteRange{first_end, second_begin, file_end};
    return out;
  }
  void add_revision(std::uint64_t octets) {
    document.size += octets;
    document.revisions.push_back({0, document.size});
  }
  void add_stamp() {
    data.signers[0].unsigned_attributes.push_back({"1.2.840.113549.1.9.16.2.14", {}});
  }
  void add_validation_data(std::uint64_t octets) {
    add_revision(octets);
    const std::size_t revision = document.revisions.size() - 1;
    document.dss = pdf::Dss{{{{1}, revision}}, {}, {{{2}, revision}}, {}};
  }
  void add_document_timestamp() {
    const std::uint64_t begin = document.size;
    add_revision(300);
    document.signatures.push_back(
        entry("DocTimeStamp", "ETSI.RFC3161", begin + 100, begin + 200, document.size));
  }
  ades::Level level() const { return ades::level_of(document, document.signatures[0], data); }
};

}  // namespace

TEST_CASE("a baseline signature without more is B-B") {
  CHECK(LevelStory().level().name == "B-B");
  CHECK(LevelStory().level().why_not_more == "it has no time-stamp");
}

TEST_CASE("a signature time-stamp makes it B-T") {
  LevelStory story;
  story.add_stamp();
  CHECK(story.level().name == "B-T");
}

TEST_CASE("a document time-stamp over the signature makes it B-T") {
  LevelStory story;
  story.add_document_timestamp();
  CHECK(story.level().name == "B-T");
}

TEST_CASE("a document time-stamp that stood there before the signature does not count") {
  LevelStory story;
  story.document.signatures.insert(story.document.signatures.begin(),
                                   LevelStory::entry("DocTimeStamp", "ETSI.RFC3161", 10, 20, 300));
  CHECK(ades::level_of(story.document, story.document.signatures[1], story.data).name == "B-B");
}

TEST_CASE("validation data after the time-stamp makes it B-LT") {
  LevelStory story;
  story.add_stamp();
  story.add_validation_data(200);
  CHECK(story.level().name == "B-LT");
}

TEST_CASE("validation data without any revocation information is none") {
  LevelStory story;
  story.add_stamp();
  story.document.dss = pdf::Dss{{{{1}, 0}}, {}, {}, {}};
  CHECK(story.level().name == "B-T");
}

TEST_CASE("a document time-stamp over the validation data makes it B-LTA") {
  LevelStory story;
  story.add_stamp();
  story.add_validation_data(200);
  story.add_document_timestamp();
  CHECK(story.level().name == "B-LTA");
  CHECK(story.level().why_not_more.empty());
}

TEST_CASE("validation data added after the last document time-stamp is not protected by it") {
  LevelStory story;
  story.add_stamp();
  story.add_document_timestamp();
  story.add_validation_data(200);
  CHECK(story.level().name == "B-LT");
}

TEST_CASE("a document time-stamp that covers older validation data keeps the level") {
  LevelStory story;
  story.add_stamp();
  story.add_validation_data(200);
  story.add_document_timestamp();
  const pdf::Dss before = *story.document.dss;
  story.add_validation_data(200);
  story.document.dss->certificates.push_back(before.certificates.front());
  story.document.dss->crls.push_back(before.crls.front());
  CHECK(story.level().name == "B-LTA");
}

TEST_CASE("time-stamps that the caller does not count raise no level") {
  LevelStory story;
  story.add_stamp();
  story.add_validation_data(200);
  story.add_document_timestamp();
  const auto with = [&](const ades::Counting& counting) {
    return ades::level_of(story.document, story.document.signatures[0], story.data, counting).name;
  };
  CHECK(with({}) == "B-B");
  CHECK(with({true, {}}) == "B-LT");
  CHECK(with({false, {&story.document.signatures[1]}}) == "B-LTA");
}

TEST_CASE("what PAdES forbids or demands keeps a signature from every level") {
  LevelStory story;
  SECTION("another SubFilter") {
    story.document.signatures[0].sub_filter = "adbe.pkcs7.detached";
  }
  SECTION("a Cert key") {
    story.document.signatures[0].has_cert_key = true;
  }
  SECTION("no M") {
    story.document.signatures[0].date.clear();
  }
  SECTION("two signers") {
    story.data.signers.emplace_back();
  }
  SECTION("attached content") {
    story.data.content = Bytes{1};
  }
  SECTION("a signing-time attribute") {
    story.data.signers[0].attributes.push_back({"1.2.840.113549.1.9.5", {}});
  }
  SECTION("no signing-certificate attribute") {
    story.data.signers[0].attributes.pop_back();
  }
  CHECK(story.level().name == "none");
  CHECK_FALSE(story.level().why_not_more.empty());
}

TEST_CASE("a document time-stamp itself has no level") {
  LevelStory story;
  story.add_document_timestamp();
  CHECK(ades::level_of(story.document, story.document.signatures[1], story.data).name == "none");
}
