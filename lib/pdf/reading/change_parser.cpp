// The changes, inside the jail.
#include "pdf/codec.h"
#include "pdf/parsers.h"
#include "pdf/reading/change_rules.h"

namespace tsp::pdf {
namespace {

// A revision ends with its %%EOF; a caller may name the file's own end, behind white space.
std::size_t revision_that_ends_at(const Frame& frame, std::uint64_t end, const std::string& name) {
  for (std::size_t i = 0; i < frame.revisions.size(); ++i)
    if (frame.revisions[i].end == end) return i;
  if (!frame.revisions.empty() && end > frame.revisions.back().end)
    return frame.revisions.size() - 1;
  throw damaged_error(name, "it has no revision that ends there");
}

}  // namespace

Bytes changes_parser(int file, ByteView request) {
  const ChangesRequest asked = decode_changes_request(request);
  const auto document = open_document(file, asked.name, Repair::attempt);
  if (document->repaired || !document->frame.damage.empty())
    throw damaged_error(asked.name, document->frame.damage);
  return guarded(asked.name, [&] {
    Timeline timeline(*document,
                      revision_that_ends_at(document->frame, asked.revision_end, asked.name));
    ChangeRules rules(timeline);
    std::vector<Change> all;
    while (timeline.next()) {
      std::vector<Change> changes = rules.judge();
      std::move(changes.begin(), changes.end(), std::back_inserter(all));
    }
    if (!timeline.agrees_with_library())
      throw damaged_error(asked.name, "its cross-reference data can be read in two ways");
    return encode(all);
  });
}

}  // namespace tsp::pdf
