// PDFs of eight producers, signed: other programs must call the result valid.
#include "base/error.h"
#include "samples.h"
#include "signing.h"
#include "support/catch.h"

namespace tsp::pdf::test {
namespace {

TEST_CASE("every good file can be signed three times") {
  const Folder folder;
  for (const std::string& name : good_files()) {
    INFO(name);
    const std::string original = data_path(name);
    std::string before = original;
    const std::string clean = qpdf_check(original);
    for (int i = 1; i <= 3; ++i) {
      const std::string after = folder / (std::to_string(i) + name);
      INFO(failure([&] { sign(before, after); }));
      REQUIRE(exists(after));
      CHECK(begins_with(contents_of(after), contents_of(before)));
      before = after;
    }
    const Seen seen = pdfsig(before);
    CHECK(seen.valid == 3);
    CHECK(seen.total == 3);
    CHECK(seen.whole == 1);
    CHECK(qpdf_check(before) == clean);
  }
}

}  // namespace
}  // namespace tsp::pdf::test
