// CRLs. What is written is the caller's to write: a list may be large, and comes in parts.
#include <algorithm>

#include "base/error.h"
#include "ops/crls.h"
#include "ops/operations.h"

namespace tsp::ops {
namespace {

// {ca}; absent: every CA.
Json issue_crls(Provider& provider, const Call& call) {
  std::vector<std::string> cas;
  if (auto ca = given_text(call, "ca")) cas.push_back(std::move(*ca));
  Json crls = Json::array();
  for (const auto& crl : issue_crls(provider, cas, flag_of(call, "dry_run")))
    crls.push_back(to_json(crl));
  return {{"crls", std::move(crls)}};
}

// Issues what is due. `authorities`: ca, its newest CRL's number, its certificate in PEM.
Json publish_crls(Provider& provider, const Call& call) {
  Json authorities = Json::array();
  for (const Published& each : publish_crls(provider, flag_of(call, "dry_run")))
    authorities.push_back(
        {{"ca", each.ca}, {"number", each.number}, {"certificate", each.certificate.pem()}});
  return {{"authorities", std::move(authorities)}};
}

// {ca, number, offset}: octets of that CRL, DER in base64. Error{busy} once there is a newer one.
Json crl_part(Provider& provider, const Call& call) {
  const std::string ca = required_text(call, "ca");
  const auto crl = store::current_crl(provider.database(), ca);
  if (!crl || crl->number != required_integer(call, "number"))
    throw Error(Fault::busy, "there is a newer CRL of " + ca, "", "try again");
  const std::int64_t offset = integer_of(call, "offset").value_or(0);
  const auto size = static_cast<std::int64_t>(crl->der.size());
  if (offset < 0 || offset > size) throw Error(Fault::usage, "the CRL ends before this offset");
  const ByteView rest = ByteView(crl->der).subspan(static_cast<std::size_t>(offset));
  return {{"ca", ca},
          {"number", crl->number},
          {"size", size},
          {"der", to_base64(rest.first(std::min(rest.size(), kPageSize)))}};
}

}  // namespace

std::vector<Operation> crl_operations() {
  return {
      {"crl issue", kOperator, Worker::pki, true, {"ca", "dry_run"}, {}, &issue_crls},
      {"crl publish", kOperator, Worker::pki, true, {"dry_run"}, {}, &publish_crls},
      {"crl publish part",
       kOperator,
       Worker::pki,
       false,
       {"ca", "number", "offset"},
       {},
       &crl_part},
  };
}

}  // namespace tsp::ops
