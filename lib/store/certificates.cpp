#include "store/certificates.h"

#include "store/certificate_status.h"
#include "store/changed.h"
#include "store/settings.h"

namespace tsp::store {
namespace {

constexpr std::string_view kCertificateColumns =
    "serial, role, key_name, owner, issuer_serial, subject, profile, not_before, not_after, spki, "
    "der, state, revoked_at, reason, created_at";

std::string select_certificates(std::string_view rest) {
  return "SELECT " + std::string(kCertificateColumns) + " FROM certificates " + std::string(rest);
}

CertificateRow certificate_row(const Statement& row) {
  CertificateRow certificate;
  certificate.serial = row.text(0);
  certificate.role = row.text(1);
  certificate.key = row.text(2);
  certificate.owner = row.text(3);
  certificate.issuer_serial = row.text(4);
  certificate.subject = row.text(5);
  certificate.profile = row.text(6);
  certificate.not_before = row.time(7);
  certificate.not_after = row.time(8);
  certificate.spki = row.blob(9);
  certificate.der = row.blob(10);
  certificate.state = row.text(11);
  certificate.revoked_at = row.optional_time(12);
  certificate.reason = row.text(13);
  certificate.created_at = row.time(14);
  return certificate;
}

std::vector<CertificateRow> read_all(Statement rows) {
  std::vector<CertificateRow> certificates;
  while (rows.step()) certificates.push_back(certificate_row(rows));
  return certificates;
}

constexpr std::string_view kEpoch = "certificate-epoch";

void advance_epoch(Transaction& transaction) {
  next_value(transaction, kEpoch);
}

}  // namespace

std::int64_t certificate_epoch(Database& database) {
  Statement row = database.prepare("SELECT value FROM counters WHERE name = ?");
  return row.bind(kEpoch).step() ? row.integer(0) : 0;
}

void insert_certificate(Transaction& transaction, const CertificateRow& certificate) {
  transaction
      .prepare("INSERT INTO certificates (" + std::string(kCertificateColumns) +
               ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(certificate.serial)
      .bind(certificate.role)
      .bind(certificate.key)
      .bind(certificate.owner.empty() ? std::nullopt : std::optional(certificate.owner))
      .bind(certificate.issuer_serial)
      .bind(certificate.subject)
      .bind(certificate.profile)
      .bind(certificate.not_before)
      .bind(certificate.not_after)
      .bind(certificate.spki)
      .bind(certificate.der)
      .bind(certificate.state)
      .bind(certificate.revoked_at)
      .bind(certificate.reason)
      .bind(certificate.created_at)
      .run();
  advance_epoch(transaction);
}

void complete_certificate(Transaction& transaction, std::string_view serial, ByteView der) {
  transaction
      .prepare(
          "UPDATE certificates SET der = ?, state = 'valid' "
          "WHERE serial = ? AND state = 'reserved'")
      .bind(der)
      .bind(serial)
      .run();
  expect_changed(transaction.database(), "the reserved certificate", serial);
  advance_epoch(transaction);
}

void set_certificate_state(Transaction& transaction, std::string_view serial,
                           std::string_view state) {
  transaction
      .prepare("UPDATE certificates SET state = ?, revoked_at = NULL, reason = '' WHERE serial = ?")
      .bind(state)
      .bind(serial)
      .run();
  expect_changed(transaction.database(), "the certificate", serial);
  advance_epoch(transaction);
}

void revoke_certificate(Transaction& transaction, std::string_view serial, Time at,
                        std::string_view reason) {
  transaction
      .prepare(
          "UPDATE certificates SET state = 'revoked', revoked_at = ?, reason = ? "
          "WHERE serial = ?")
      .bind(at)
      .bind(reason)
      .bind(serial)
      .run();
  expect_changed(transaction.database(), "the certificate", serial);
  advance_epoch(transaction);
}

std::optional<CertificateRow> find_certificate(Database& database, std::string_view serial) {
  Statement row = database.prepare(select_certificates("WHERE serial = ?"));
  if (!row.bind(serial).step()) return std::nullopt;
  return certificate_row(row);
}

std::vector<CertificateRow> all_certificates(Database& database) {
  return read_all(database.prepare(select_certificates("ORDER BY created_at, serial")));
}

std::vector<CertificateRow> certificates_after(Database& database, std::string_view serial,
                                               std::size_t most) {
  Statement rows = database.prepare(select_certificates(
      serial.empty() ? "ORDER BY created_at, serial LIMIT ?"
                     : "WHERE (created_at, serial) > (SELECT created_at, serial FROM "
                       "certificates WHERE serial = ?) ORDER BY created_at, serial LIMIT ?"));
  if (!serial.empty()) rows.bind(serial);
  rows.bind(static_cast<std::int64_t>(most));
  return read_all(std::move(rows));
}

std::vector<CertificateRow> certificates_of(Database& database, std::string_view owner) {
  Statement rows =
      database.prepare(select_certificates("WHERE owner = ? ORDER BY created_at, serial"));
  rows.bind(owner);
  return read_all(std::move(rows));
}

std::vector<CertificateRow> certificates_of_key(Database& database, std::string_view key) {
  Statement rows =
      database.prepare(select_certificates("WHERE key_name = ? ORDER BY created_at, serial"));
  rows.bind(key);
  return read_all(std::move(rows));
}

std::vector<CertificateRow> certificates_of_spki(Database& database, ByteView spki) {
  Statement rows =
      database.prepare(select_certificates("WHERE spki = ? ORDER BY created_at, serial"));
  rows.bind(spki);
  return read_all(std::move(rows));
}

std::optional<CertificateRow> current_certificate(Database& database, std::string_view role) {
  Statement row = database.prepare(select_certificates(
      "WHERE role = ? AND state = 'valid' ORDER BY created_at DESC, serial DESC LIMIT 1"));
  if (!row.bind(role).step()) return std::nullopt;
  return certificate_row(row);
}

std::optional<CertificateRow> newest_certificate(Database& database, std::string_view role) {
  Statement row = database.prepare(select_certificates(
      "WHERE role = ? AND length(der) > 0 ORDER BY created_at DESC, serial DESC LIMIT 1"));
  if (!row.bind(role).step()) return std::nullopt;
  return certificate_row(row);
}

std::vector<CertificateRow> certificates_ending(Database& database, const ByEnd& after, Time until,
                                                std::chrono::milliseconds life, std::int64_t most) {
  Statement rows = database.prepare(
      select_certificates("WHERE (not_after, serial) > (?, ?) AND not_after <= ? AND state IN "
                          "('valid', 'external') AND not_after - not_before > ? "
                          "ORDER BY not_after, serial LIMIT ?"));
  rows.bind(after.not_after).bind(after.serial).bind(until).bind(life.count()).bind(most);
  return read_all(std::move(rows));
}

void revoked_of(Database& database, std::string_view issuer_serial,
                const std::function<void(const CertificateRow&)>& each) {
  Statement rows = database.prepare(
      select_certificates("WHERE issuer_serial = ? AND state = 'revoked' ORDER BY serial"));
  rows.bind(issuer_serial);
  while (rows.step()) each(certificate_row(rows));
}

}  // namespace tsp::store
