// PDF objects as octets, ISO 32000-1 7.3, with what changes in them.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "pdf/reading/encryption.h"

namespace tsp::pdf {

// Values, already written, that replace or join a dictionary's; keys with their slash.
using Overrides = std::map<std::string, std::string>;

// Writes for one object, whose number decides how its strings are encrypted. Everything that the
// object has is written again; references stay references, through `renumber` where it is given.
class ObjectWriter {
 public:
  using Renumber = std::function<std::string(QPDFObjGen)>;
  ObjectWriter(const Encryption& encryption, QPDFObjGen owner, Renumber renumber = {})
      : encryption_(encryption), owner_(owner), renumber_(std::move(renumber)) {}

  std::string value(QPDFObjectHandle object) const;
  std::string dictionary(QPDFObjectHandle object, const Overrides& overrides) const;
  // The members and, behind them, `more`.
  std::string array(QPDFObjectHandle object, const std::string& more = {}) const;
  std::string octets(const std::string& string) const;  // a string object
  std::string text(const std::string& utf8) const;      // a text string (7.9.2.2)
  // A stream of these octets, which are encrypted here; `entries` without /Length.
  std::string stream(Overrides entries, const std::string& data) const;

 private:
  std::string nested(QPDFObjectHandle object) const;
  const Encryption& encryption_;
  QPDFObjGen owner_;
  Renumber renumber_;
};

std::string reference(QPDFObjGen object);
std::string name_object(const std::string& name);  // "/Name", escaped

}  // namespace tsp::pdf
