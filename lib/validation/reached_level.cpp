#include "validation/reached_level.h"

#include <algorithm>
#include <array>

namespace tsp::validation {
namespace {

template <class Counts>
ades::Level level_with(const pdf::Inspection& document, const pdf::SignatureEntry& entry,
                       const cms::SignedData& data, const std::vector<CoveringStamp>& stamps,
                       const std::vector<DocumentStamp>& document_stamps, const Counts& counts) {
  ades::Counting counting;
  counting.of_signature = std::ranges::any_of(stamps, [&](const CoveringStamp& stamp) {
    return stamp.kind == "signature" && counts(stamp.judged->conclusion);
  });
  for (const DocumentStamp& stamp : document_stamps)
    if (counts(stamp.judged.conclusion)) counting.of_document.push_back(stamp.entry);
  return ades::level_of(document, entry, data, counting);
}

}  // namespace

ReachedLevel reached_level(const pdf::Inspection& document, const pdf::SignatureEntry& entry,
                           const cms::SignedData& data, const std::vector<CoveringStamp>& stamps,
                           const std::vector<DocumentStamp>& document_stamps) {
  const auto level = [&](const auto& counts) {
    return level_with(document, entry, data, stamps, document_stamps, counts);
  };
  return {level([](const Conclusion& conclusion) { return conclusion.status() != Status::failed; }),
          level([](const Conclusion& conclusion) { return conclusion.passed(); })};
}

bool is_below(std::string_view level, std::string_view least) {
  constexpr std::array<std::string_view, 5> kLevels{"none", "B-B", "B-T", "B-LT", "B-LTA"};
  return std::ranges::find(kLevels, level) < std::ranges::find(kLevels, least);
}

}  // namespace tsp::validation
