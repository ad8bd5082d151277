#include "validation/coverage.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.h"

namespace tsp::validation {
namespace {

// Above it, what was filled in and signed may pass for the page's content.
constexpr double kHalfOfPage = 0.5;
constexpr std::string_view kMuchCovered =
    "fields that were filled in or signed cover more than half of a page";

bool is_space(std::uint8_t octet) {
  return octet == '\r' || octet == '\n' || octet == ' ' || octet == '\t' || octet == '\f' ||
         octet == 0;
}

// The lock that was signed, and the one that stood in the field, which a signature should repeat.
// A field without a name, and the defaults that all fields share, are among all fields and among
// all but some.
bool locked(const pdf::SignatureEntry& entry, const pdf::Change& change) {
  if (!change.field.empty() && change.field == entry.field) return false;
  return (entry.field_mdp && pdf::covers(*entry.field_mdp, change.field)) ||
         (entry.lock && pdf::covers(*entry.lock, change.field));
}

// What a signature says may follow: its certification, or the permissions of its lock.
std::optional<int> permission_of(const pdf::SignatureEntry& entry) {
  std::optional<int> permission = entry.certification;
  for (const auto& lock : {entry.field_mdp, entry.lock})
    if (lock && lock->permissions)
      permission = std::min(permission.value_or(3), *lock->permissions);
  return permission;
}

enum class ChangeJudgement { tolerated, not_understood, forbidden };

ChangeJudgement judge_change(const pdf::Change& change, const pdf::SignatureEntry& entry,
                             const std::optional<int>& permission) {
  using pdf::ChangeKind;
  const auto from = [&](int least) {
    return permission.value_or(3) < least ? ChangeJudgement::forbidden : ChangeJudgement::tolerated;
  };
  switch (change.kind) {
    case ChangeKind::validation_data:
    case ChangeKind::document_timestamp:
      return ChangeJudgement::tolerated;
    case ChangeKind::signature:
    case ChangeKind::form_filling:
      return locked(entry, change) ? ChangeJudgement::forbidden : from(2);
    case ChangeKind::visible_signature:
      if (!permission)
        return locked(entry, change) ? ChangeJudgement::forbidden : ChangeJudgement::tolerated;
      return *permission < 3 ? ChangeJudgement::forbidden : ChangeJudgement::not_understood;
    case ChangeKind::metadata:
      return from(2);
    case ChangeKind::comment:
      return permission ? from(3) : ChangeJudgement::not_understood;
    case ChangeKind::annotation:
      return (!change.field.empty() && locked(entry, change)) || permission.value_or(3) < 3
                 ? ChangeJudgement::forbidden
                 : ChangeJudgement::not_understood;
    case ChangeKind::other:
      break;
  }
  return permission ? ChangeJudgement::forbidden : ChangeJudgement::not_understood;
}

std::string told_change(const pdf::Change& change) {
  std::string text = printable(change.what);
  if (!change.field.empty()) text += " \"" + printable(change.field) + "\"";
  return change.object == 0 ? text : fmt::format("{} (object {})", text, change.object);
}

// "a, b and 7 more": the first texts, each once, and how many changes there are besides.
class Listed {
 public:
  void add(const pdf::Change& change) {
    ++count_;
    if (shown_ == kShown) return;
    const std::string text = told_change(change);
    if (std::ranges::find(texts_, text) != texts_.end()) return;
    texts_.push_back(text);
    if (++shown_ == kShown) counted_ = count_;
  }
  bool empty() const { return count_ == 0; }
  std::string text() const {
    const std::string all = fmt::format("{}", fmt::join(texts_, ", "));
    return shown_ < kShown || count_ == counted_
               ? all
               : fmt::format("{} and {} more", all, count_ - counted_);
  }

