// Signed PDFs laid out as the European Commission's DSS library lays them out (PAdES by PDFBox):
// a /VRI beside the lists, with /TU or /TS or without, lists and entries in objects of their own or
// in place, streams plain or deflated, a new /DSS dictionary with every revision or the old one
// replaced. Signatures and time-stamps themselves are a Story's.
#pragma once

#include <map>

#include "support/pki_story.h"
#include "support/security_store.h"

namespace tsp::test {

struct EuDssShape {
  const char* name = "";
  bool entries = true;          // /VRI, one entry a signature and time-stamp
  bool tu = false, ts = false;  // in each entry
  bool lists_apart = false;     // each list is an object of its own
  bool entries_apart = false;   // /VRI and each entry are
  bool deflated = false;        // the streams
  bool replaced = false;        // the /DSS of before, instead of a new one
  bool extension = false;       // /Extensions of the catalog names ESIC
};
std::vector<EuDssShape> eu_dss_shapes();

class EuDss {
 public:
  EuDss(const Story& story, EuDssShape shape);
  const Bytes& document() const { return document_; }
  void sign(const Story::Wish& wish);
  void stamp(std::string_view time, const Holder* unit = nullptr);
  // A revision with all certificates and the lists of that moment; what was kept before stays.
  void keep(std::string_view time);

 private:
  struct Entry {
    std::vector<int> certificates, crls;
    std::string time;
  };
  int add_stream(std::map<int, std::string>& objects, const Bytes& octets);
  std::string list(std::map<int, std::string>& objects, const std::vector<int>& members);
  std::string apart(std::map<int, std::string>& objects, bool wanted, const std::string& body);
  std::string entry(std::map<int, std::string>& objects, const std::string& key, const Entry& each);

  const Story& story_;
  EuDssShape shape_;
  Bytes document_;
  int next_ = 0, store_ = 0;
  std::map<Bytes, int> streams_;  // by content
  std::vector<int> certificates_, crls_;
  std::map<std::string, Entry> entries_;
};

}  // namespace tsp::test
