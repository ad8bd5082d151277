#include "fixture.h"

using namespace tsp;
using namespace tsp::test;
using trust::Service;
using trust::TrustStore;

namespace {

Time day(const char* date) {
  return *from_rfc3339(date);
}

// The root, trusted for certificates from 2021 to 2025 and again from 2026 on.
TrustStore with_terms() {
  TrustStore store;
  store.add(root().certificate(), {Service::certificates, day("2021-01-01"), day("2025-01-01")});
  store.add(root().certificate(), {Service::certificates, day("2026-01-01")});
  return store;
}

bool leads_there(const TrustStore& store, Time at, trust::Usage usage = trust::Usage::any) {
  trust::PathRules rules;
  rules.usage = usage;
  return trust::verify_path(signer().certificate(), {issuing().certificate()}, store, at, rules).ok;
}

}  // namespace

TEST_CASE("an anchor counts while a term runs, the end not included") {
  const TrustStore store = with_terms();
  CHECK_FALSE(leads_there(store, day("2020-12-31")));
  CHECK(leads_there(store, day("2021-01-01")));
  CHECK_FALSE(leads_there(store, day("2025-01-01")));
  CHECK(leads_there(store, day("2026-06-01")));
}

TEST_CASE("an anchor for signers is none for time-stamping units") {
  const Holder tsu({"TEST TSU", tsu_extensions()}, root());
  const auto judged = [&](const TrustStore& store) {
    trust::PathRules rules;
    rules.usage = trust::Usage::timestamping;
    return trust::verify_path(tsu.certificate(), {}, store, kNow, rules).ok;
  };
  CHECK_FALSE(judged(with_terms()));
  TrustStore store;
  store.add(root().certificate(), {Service::timestamps, day("2021-01-01")});
  CHECK(judged(store));
  CHECK_FALSE(leads_there(store, kNow));
}

TEST_CASE("a time-stamping unit may itself be the anchor") {
  const Holder tsu({"TEST TSU", tsu_extensions()}, root());
  TrustStore store;
  store.add(tsu.certificate(), {Service::timestamps, day("2021-01-01")});
  trust::PathRules rules;
  rules.usage = trust::Usage::timestamping;
  CHECK(trust::verify_path(tsu.certificate(), {}, store, kNow, rules).ok);
}

TEST_CASE("an anchor that is trusted as it is always counts, terms or not") {
  TrustStore first = with_terms();
  first.add(root().certificate());
  CHECK(leads_there(first, day("2025-06-01")));
  TrustStore then({root().certificate()});
  then.add(root().certificate(), {Service::timestamps, day("2021-01-01")});
  CHECK(leads_there(then, day("2025-06-01")));
  CHECK_FALSE(then.has_terms());
  CHECK(then.anchors().size() == 1);
}

TEST_CASE("the sunset of an anchor is the end of its last term") {
  TrustStore store;
  store.add(root().certificate(), {Service::certificates, day("2024-01-01"), day("2025-01-01")});
  store.add(root().certificate(), {Service::certificates, day("2021-01-01"), day("2022-01-01")});
  CHECK(store.sunset(root().certificate(), Service::certificates) == day("2025-01-01"));
  CHECK_FALSE(store.sunset(root().certificate(), Service::timestamps));
  CHECK_FALSE(with_terms().sunset(root().certificate(), Service::certificates));
}
