// The revision that adds validation data: the document security store, ISO 32000-2 12.8.4.3,
// EN 319 142-1 5.4.2.
//
//     /DSS << /Type /DSS /Certs [stream…] /OCSPs [stream…] /CRLs [stream…] /VRI << … >> >>
//     /VRI << /HEX << /Cert [stream…] /OCSP [stream…] /CRL [stream…] >> … >>
//
// What is in the store stays there; what it holds already, by content, is not put in again. Earlier
// octets of the file stay a verbatim prefix. Content is not judged: any octets can be put in.
#pragma once

#include "pdf/revision.h"

namespace tsp::pdf {

struct StoreOrder {
  std::vector<Bytes> certificates, ocsp_responses, crls;  // DER
  // One signature's entry: which of the above concern it, by index.
  struct Entry {
    std::string key;  // vri_key()
    std::vector<int> certificates, ocsp_responses, crls;
  };
  std::vector<Entry> entries;  // empty: no /VRI is written, what is there stays
};

struct StoreRevision {
  Bytes octets;  // appended behind offset `original_size`; empty: the store holds all of it
  std::uint64_t original_size = 0;
  int added = 0;  // streams
  // Where one was ordered: the revision of a document time-stamp behind this one.
  std::optional<PreparedRevision> stamp{};
};

// Upper-case hex of the SHA-1 of /Contents with its padding (ISO 32000-2, table 262).
std::string vri_key(ByteView contents);

// Plans the revision in the jail. Errors: {bad_input} damaged, the store is malformed, or would
// hold more than kStoreLimit octets or entries; {policy_refused} password needed; {usage} an index
// that is none.
// `stamp`: a document time-stamp over the result is planned in the same visit; of it the same is
// promised as by prepare().
inline constexpr std::size_t kStoreLimit = std::size_t{12} << 20;
StoreRevision add_to_store(jail::Jail& jail, const Fd& file, const std::string& name,
                           const StoreOrder& order,
                           const std::optional<SignatureOrder>& stamp = std::nullopt);

}  // namespace tsp::pdf
