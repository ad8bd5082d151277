// The inspection, outside the jail: what came out of it is checked against the file.
#include "pdf/document.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "pdf/codec.h"
#include "pdf/numbers.h"
#include "pdf/parsers.h"
#include "pdf/window.h"

namespace tsp::pdf {
namespace {

constexpr std::uint64_t kGapLimit = std::uint64_t{8} << 20;
constexpr std::size_t kLargestContents = std::size_t{256} << 20;  // of all signatures together

class Check {
 public:
  Check(const Fd& file, std::uint64_t size, const std::string& name)
      : file_(file), size_(size), name_(name) {}

  void inspection(Inspection& found) {
    require(found.size == size_);
    require(found.pages >= 0);
    require(is_permission(found.certification));
    std::uint64_t end = 0;
    for (const Revision& revision : found.revisions) {
      require(end < revision.end && revision.end <= size_ && revision.startxref < size_);
      end = revision.end;
    }
    for (SignatureEntry& entry : found.signatures) signature(entry, found.pages);
    for (const EmptyField& field : found.empty_fields) {
      require(field.page >= 0 && field.page <= found.pages);
      if (field.lock) require(is_permission(field.lock->permissions));
    }
    if (found.dss) store(*found.dss, found.revisions);
  }

 private:
  void require(bool sound) const {
    if (!sound)
      throw Error(Fault::bad_input, "cannot read " + name_,
                  "the parser's answer does not fit the file", "nothing was changed");
  }

  static bool is_permission(const std::optional<int>& value) {
    return !value || (*value >= 1 && *value <= 3);
  }

  // An item stands in a revision that is there; 0 where the file has none that can be told.
  void store(const Dss& dss, const std::vector<Revision>& revisions) const {
    for (const auto* list : {&dss.certificates, &dss.ocsp_responses, &dss.crls})
      for (const DssItem& item : *list)
        require(item.revision < std::max<std::size_t>(revisions.size(), 1));
    const auto points_into = [&](const std::vector<std::uint64_t>& indexes,
                                 const std::vector<DssItem>& list) {
      for (const std::uint64_t index : indexes) require(index < list.size());
    };
    for (const Vri& each : dss.vri) {
      points_into(each.certificates, dss.certificates);
      points_into(each.ocsp_responses, dss.ocsp_responses);
      points_into(each.crls, dss.crls);
    }
  }

  void signature(SignatureEntry& entry, int pages) {
    require(entry.page >= 0 && entry.page <= pages);
    require(is_permission(entry.certification));
    for (const auto& lock : {entry.field_mdp, entry.lock})
      if (lock) require(is_permission(lock->permissions));
    // The two things a verdict rests on are not taken on trust.
    entry.byte_range = sound_byte_range(entry.raw_byte_range, size_);
    if (entry.gap_begin != 0 || entry.gap_end != 0) gap(entry);
  }

  // The parser tells where the token stands; its octets are the file's own.
  void gap(SignatureEntry& entry) {
    require(entry.gap_begin < entry.gap_end && entry.gap_end <= size_ &&
            entry.gap_end - entry.gap_begin <= kGapLimit && entry.contents.empty());
    std::string token(entry.gap_end - entry.gap_begin, '\0');
    const std::span<std::uint8_t> room(reinterpret_cast<std::uint8_t*>(token.data()), token.size());
    require(read_at(file_.get(), entry.gap_begin, room) == token.size());
    auto contents = decode_hex_token(token);
    require(contents.has_value());
    entry.contents = std::move(*contents);
    contents_ += entry.contents.size();
    if (contents_ > kLargestContents)
      throw Error(Fault::bad_input, "cannot read " + name_, "its signatures hold more than 256 MiB",
                  "nothing was changed");
  }

  const Fd& file_;
  std::uint64_t size_;
  const std::string& name_;
  std::size_t contents_ = 0;
};

}  // namespace

Inspection inspect(jail::Jail& jail, const Fd& file, const std::string& name) {
  const std::string shown = printable(name);
  return accept_inspection(file, shown,
                           run_parser(jail, Reading::inspect, file, shown, as_bytes(shown)));
}

Inspection accept_inspection(const Fd& file, const std::string& name, ByteView answer) {
  Inspection found = decode_inspection(answer);
  Check(file, size_of(file, name), name).inspection(found);
  return found;
}

}  // namespace tsp::pdf