 private:
  static constexpr std::size_t kShown = 5;
  std::size_t count_ = 0, shown_ = 0, counted_ = 0;
  std::vector<std::string> texts_;
};

ModificationCheck unknown(std::string_view finding, const std::string& reason) {
  return {Modifications::unknown, conclude(Sub::sig_constraints_failure, finding, reason), {}};
}

}  // namespace

std::string_view name_of(Coverage coverage) {
  switch (coverage) {
    case Coverage::whole_file:
      return "whole-file";
    case Coverage::revision:
      return "revision";
    case Coverage::not_covered:
      return "not-covered";
  }
  return "not-covered";
}

std::string_view name_of(Modifications modifications) {
  switch (modifications) {
    case Modifications::none:
      return "none";
    case Modifications::allowed:
      return "allowed";
    case Modifications::unexpected:
      return "unexpected";
    case Modifications::unknown:
      return "unknown";
  }
  return "unknown";
}

bool has_trailing_data(const pdf::Inspection& document, ByteView file) {
  if (document.revisions.empty()) return false;
  const auto end =
      static_cast<std::size_t>(std::min<std::uint64_t>(document.revisions.back().end, file.size()));
  return !std::ranges::all_of(file.subspan(end), is_space);
}

std::optional<std::size_t> revision_of(const pdf::Inspection& document,
                                       const pdf::ByteRange& range) {
  const auto found =
      std::ranges::lower_bound(document.revisions, range.file_end, {}, &pdf::Revision::end);
  if (found == document.revisions.end() || found->end - range.file_end > 2) return std::nullopt;
  return static_cast<std::size_t>(found - document.revisions.begin());
}

Coverage coverage_of(const pdf::Inspection& document, const pdf::ByteRange& range) {
  if (range.file_end == document.size) return Coverage::whole_file;
  return revision_of(document, range) ? Coverage::revision : Coverage::not_covered;
}

ModificationCheck judge_changes(const pdf::SignatureEntry& entry,
                                std::span<const pdf::Change> changes, const PageCover::Most& most) {
  ModificationCheck out;
  out.modifications = changes.empty() ? Modifications::none : Modifications::allowed;
  const std::optional<int> permission = permission_of(entry);
  Listed tolerated, unexpected, forbidden;
  for (const pdf::Change& change : changes) {
    const ChangeJudgement judgement = judge_change(change, entry, permission);
    (judgement == ChangeJudgement::tolerated        ? tolerated
     : judgement == ChangeJudgement::not_understood ? unexpected
                                                    : forbidden)
        .add(change);
  }
  if (most.part > kHalfOfPage)
    unexpected.add({pdf::ChangeKind::other, 0, most.page, "", std::string(kMuchCovered), {}});
  if (!tolerated.empty())
    out.findings.push_back({Severity::info, std::string(kChangesAllowed), tolerated.text()});
  if (!forbidden.empty()) {
    out.modifications = Modifications::unexpected;
    out.conclusion =
        conclude(Sub::format_failure, kForbiddenChange,
                 "the document was changed as this signature forbids: " + forbidden.text());
  } else if (!unexpected.empty()) {
    out.modifications = Modifications::unexpected;
    out.conclusion =
        conclude(Sub::sig_constraints_failure, kChangedAfterSigning,
                 "the document was changed after this signature: " + unexpected.text());
  }
  return out;
}

CoverageCheck check_coverage(const pdf::SignatureEntry& entry, ChangeLog& log) {
  const pdf::Inspection& document = log.document();
  CoverageCheck out;
  out.coverage = coverage_of(document, *entry.byte_range);
  if (out.coverage == Coverage::whole_file) return out;
  if (out.coverage == Coverage::not_covered) {
    out.modified = unknown(kNotCovered, "the signed octets do not end where a revision ends");
    return out;
  }
  if (document.damaged) {
    out.modified = unknown(kChangesUnknown, "the file is damaged: " + printable(document.damage));
    return out;
  }
  if (log.has_trailing_data()) {
    out.modified = unknown(kTrailingData, "octets that belong to no revision follow the document");
    out.modified.modifications = Modifications::unexpected;
    return out;
  }
  try {
    const std::size_t revision = *log.revision_of(*entry.byte_range);
    out.modified = judge_changes(entry, log.after(revision), log.cover_after(revision));
  } catch (const Error& error) {
    out.modified = unknown(kChangesUnknown, "what was changed cannot be told: " + error.why);
  }
  return out;
}

}  // namespace tsp::validation
