// A file with very many signatures is extended, within bounds.
#include "support/many_signatures.h"

#include <sys/resource.h>

#include "base/error.h"
#include "net/fetcher.h"
#include "ops/extend_documents.h"
#include "support/catch.h"
#include "support/fixed_clock.h"

using namespace tsp;
using namespace tsp::test;

namespace {

constexpr std::string_view kExtendedAt = "2025-03-02T00:00:00Z";
constexpr const char* kQuickTsa = "http://tsa.example/";

class QuickTsa final : public net::Fetcher {
 public:
  explicit QuickTsa(const Story& story) : story_(story) {}
  net::Response fetch(const net::Request& request) override {
    const cms::TimestampRequest asked = cms::parse_request(request.body);
    cms::TstInfo info;
    info.policy = "1.2.3.4.1";
    info.hash = asked.hash;
    info.imprint = asked.imprint;
    info.nonce = asked.nonce;
    info.serial = {0x42};
    info.time = at(kExtendedAt);
    const Bytes token = cms::issue_token({info, true, {story_.issuing().certificate()}},
                                         story_.unit().certificate(), story_.unit().key());
    return {200, "application/timestamp-reply", cms::granted(token), request.url};
  }

 private:
  const Story& story_;
};

double processor_time() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

}  // namespace

TEST_CASE("a file with very many signatures is extended") {
  const Story story;
  // Two document time-stamps join them, and 10 000 are all that are read.
  const int count = many_signatures(300);
  const Bytes document = story.keeps(signed_by_anna(story, count), "2025-03-01T23:00:00Z");
  const Folder folder;
  const std::string path = folder.put("many.pdf", document);
  QuickTsa tsa(story);
  const FixedClock clock{at(kExtendedAt)};
  const ops::World world{clock, &test::jail(), &tsa, "system", "", std::chrono::seconds(1)};
  ops::ExtendDocuments request;
  request.long_term.tsa_urls = {kQuickTsa};
  request.long_term.authorities = {story.root().certificate()};
  ops::Extension extension(nullptr, world, request);
  const double began = processor_time();
  const ops::ExtendedDocument receipt = extension.extend(path, "");
  const double seconds = processor_time() - began;
  INFO((receipt.error ? receipt.error->message : ""));
  REQUIRE_FALSE(receipt.error);
  CHECK(receipt.signatures == count);
  CHECK(receipt.level_before == "B-B");
  CHECK(receipt.level == "B-LTA");
  const Bytes extended = folder.get("many.pdf");
  CHECK(equal(ByteView(extended).first(document.size()), document));
  const auto found = pdf::inspect(test::jail(), open_for_reading(path), path);
  CHECK(found.signatures.size() == static_cast<std::size_t>(count) + 2);
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  WARN(count << " signatures: " << seconds
             << " s of processor outside of the jail, highest resident "
             << "memory " << used.ru_maxrss / 1024 << " MiB");
}
