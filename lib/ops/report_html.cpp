#include <fmt/format.h>

#include <algorithm>

#include "ops/report.h"
#include "ops/report_markup.h"
#include "ops/report_style.h"
#include "ops/report_timeline.h"
#include "ops/report_words.h"

namespace tsp::ops {
namespace {

using validation::ChainCertificate;
using validation::Indication;
using validation::SignatureResult;

std::string_view class_of(Indication indication) {
  if (indication == Indication::total_passed) return "good";
  return indication == Indication::total_failed ? "bad" : "open";
}

// The verdict as a sentence that a person can act on.
std::string sentence(Indication indication, const std::string& sub_indication) {
  if (indication == Indication::total_passed) return "The signature is valid.";
  const std::string why(explain(sub_indication));
  const char* word = indication == Indication::total_failed ? "The signature is not valid"
                                                            : "This cannot be decided";
  return why.empty() ? std::string(word) + "." : fmt::format("{}: {}.", word, why);
}

std::string verdict(Indication indication, const std::string& sub_indication) {
  return fmt::format(R"(<p class="verdict {}"><b>{}</b>{}</p>)", class_of(indication),
                     name_of(indication),
                     sub_indication.empty() ? "" : " " + escaped(sub_indication));
}

// Words are broken only where one alone would make its column too wide.
std::string cell(const std::string& text) {
  constexpr std::size_t kLongWord = 34;  // octets; a serial number is shorter
  std::size_t word = 0, longest = 0;
  for (const char c : text) {
    word = c == ' ' ? 0 : word + 1;
    longest = std::max(longest, word);
  }
  return longest > kLongWord ? R"(<td class="long">)" + escaped(text) + "</td>"
                             : element("td", text);
}

// A row of a table of two columns; nothing for nothing.
std::string fact(std::string_view name, const std::string& text) {
  if (text.empty()) return {};
  return "<tr>" + element("th", name) + cell(text) + "</tr>";
}

std::string cells(std::initializer_list<std::string> texts) {
  std::string out = "<tr>";
  for (const std::string& text : texts) out += cell(text);
  return out + "</tr>";
}

std::string head(std::initializer_list<const char*> names) {
  std::string out = "<table><thead><tr>";
  for (const char* name : names) out += element("th", name);
  return out + "</tr></thead><tbody>";
}

std::string findings(const std::vector<validation::Finding>& list) {
  if (list.empty()) return {};
  std::string out = R"(<ul class="findings">)";
  for (const auto& each : list)
    out +=
        fmt::format(R"(<li class="{}"><b>{}</b> {} <code>{}</code></li>)", name_of(each.severity),
                    name_of(each.severity), escaped(each.detail), escaped(each.id));
  return out + "</ul>";
}

std::string until(const SignatureResult& signature) {
  if (!signature.extend_before) return {};
  std::string out = for_people(signature.extend_before);
  if (!signature.extend_before_because.empty()) out += ": " + signature.extend_before_because;
  return out;
}

std::string facts(const SignatureResult& signature) {
  return R"(<table class="facts"><tbody>)" + fact("Signer", signature.signer) +
         fact("Certificate", signature.certificate_serial) +
         fact("Signed, as claimed", for_people(signature.claimed_signing_time)) +
         fact("Proven to exist", for_people(signature.best_signature_time)) +
         fact("Level", signature.level) + fact("Next level lacks", signature.next_level_lacks) +
         fact("Extend before", until(signature)) + fact("Covers", signature.coverage) +
         fact("Changes since", signature.modifications) +
         fact("Reason, as claimed", signature.reason) +
         fact("Place, as claimed", signature.location) +
         fact("Algorithm", signature.signature_algorithm) +
         fact("Format", signature.format +
                            (signature.sub_filter.empty() ? "" : ", " + signature.sub_filter)) +
         "</tbody></table>";
}

std::string timestamps(const SignatureResult& signature) {
  if (signature.timestamps.empty()) return {};
  std::string out =
      "<h3>Time-stamps</h3>" + head({"Time", "Over", "Made by", "Verdict", "Serial number"});
  for (const auto& stamp : signature.timestamps)
    out += cells({for_people(stamp.time), stamp.kind, stamp.tsa,
                  std::string(name_of(stamp.indication)) +
                      (stamp.sub_indication.empty() ? "" : " " + stamp.sub_indication),
                  stamp.serial});
  return out + "</tbody></table>";
}

std::string status_of(const ChainCertificate& certificate) {
  if (certificate.trust_anchor) return "trusted";
  if (!certificate.revocation) return {};
  const validation::RevocationUsed& used = *certificate.revocation;
  std::string out = used.status;
  if (used.revoked_at) out += " since " + for_people(used.revoked_at);
  if (!used.reason.empty()) out += ", " + used.reason;
  if (used.this_update)
    out += fmt::format(" ({} of {}, {})", used.kind, for_people(used.this_update), used.origin);
  if (!used.text.empty()) out += "; " + used.text;
  return out;
}

std::string chain(const std::string& title, const std::vector<ChainCertificate>& certificates) {
  if (certificates.empty()) return {};
  std::string out =
      element("h3", title) + head({"Subject", "Valid", "Status", "Key", "Serial number"});
  for (const ChainCertificate& each : certificates)
    out += cells({each.subject, for_people(each.not_before) + " – " + for_people(each.not_after),
                  status_of(each), each.key, each.serial});
  return out + "</tbody></table>";
}

std::string steps(const SignatureResult& signature) {
  if (signature.steps.empty()) return {};
  std::string out = "<details><summary>How it was judged (EN 319 102-1)</summary>" +
                    head({"Clause", "Step", "Result", "Why"});
  for (const auto& step : signature.steps)
    out += cells({step.clause, step.name,
                  std::string(name_of(step.status)) +
                      (step.sub_indication.empty() ? "" : " " + step.sub_indication),
                  step.reason});
  return out + "</tbody></table></details>";
}

std::string section(const SignatureResult& signature, Time judged) {
  std::string out = "<section>" + element("h2", "Signature in the field " + signature.id) +
                    verdict(signature.indication, signature.sub_indication) +
                    element("p", sentence(signature.indication, signature.sub_indication)) +
                    facts(signature) + findings(signature.findings) + "<figure>" +
                    timeline_svg(signature, judged) +
                    "<figcaption>Gaps in time are drawn by their logarithm. ✕ marks a revocation."
                    "</figcaption></figure>" +
                    timestamps(signature) + chain("Certificates of the signer", signature.chain);
  for (const auto& stamp : signature.timestamps)
    out += chain("Certificates of the time-stamp of " + for_people(stamp.time), stamp.chain);
  return out + steps(signature) + "</section>";
}

std::string section(const validation::Report& report) {
  std::string out = "<article>" + element("h1", report.file) +
                    verdict(report.indication, report.sub_indication) +
                    R"(<p class="judged">Judged as of )" + for_people(report.at) +
                    (report.policy.empty() ? "" : ", by the policy " + escaped(report.policy)) +
                    "</p>" + findings(report.findings);
  if (report.signatures.empty()) out += "<p>No signature was found.</p>";
  for (const SignatureResult& signature : report.signatures) out += section(signature, report.at);
  return out + "</article>";
}

}  // namespace

std::string report_html(const std::vector<validation::Report>& reports,
                        const std::vector<NotValidated>& failed) {
  std::string out = std::string(kReportHead);
  for (const validation::Report& report : reports) out += section(report);
  for (const NotValidated& each : failed)
    out += "<article>" + element("h1", each.file) +
           R"(<p class="verdict open"><b>Not validated</b></p>)" + element("p", each.message) +
           "</article>";
  return out + "</body></html>\n";
}

}  // namespace tsp::ops
