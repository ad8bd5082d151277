// PDFs from outside, read in the jail (ISO 32000-1/-2). What comes back was decoded as hostile.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "jail/jail.h"

namespace tsp::pdf {

// The signed stretches, ISO 32000-1 12.8.1. Offsets in octets, half-open.
struct ByteRange {
  std::uint64_t first_end = 0, second_begin = 0, file_end = 0;
  constexpr bool covers(std::uint64_t size, std::uint64_t gap_begin, std::uint64_t gap_end) const {
    return first_end == gap_begin && second_begin == gap_end && file_end == size &&
           first_end < second_begin && second_begin <= file_end;
  }
};

// SigFieldLock (12.7.5.5) or FieldMDP (12.8.2.4).
struct FieldLock {
  enum class Action { all, include, exclude };
  Action action = Action::all;
  std::vector<std::string> fields;
  std::optional<int> permissions;  // /P, PDF 2.0
};

// Whether a lock covers a field: a name covers the fields below it, too.
bool covers(const FieldLock& lock, const std::string& field);

// A signature or document time-stamp that stands in a field.
struct SignatureEntry {
  std::string field;  // fully qualified name
  std::string type;   // Sig, DocTimeStamp, or what is written
  std::string filter, sub_filter;
  std::vector<std::int64_t> raw_byte_range;  // as written
  std::optional<ByteRange> byte_range;  // when raw_byte_range is four sound numbers that begin at 0
  std::uint64_t gap_begin = 0,
                gap_end = 0;  // the /Contents token with its angle brackets, found in the
                              // raw bytes at the offset of the signature dictionary; 0,0 if not
  Bytes contents;             // decoded, with padding; as the file has it where a gap was found
  std::string name, reason, location, contact, date;  // UTF-8; date as written
  std::optional<int> certification;                   // DocMDP /P of this signature's own transform
  std::optional<FieldLock> field_mdp;
  std::optional<FieldLock> lock;  // of its field, which the signature should repeat as FieldMDP
  bool has_cert_key = false;      // /Cert: forbidden in PAdES
  bool visible = false;
  int page = 0;  // from 1; 0: on no page
};

struct EmptyField {
  std::string name;
  std::optional<FieldLock> lock;
  int page = 0;
  double x = 0, y = 0, width = 0, height = 0;
};

// One revision: a body, cross-reference section(s) and its %%EOF.
struct Revision {
  std::uint64_t startxref = 0;
  std::uint64_t end = 0;  // offset behind this revision's %%EOF (and its end of line)
};

// A stream of the security store.
struct DssItem {
  Bytes octets;  // decoded
  // Index into Inspection::revisions: the first that has the whole of it, so that a time-stamp over
  // that revision proves that the item existed.
  std::size_t revision = 0;
};

// What the store says belongs to one signature, by index into the lists below (EN 319 142-1
// 5.4.2.3).
struct Vri {
  std::string key;  // upper-case hex SHA-1 of the signature's /Contents, as written
  std::vector<std::uint64_t> certificates, ocsp_responses, crls;
};

// The document security store, EN 319 142-1 5.4.2: every stream that it or its VRI names, once.
struct Dss {
  std::vector<DssItem> certificates, ocsp_responses, crls;
  std::vector<Vri> vri;
};

struct Inspection {
  std::uint64_t size = 0;
  std::string version;  // "1.7": the greater of header and catalog
  int pages = 0;
  bool encrypted = false;
  bool damaged = false;                    // qpdf had to reconstruct, or startxref is unusable
  std::string damage;                      // what is wrong, for people
  std::vector<Revision> revisions;         // oldest first
  std::vector<SignatureEntry> signatures;  // in order of their byte ranges' ends
  std::vector<EmptyField> empty_fields;
  std::optional<int> certification;  // the document's DocMDP permission, through /Perms
  bool has_xfa = false;
  std::optional<Dss> dss;
};

// Error{bad_input} when it is not a PDF or cannot be read at all; {policy_refused} when a password
// is needed to open it.
Inspection inspect(jail::Jail& jail, const Fd& file, const std::string& name);

// The second half of inspect(): the parser's answer is held against the file, and each /Contents
// read from where it says, as it does not come out of the jail. Error{bad_input}, also where the
// signatures hold more than 256 MiB together.
Inspection accept_inspection(const Fd& file, const std::string& name, ByteView answer);

}  // namespace tsp::pdf
