// The changes of a document, for all its signatures.
#include <algorithm>
#include <map>

#include "validation/coverage.h"
#include "validation/format_checking.h"

namespace tsp::validation {

ChangeLog::ChangeLog(const pdf::Inspection& document, ByteView file, Read read)
    : document_(document), file_(file), read_(std::move(read)) {}

std::optional<std::size_t> ChangeLog::revision_of(const pdf::ByteRange& range) const {
  return validation::revision_of(document_, range);
}

bool ChangeLog::has_trailing_data() {
  if (!trailing_) trailing_ = validation::has_trailing_data(document_, file_);
  return *trailing_;
}

std::size_t ChangeLog::first_after(std::size_t revision) {
  if (!loaded_) load();
  if (error_) throw Error(*error_);
  const auto first = std::ranges::partition_point(
      changes_, [&](const pdf::Change& each) { return each.revision <= revision; });
  return static_cast<std::size_t>(first - changes_.begin());
}

std::span<const pdf::Change> ChangeLog::after(std::size_t revision) {
  const std::size_t first = first_after(revision);  // which loads them
  return std::span(changes_).subspan(first);
}

PageCover::Most ChangeLog::cover_after(std::size_t revision) {
  const std::size_t first = first_after(revision);
  return first < covers_.size() ? covers_[first] : PageCover::Most();
}

// From the last to the first, so that all signatures together cost one walk.
void ChangeLog::sum_covers() {
  covers_.resize(changes_.size());
  PageCover cover;
  for (std::size_t i = changes_.size(); i-- > 0;) {
    cover.add(changes_[i]);
    covers_[i] = cover.most();
  }
}

std::optional<std::uint64_t> ChangeLog::beginning(const pdf::Inspection& document) {
  std::optional<std::size_t> first;
  for (const pdf::SignatureEntry& entry : document.signatures) {
    const auto revision =
        entry.byte_range ? validation::revision_of(document, *entry.byte_range) : std::nullopt;
    if (revision) first = std::min(first.value_or(*revision), *revision);
  }
  if (!first) return std::nullopt;
  return document.revisions[*first].end;
}

void ChangeLog::load() {
  loaded_ = true;
  const auto end = beginning(document_);
  if (!end) return;
  try {
    changes_ = read_(*end);
  } catch (const Error& error) {
    error_ = error;
    return;
  }
  std::ranges::stable_sort(changes_, {}, &pdf::Change::revision);
  std::map<std::string_view, const pdf::SignatureEntry*> fields;
  for (const pdf::SignatureEntry& entry : document_.signatures) fields[entry.field] = &entry;
  for (pdf::Change& change : changes_) {
    using pdf::ChangeKind;
    if (change.kind != ChangeKind::signature && change.kind != ChangeKind::visible_signature &&
        change.kind != ChangeKind::document_timestamp)
      continue;
    const auto field = fields.find(change.field);
    const pdf::SignatureEntry* entry = field == fields.end() ? nullptr : field->second;
    if (entry != nullptr && entry->byte_range &&
        revision_of(*entry->byte_range) == change.revision &&
        check_format(*entry).conclusion.passed())
      continue;
    change.kind = ChangeKind::other;
    change.what = "a signature that is none: " + change.what;
  }
  join_metadata();
  sum_covers();
}

// Who adds evidence or a time-stamp writes the moment into XMP besides: where a revision does
// nothing else, that is part of it.
void ChangeLog::join_metadata() {
  using pdf::ChangeKind;
  const auto is_evidence = [](const pdf::Change& each) {
    return each.kind == ChangeKind::validation_data || each.kind == ChangeKind::document_timestamp;
  };
  for (auto first = changes_.begin(); first != changes_.end();) {
    const auto end = std::find_if(first, changes_.end(), [&](const pdf::Change& each) {
      return each.revision != first->revision;
    });
    const bool only = std::all_of(first, end, [&](const pdf::Change& each) {
      return is_evidence(each) || each.kind == ChangeKind::metadata;
    });
    if (only && std::any_of(first, end, is_evidence))
      for (auto each = first; each != end; ++each)
        if (each->kind == ChangeKind::metadata) each->kind = ChangeKind::validation_data;
    first = end;
  }
}

}  // namespace tsp::validation
