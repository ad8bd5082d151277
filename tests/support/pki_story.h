// A small public key infrastructure and the people in it, for tests that read like a story:
//
//     Story story;
//     const auto contract = story.anna_signs(story.paper(), "2025-03-01T10:00:00Z", Stamped::yes);
//     story.revokes_anna("2025-04-01T00:00:00Z");
//     CHECK(story.verdict(contract, "2025-05-01T00:00:00Z") == "TOTAL-PASSED");
//
// Root and issuing authority live from 2020 to 2049, the time-stamping unit from 2024 to 2035, Anna
// from 2025-01-01 to 2025-12-31, Bert (RSA-3072) as long, Clara to 2039. Another root (P-384)
// issued another time-stamping unit; both live from 2024 to 2049. Keys are made once a process.
#pragma once

#include <functional>
#include <memory>

#include "ades/pades.h"
#include "jail/jail.h"
#include "support/certificates.h"
#include "support/command.h"
#include "validation/validate_pdf.h"

namespace tsp::test {

enum class Stamped { no, yes };
// What the validator is given besides the document.
enum class Evidence { current, none };

jail::Jail& jail();  // one for the whole program
Time at(std::string_view rfc3339);

class Story {
 public:
  Story();

  const Holder& root() const;
  const Holder& issuing() const;
  const Holder& unit() const;
  const Holder& anna() const;
  const Holder& bert() const;
  const Holder& clara() const;
  const Holder& other_root() const;
  const Holder& other_unit() const;

  // A one-page agreement that nobody has signed.
  static Bytes paper();

  struct Wish {
    const Holder* signer = nullptr;
    Time time{};
    Stamped stamped = Stamped::no;
    std::optional<Time> stamp_time{};  // else `time`
    crypto::HashAlgorithm hash = crypto::HashAlgorithm::sha256;
    std::string field{};
    std::optional<int> certification{};
    bool allow_damaged = false;
    // What becomes the time-stamp token instead of an honest one.
    std::function<Bytes(ByteView signature)> forged_stamp{};
    const Holder* unit = nullptr;  // else unit()
    // Further signed attributes (DER), made of the content's digest.
    std::function<std::vector<Bytes>(ByteView digest)> more_attributes{};
    std::string sub_filter{};                          // else ETSI.CAdES.detached
    std::function<Bytes(const Bytes& cms)> closing{};  // what becomes of the CMS at last
    const Holder* embedded = nullptr;  // whose certificate the CMS carries instead of the signer's
  };
  Bytes sign(ByteView document, const Wish& wish) const;
  Bytes anna_signs(ByteView document, std::string_view time, Stamped stamped = Stamped::no) const;
  Bytes bert_signs(ByteView document, std::string_view time, Stamped stamped = Stamped::no) const;
  // A document time-stamp over everything so far, by unit() where no other is named.
  Bytes stamps(ByteView document, std::string_view time, const Holder* unit = nullptr) const;
  Bytes token_over(ByteView value, crypto::HashAlgorithm hash, Time time,
                   const Holder* unit = nullptr) const;
  Bytes token_of(Bytes imprint, crypto::HashAlgorithm hash, Time time,
                 const Holder* unit = nullptr) const;
  // Certificates and CRLs of that moment into the document's security store.
  Bytes keeps(ByteView document, std::string_view time) const;
  // Signs at 10:00 of that day, time-stamps, keeps evidence of 10:05, and archives at 10:10, as far
  // as the level asks for ("B-B", "B-T", "B-LT", "B-LTA").
  Bytes at_level(std::string_view level, const Holder& signer, std::string_view day,
                 const Holder* unit = nullptr) const;

  // From now on every CRL of the issuing authority says so.
  void revokes_anna(std::string_view since, std::string reason = "keyCompromise");
  void revokes_unit(std::string_view since);
  void revokes_issuing(std::string_view since, std::string reason = "cACompromise");
  // DER of CRLs made at that time, good for three days (the root's for half a year).
  Bytes crl_of_issuing(Time made) const;
  Bytes crl_of_root(Time made) const;
  Bytes crl_of_other_root(Time made) const;

  // Trusts both roots; CRLs made an hour before `time` where evidence is current.
  validation::Context context(std::string_view time, Evidence evidence = Evidence::current) const;
  validation::Report report(ByteView document, validation::Context& context) const;
  validation::Report report(ByteView document, std::string_view time,
                            Evidence evidence = Evidence::current) const;
  // "TOTAL-PASSED", or "INDETERMINATE TRY_LATER".
  std::string verdict(ByteView document, std::string_view time,
                      Evidence evidence = Evidence::current) const;

 private:
  std::vector<x509::RevokedEntry> revoked_, revoked_authorities_;
};

std::string verdict_of(validation::Indication indication, const std::string& sub_indication);
bool has_finding(const validation::SignatureResult& signature, std::string_view id);

}  // namespace tsp::test
