#include "ops/report_timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/text.h"
#include "ops/report_markup.h"

namespace tsp::ops {
namespace {

using validation::ChainCertificate;

constexpr double kWidth = 980, kLabels = 330, kRight = 20, kRow = 34, kHead = 20;
constexpr std::size_t kLongestLabel = 46, kMostRows = 60;

struct TimelineRow {
  std::string kind;  // class of the mark: certificate, unit, evidence, point
  std::string label;
  std::string dates;
  std::optional<Time> from, until;  // a bar; a point has only `from`
  std::optional<Time> mark;         // revoked
};

struct Guide {
  std::string kind, label;
  Time at;
};

std::string dates_of(const std::optional<Time>& from, const std::optional<Time>& until) {
  if (!from) return {};
  return until ? for_people(from) + " – " + for_people(until) : for_people(from);
}

// The common name, where a distinguished name has one.
std::string short_name(const std::string& name) {
  const auto at = name.find("CN=");
  std::string out = at == std::string::npos ? name : name.substr(at + 3);
  for (std::size_t i = 0; i < out.size(); ++i)
    if ((out[i] == ',' || out[i] == '+') && (i == 0 || out[i - 1] != '\\')) {
      out.resize(i);
      break;
    }
  std::u32string points = code_points(printable(out));
  if (points.size() > kLongestLabel) {
    points.resize(kLongestLabel - 1);
    points += U'…';
  }
  return to_utf8(points);
}

class Rows {
 public:
  explicit Rows(const validation::SignatureResult& signature) {
    add({"point",
         "Signature, as claimed",
         dates_of(signature.claimed_signing_time, {}),
         signature.claimed_signing_time,
         {},
         {}});
    for (const auto& stamp : signature.timestamps)
      add({"point",
           "Time-stamp " + short_name(stamp.tsa),
           dates_of(stamp.time, {}),
           stamp.time,
           {},
           {}});
    add_chain(signature.chain, "certificate");
    for (const auto& stamp : signature.timestamps) add_chain(stamp.chain, "unit");
  }
  const std::vector<TimelineRow>& rows() const { return rows_; }

 private:
  void add(TimelineRow row) {
    if (row.from && rows_.size() < kMostRows) rows_.push_back(std::move(row));
  }

  void add_chain(const std::vector<ChainCertificate>& chain, const char* kind) {
    for (const ChainCertificate& each : chain) {
      if (!seen_.insert(each.sha256).second) continue;
      std::optional<Time> revoked;
      if (each.revocation && each.revocation->status == "revoked")
        revoked = each.revocation->revoked_at;
      add({kind, short_name(each.subject), dates_of(each.not_before, each.not_after),
           each.not_before, each.not_after, revoked});
      if (each.revocation && each.revocation->this_update)
        add({"evidence",
             fmt::format("{} for {}", each.revocation->kind == "ocsp" ? "OCSP" : "CRL",
                         short_name(each.subject)),
             dates_of(each.revocation->this_update, each.revocation->next_update),
             each.revocation->this_update,
             each.revocation->next_update,
             {}});
    }
  }

  std::vector<TimelineRow> rows_;
  std::set<std::string> seen_;
};

// Moments to places, by the logarithm of the gaps between them.
class Axis {
 public:
  Axis(const std::vector<TimelineRow>& rows, const std::vector<Guide>& guides) {
    std::set<Time> moments;
    for (const TimelineRow& row : rows)
      for (const auto& each : {row.from, row.until, row.mark})
        if (each) moments.insert(*each);
    for (const Guide& guide : guides) moments.insert(guide.at);
    double place = 0;
    std::optional<Time> before;
    for (const Time moment : moments) {
      if (before) {
        const double hours =
            std::chrono::duration<double, std::ratio<3600>>(moment - *before).count();
        place += 1 + std::log2(1 + hours);
      }
      places_[moment] = place;
      before = moment;
    }
    whole_ = std::max(place, 1.0);
  }
  double x(Time moment) const {
    return kLabels + 10 + (kWidth - kLabels - kRight - 10) * places_.at(moment) / whole_;
  }

