// A file with very many signatures is extended, within bounds.
#include "support/many_signatures.h"

#include <sys/resource.h>

#include "base/error.h"
#include "ops/extend_documents.h"
#include "support/catch.h"
#include "support/fixed_clock.h"
#include "support/story_tsa.h"

using namespace tsp;
using namespace tsp::test;

namespace {

constexpr std::string_view kExtendedAt = "2025-03-02T00:00:00Z";
constexpr const char* kTsaUrl = "http://tsa.example/";

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
  StoryTsa tsa(story, kExtendedAt);
  const FixedClock clock{at(kExtendedAt)};
  const ops::World world{clock, &test::jail(), &tsa, "system", "", std::chrono::seconds(1)};
  ops::ExtendDocuments request;
  request.long_term.tsa_urls = {kTsaUrl};
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
