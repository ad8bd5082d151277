#include "serve/pki_metrics.h"

#include <fmt/format.h>

#include "ops/space.h"

namespace tsp::serve {
namespace {

class Text {
 public:
  void family(std::string_view name, std::string_view help) {
    out += fmt::format("# TYPE {} gauge\n# HELP {} {}\n", name, name, help);
  }
  void row(std::string_view name, std::int64_t value) {
    out += fmt::format("{} {}\n", name, value);
  }
  void row(std::string_view name, std::string_view label, std::string_view of, std::int64_t value) {
    out += fmt::format("{}{{{}=\"{}\"}} {}\n", name, label, of, value);
  }
  std::string out;
};

std::int64_t seconds(std::chrono::milliseconds time) {
  return std::chrono::floor<std::chrono::seconds>(time).count();
}

}  // namespace

std::string pki_metrics(ops::Provider& provider) {
  store::Database& database = provider.database();
  const Time now = provider.now();
  Text text;
  text.family("tsp_audit_records", "Records in the audit log.");
  text.row("tsp_audit_records", audit::size(database));
  if (const auto last = store::last_checkpoint(database)) {
    text.family("tsp_checkpoint_age_seconds", "Time since the newest checkpoint.");
    text.row("tsp_checkpoint_age_seconds", seconds(now - last->created_at));
    text.family("tsp_checkpoint_records", "Records that it covers.");
    text.row("tsp_checkpoint_records", last->size);
  }
  text.family("tsp_crl_next_update_seconds", "Time to the nextUpdate of a CA's newest CRL.");
  for (const char* ca : {"root", "issuing"})
    if (const auto crl = store::current_crl_head(database, ca))
      text.row("tsp_crl_next_update_seconds", "ca", ca, seconds(crl->next_update - now));
  text.family("tsp_certificate_end_seconds", "Time to the end of a role's certificate.");
  for (const char* role : {"root", "issuing", "ocsp", "tsa", "sam"})
    if (const auto row = store::current_certificate(database, role))
      text.row("tsp_certificate_end_seconds", "role", role, seconds(row->not_after - now));
  text.family("tsp_open_intents", "Signatures whose result is not on record.");
  text.row("tsp_open_intents", static_cast<std::int64_t>(store::open_intents(database).size()));
  const ops::Space space = ops::look_at_space(provider.home(), provider.config());
  text.family("tsp_space_free_bytes", "Free where the store lies.");
  text.row("tsp_space_free_bytes", static_cast<std::int64_t>(space.free));
  text.family("tsp_space_kept_bytes", "Kept back for signing, revocation and audit.");
  text.row("tsp_space_kept_bytes", static_cast<std::int64_t>(space.kept));
  text.family("tsp_space_low", "1: less is free than is kept back.");
  text.row("tsp_space_low", std::int64_t{space.low()});
  text.family("tsp_notices_waiting", "Notices that signers are yet to get.");
  text.row("tsp_notices_waiting", store::waiting_notices(database));
  return std::move(text.out);
}

}  // namespace tsp::serve