 private:
  std::map<Time, double> places_;
  double whole_ = 1;
};

std::vector<Guide> guides_of(const validation::SignatureResult& signature, Time judged) {
  std::vector<Guide> out;
  if (signature.claimed_signing_time)
    out.push_back({"claimed", "signed, as claimed", *signature.claimed_signing_time});
  if (signature.best_signature_time)
    out.push_back({"proven", "proven to exist", *signature.best_signature_time});
  out.push_back({"judged", "judged", judged});
  if (signature.extend_before) out.push_back({"extend", "extend before", *signature.extend_before});
  return out;
}

std::string draw(const Guide& guide, const Axis& axis, std::size_t index, double height) {
  const double x = axis.x(guide.at), y = 14 + static_cast<double>(index) * kHead;
  const bool left = x > (kWidth + kLabels) / 2;
  return fmt::format(
      R"(<line class="guide {0}" x1="{1:.1f}" x2="{1:.1f}" y1="{2:.0f}" y2="{3:.0f}"/>)"
      R"(<text class="guide {0}" x="{4:.1f}" y="{2:.0f}" text-anchor="{5}">{6} {7}</text>)",
      guide.kind, x, y, height, left ? x - 5 : x + 5, left ? "end" : "start", guide.label,
      for_people(guide.at));
}

std::string draw(const TimelineRow& row, const Axis& axis, double y) {
  std::string out = fmt::format(
      R"(<text class="label" x="0" y="{:.0f}">{}</text><text class="dates" x="0" y="{:.0f}">{}</text>)",
      y + 12, escaped(row.label), y + 25, row.dates);
  const double x = axis.x(*row.from);
  if (row.kind == "point") {
    out += fmt::format(R"(<circle class="point" cx="{:.1f}" cy="{:.0f}" r="6"/>)", x, y + 15);
  } else if (row.until) {
    out +=
        fmt::format(R"(<rect class="{}" x="{:.1f}" y="{:.0f}" width="{:.1f}" height="12" rx="3"/>)",
                    row.kind, x, y + 9, std::max(axis.x(*row.until) - x, 2.0));
  } else {
    out += fmt::format(R"(<rect class="{}" x="{:.1f}" y="{:.0f}" width="4" height="12"/>)",
                       row.kind, x, y + 9);
  }
  if (row.mark)
    out +=
        fmt::format(R"(<text class="revoked" x="{:.1f}" y="{:.0f}" text-anchor="middle">✕</text>)",
                    axis.x(*row.mark), y + 21);
  return out;
}

}  // namespace

std::string timeline_svg(const validation::SignatureResult& signature, Time judged) {
  const Rows rows(signature);
  const std::vector<Guide> guides = guides_of(signature, judged);
  const Axis axis(rows.rows(), guides);
  const double top = 10 + static_cast<double>(guides.size()) * kHead;
  const double height = top + static_cast<double>(rows.rows().size()) * kRow + 4;
  std::string out = fmt::format(
      R"(<svg viewBox="0 0 {0:.0f} {1:.0f}" role="img" aria-label="The signature's times">)",
      kWidth, height);
  for (std::size_t i = 0; i < rows.rows().size(); ++i)
    if (i % 2 == 0)
      out +=
          fmt::format(R"(<rect class="stripe" x="0" y="{:.0f}" width="{:.0f}" height="{:.0f}"/>)",
                      top + static_cast<double>(i) * kRow, kWidth, kRow);
  for (std::size_t i = 0; i < guides.size(); ++i) out += draw(guides[i], axis, i, height);
  for (std::size_t i = 0; i < rows.rows().size(); ++i)
    out += draw(rows.rows()[i], axis, top + static_cast<double>(i) * kRow);
  return out + "</svg>";
}

}  // namespace tsp::ops
