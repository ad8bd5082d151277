// A store in a folder of its own that is gone with the test.
#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "base/files.h"
#include "store/rows.h"
#include "support/command.h"

namespace tsp::store {

// The fault that `act` ends in, by name; "none" when it ends well.
template <class Act>
std::string fault_of(Act act) {
  try {
    act();
  } catch (const Error& error) {
    return std::string(fault_row(error.fault).name);
  }
  return "none";
}

struct StoreFixture {
  test::Folder folder;
  std::string path = folder.file("store.db");
  std::unique_ptr<Database> database = Database::open(path, Database::Open::create);
  Time now = from_unix(1800000000);

  template <class Act>
  void commit(Act act) {
    Transaction transaction(*database);
    act(transaction);
    transaction.commit();
  }
  template <class Act>
  std::string refused(Act act) {
    return fault_of([&] { commit(act); });
  }
  void reopen(Database::Open how = Database::Open::existing) {
    database.reset();
    database = Database::open(path, how);
  }
  // The SQL that an intruder might run.
  void tamper(const std::string& sql) { database->prepare(sql).run(); }

  UserRow user(const std::string& name) {
    UserRow row;
    row.name = name;
    row.kind = "natural";
    row.common_name = name + " Example";
    row.state = "registered";
    row.created_at = now;
    return row;
  }
  KeyRow key(const std::string& id, const std::string& owner) {
    KeyRow row;
    row.id = id;
    row.owner = owner;
    row.algorithm = "ecdsa-p256";
    row.spki = to_bytes(as_bytes("spki of " + id));
    row.blob = to_bytes(as_bytes("wrapped " + id));
    row.link_mac = Bytes(32, 7);
    row.request = to_bytes(as_bytes("request of " + id));
    row.state = "active";
    row.created_at = now;
    return row;
  }
  CertificateRow certificate(const std::string& serial, const std::string& role) {
    CertificateRow row;
    row.serial = serial;
    row.role = role;
    row.key = "key of " + serial;
    row.not_before = now;
    row.not_after = now + std::chrono::hours(24);
    row.spki = to_bytes(as_bytes("spki of " + serial));
    row.state = "reserved";
    row.created_at = now;
    return row;
  }
};

}  // namespace tsp::store
