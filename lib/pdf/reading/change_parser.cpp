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

// A reader that finds a linearised file, annex F, of the length it has, begins with the section
// behind the first object: which must be the newest of the revision that ends there.
void refuse_other_beginning(Opened& document) {
  const Frame& frame = document.frame;
  Lexer lexer(document.window);
  std::uint64_t number = 0, generation = 0, end = 0;
  const auto body = lexer.object_header(frame.header_offset, number, generation);
  const auto value = body ? read_value(lexer, document.window, *body, end) : std::nullopt;
  if (!value || !value->has("Linearized")) return;
  const auto length = value->get("L").integer();
  end = lexer.skip_space(end);
  const bool is_known = !value->repeats && length && document.window.matches(end, "endobj");
  const std::uint64_t first = lexer.skip_space(end + 6);
  for (std::size_t i = 0; i < frame.revisions.size(); ++i) {
    const Revision& each = frame.revisions[i];
    if (lexer.skip_space(frame.header_offset + each.startxref) == first) continue;
    const bool is_last = i + 1 == frame.revisions.size();
    const std::uint64_t until = is_last ? std::max(each.end, frame.size) : each.end;
    if (!is_known || (*length + 2 + frame.header_offset >= each.end && *length <= until + 2))
      throw damaged_error(document.name, "it says that it is linearised, and begins otherwise");
  }
}

}  // namespace

Bytes changes_parser(int file, ByteView request, const jail::More&) {
  const ChangesRequest asked = decode_changes_request(request);
  const auto document = open_document(file, asked.name, Repair::attempt);
  if (document->repaired || !document->frame.damage.empty())
    throw damaged_error(asked.name, document->frame.damage);
  return guarded(asked.name, [&] {
    refuse_other_beginning(*document);
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
