// Encrypting the strings and streams of a revision the way the document does, and back, ISO
// 32000-2 7.6: RC4 and AES-128 with a key for each object (R2 to R4), AES-256 with the file's key
// (R5, R6). Old algorithms only because the document chose them; nothing of ours rests on their
// strength.
#pragma once

#include <optional>
#include <string>

#include "pdf/reading/qpdf_headers.h"

namespace tsp::pdf {

class Encryption {
 public:
  Encryption() = default;  // changes nothing
  // Of an opened document, which may be unencrypted. Error{bad_input} for a method that is not
  // known. `name` is the document's, for messages.
  Encryption(QPDF& document, const std::string& name);

  std::string string(const std::string& plain, QPDFObjGen owner) const;
  std::string stream(const std::string& plain, QPDFObjGen owner) const;
  // What stands encrypted in the document, in clear. Nothing for what is no AES text: some readers
  // take it for plain, others for nothing or for what its blocks become.
  std::optional<std::string> plain_string(const std::string& octets, QPDFObjGen owner) const;
  std::optional<std::string> plain_stream(const std::string& octets, QPDFObjGen owner) const;
  bool changes_strings() const { return strings_ != QPDF::e_none; }

 private:
  std::string apply(QPDF::encryption_method_e method, const std::string& plain,
                    QPDFObjGen owner) const;
  std::optional<std::string> undo(QPDF::encryption_method_e method, const std::string& octets,
                                  QPDFObjGen owner) const;
  std::string key_for(QPDF::encryption_method_e method, QPDFObjGen owner) const;
  QPDF::encryption_method_e strings_ = QPDF::e_none, streams_ = QPDF::e_none;
  int version_ = 0, revision_ = 0;
  std::string key_;
};

}  // namespace tsp::pdf
