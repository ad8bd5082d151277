#include "validation/coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/text.h"

namespace tsp::validation {
namespace {

bool is_space(std::uint8_t octet) {
  return octet == '\r' || octet == '\n' || octet == ' ' || octet == '\t' || octet == '\f' ||
         octet == 0;
}

// The end of the revision that the range ends with: before or behind its last end of line.
const pdf::Revision* revision_of(const pdf::Inspection& document, const pdf::ByteRange& range) {
  const auto found = std::ranges::find_if(document.revisions, [&](const pdf::Revision& each) {
    return range.file_end <= each.end && each.end - range.file_end <= 2;
  });
  return found == document.revisions.end() ? nullptr : &*found;
}

bool locked(const pdf::SignatureEntry& entry, const pdf::Change& change) {
  return entry.field_mdp && !change.field.empty() && pdf::covers(*entry.field_mdp, change.field);
}

// What a signature says may follow: its certification, or the permissions of its lock.
std::optional<int> permission_of(const pdf::SignatureEntry& entry) {
  std::optional<int> permission = entry.certification;
  if (entry.field_mdp && entry.field_mdp->permissions)
    permission = std::min(permission.value_or(3), *entry.field_mdp->permissions);
  return permission;
}

enum class Judgement { tolerated, not_understood, forbidden };

Judgement judge(const pdf::Change& change, const pdf::SignatureEntry& entry) {
  using pdf::ChangeKind;
  const std::optional<int> permission = permission_of(entry);
  switch (change.kind) {
    case ChangeKind::validation_data:
    case ChangeKind::document_timestamp:
      return Judgement::tolerated;
    case ChangeKind::signature:
    case ChangeKind::form_filling:
      if (locked(entry, change)) return Judgement::forbidden;
      [[fallthrough]];
    case ChangeKind::metadata:
      return permission == 1 ? Judgement::forbidden : Judgement::tolerated;
    case ChangeKind::annotation:
      if (permission) return *permission < 3 ? Judgement::forbidden : Judgement::tolerated;
      return Judgement::not_understood;
    case ChangeKind::other:
      break;
  }
  return permission ? Judgement::forbidden : Judgement::not_understood;
}

std::string told(const pdf::Change& change) {
  std::string text = printable(change.what);
  if (!change.field.empty()) text += " \"" + printable(change.field) + "\"";
  return change.object == 0 ? text : fmt::format("{} (object {})", text, change.object);
}

// "a, b and 7 more", each once.
std::string listed(const std::vector<std::string>& texts) {
  constexpr std::size_t kShown = 5;
  const std::set<std::string> each(texts.begin(), texts.end());
  std::string out;
  std::size_t shown = 0;
  for (const std::string& text : each) {
    if (shown == kShown) break;
    out += (shown++ == 0 ? "" : ", ") + text;
  }
  return each.size() > kShown ? fmt::format("{} and {} more", out, each.size() - kShown) : out;
}

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

Coverage coverage_of(const pdf::Inspection& document, const pdf::ByteRange& range) {
  if (range.file_end == document.size) return Coverage::whole_file;
  return revision_of(document, range) != nullptr ? Coverage::revision : Coverage::not_covered;
}

ModificationCheck judge_changes(const pdf::SignatureEntry& entry,
                                const std::vector<pdf::Change>& changes) {
  ModificationCheck out;
  out.modifications = changes.empty() ? Modifications::none : Modifications::allowed;
  std::vector<std::string> tolerated, unexpected, forbidden;
  for (const pdf::Change& change : changes) {
    const Judgement judgement = judge(change, entry);
    (judgement == Judgement::tolerated        ? tolerated
     : judgement == Judgement::not_understood ? unexpected
                                              : forbidden)
        .push_back(told(change));
  }
  if (!tolerated.empty())
    out.findings.push_back({Severity::info, std::string(kChangesAllowed), listed(tolerated)});
  if (!forbidden.empty()) {
    out.modifications = Modifications::unexpected;
    out.conclusion =
        conclude(Sub::format_failure, kForbiddenChange,
                 "the document was changed as this signature forbids: " + listed(forbidden));
  } else if (!unexpected.empty()) {
    out.modifications = Modifications::unexpected;
    out.conclusion =
        conclude(Sub::sig_constraints_failure, kChangedAfterSigning,
                 "the document was changed after this signature: " + listed(unexpected));
  }
  return out;
}

CoverageCheck check_coverage(
    const pdf::Inspection& document, const pdf::SignatureEntry& entry, ByteView file,
    const std::function<std::vector<pdf::Change>(std::uint64_t)>& changes_after) {
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
  if (has_trailing_data(document, file)) {
    out.modified = unknown(kTrailingData, "octets that belong to no revision follow the document");
    out.modified.modifications = Modifications::unexpected;
    return out;
  }
  try {
    out.modified =
        judge_changes(entry, changes_after(revision_of(document, *entry.byte_range)->end));
  } catch (const Error& error) {
    out.modified = unknown(kChangesUnknown, "what was changed cannot be told: " + error.why);
  }
  return out;
}

}  // namespace tsp::validation
