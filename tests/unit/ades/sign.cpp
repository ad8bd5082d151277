// A PDF is prepared, signed elsewhere and closed.
#include "base/error.h"
#include "crypto/digest.h"
#include "support/catch.h"
#include "support/pki_story.h"

using namespace tsp;
using namespace tsp::test;

namespace {

struct Prepared {
  Folder folder;
  Story story;
  std::string path = folder.put("paper.pdf", Story::paper());
  Fd file = open_for_reading(path);
  crypto::HashAlgorithm hash;
  ades::PreparedPdf pdf;
  std::vector<x509::Certificate> chain{story.issuing().certificate()};

  explicit Prepared(crypto::HashAlgorithm hash_ = crypto::HashAlgorithm::sha256,
                    bool with_timestamp = false)
      : hash(hash_) {
    pdf::SignatureOrder order;
    order.date = at("2025-03-01T10:00:00Z");
    pdf = ades::prepare_pdf(pdf::Preparation(test::jail(), file, path), file, path, order, hash,
                            story.anna().certificate(), chain, with_timestamp);
  }
  Bytes value() const {
    return story.anna().key().sign(crypto::Scheme::ecdsa, hash,
                                   crypto::digest(hash, pdf.signed_attributes));
  }
  void close(const Bytes& signature, const std::optional<Bytes>& token = {}) {
    ades::close_pdf(pdf, story.anna().certificate(), chain, crypto::Scheme::ecdsa, signature,
                    token);
  }
};

Fault fault_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.fault;
  }
  throw std::runtime_error("nothing was thrown");
}

}  // namespace

TEST_CASE("both digests are right for every hash") {
  for (auto hash : {crypto::HashAlgorithm::sha256, crypto::HashAlgorithm::sha384,
                    crypto::HashAlgorithm::sha512}) {
    const Prepared prepared(hash);
    CHECK(prepared.pdf.file_sha256 == crypto::sha256(Story::paper()));
    Bytes whole = Story::paper();
    append(whole, prepared.pdf.revision.octets);
    CHECK(prepared.pdf.content_digest ==
          ades::digest_of(whole, prepared.pdf.revision.byte_range, hash));
    const auto attributes = cms::parse_signed_attributes(prepared.pdf.signed_attributes);
    CHECK(attributes.message_digest == prepared.pdf.content_digest);
    CHECK_FALSE(attributes.signing_time);
  }
}

TEST_CASE("the hole is large enough for a time-stamp and not much larger without one") {
  const auto hole = [](const Prepared& prepared) {
    const auto& range = prepared.pdf.revision.byte_range;
    return (range.second_begin - range.first_end - 2) / 2;
  };
  const Prepared plain, stamped(crypto::HashAlgorithm::sha256, true);
  CHECK(hole(stamped) >= hole(plain) + 12 * 1024);
  CHECK(hole(plain) < 4096);
}

TEST_CASE("a closed signature fits the hole that a dry run sized") {
  Prepared prepared;
  CHECK_NOTHROW(prepared.close(prepared.value()));
}

TEST_CASE("a signature value that does not verify leaves the hole empty") {
  Prepared prepared;
  const Bytes before = prepared.pdf.revision.octets;
  Bytes value = prepared.value();
  SECTION("a flipped bit") {
    value.back() ^= 1;
  }
  SECTION("of another document") {
    value = prepared.story.anna().key().sign(crypto::Scheme::ecdsa, prepared.hash,
                                             crypto::sha256(as_bytes("another")));
  }
  SECTION("by another key") {
    value = prepared.story.clara().key().sign(
        crypto::Scheme::ecdsa, prepared.hash,
        crypto::digest(prepared.hash, prepared.pdf.signed_attributes));
  }
  SECTION("empty") {
    value.clear();
  }
  CHECK(fault_of([&] { prepared.close(value); }) == Fault::failed);
  CHECK(prepared.pdf.revision.octets == before);
}

TEST_CASE("a time-stamp of another signature is not put in") {
  Prepared prepared(crypto::HashAlgorithm::sha256, true);
  const Bytes token = prepared.story.token_over(as_bytes("another"), crypto::HashAlgorithm::sha256,
                                                at("2025-03-01T10:00:00Z"));
  CHECK(fault_of([&] { prepared.close(prepared.value(), token); }) == Fault::failed);
}

TEST_CASE("what is no PDF is not prepared") {
  const Folder folder;
  const Story story;
  const std::string path = folder.put("note.txt", "This is no PDF.");
  const Fd file = open_for_reading(path);
  CHECK(fault_of([&] {
          ades::prepare_pdf(pdf::Preparation(test::jail(), file, path), file, path, {},
                            crypto::HashAlgorithm::sha256, story.anna().certificate(), {}, false);
        }) == Fault::bad_input);
}
