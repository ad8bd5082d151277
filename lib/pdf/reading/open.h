// A PDF opened for reading inside the jail: its frame, read by us, and its objects, read by qpdf.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/error.h"
#include "pdf/raw_reader.h"
#include "pdf/reading/qpdf_headers.h"

namespace tsp::pdf {

enum class Repair { refuse, attempt };

struct Opened {
  std::string name;
  Window window;
  Frame frame;
  std::unique_ptr<QPDF> objects;
  bool repaired = false;       // qpdf had to reconstruct the cross-reference
  std::size_t complaints = 0;  // qpdf's warnings when opening

  Opened(int file, std::string name_, std::uint64_t end = kWholeFile, std::string_view tail = {})
      : name(std::move(name_)), window(file, end, tail) {}
  QPDFObjectHandle catalog() const { return objects->getRoot(); }
  // qpdf gave up something of an object that it read since.
  bool lost_something() const { return objects->numWarnings() > complaints; }
};

// Opens without repair first; when that fails, by Repair::attempt again with it, which sets
// `frame.damage`, or by Repair::refuse Error{bad_input}. Error{policy_refused} when a password is
// needed; Error{bad_input} when nothing can be read. The catalog is a dictionary afterwards.
// With `end`, one of its revisions: as if the file ended there. With `tail`, which must outlive
// what is returned, the document that another revision behind the file makes of it.
std::unique_ptr<Opened> open_document(int file, const std::string& name, Repair repair,
                                      std::uint64_t end = kWholeFile, std::string_view tail = {});

// The Error that stands for what qpdf threw.
Error damaged_error(const std::string& name, const std::string& why);
std::string cannot_read(const std::string& name);

// Runs `work`; qpdf's exceptions come out as Error{bad_input}, or {policy_refused} for a password.
template <class Work>
auto guarded(const std::string& name, Work&& work) -> decltype(work());

// qpdf's dictionaries, arrays and names without its warnings for what is of another type.
QPDFObjectHandle get(QPDFObjectHandle dictionary, const std::string& key);  // null when absent
std::optional<long long> integer_of(QPDFObjectHandle object);
std::string name_of(QPDFObjectHandle object);  // without the slash; empty when it is no name
std::string text_of(QPDFObjectHandle object);  // UTF-8; empty when it is no string

[[noreturn]] void rethrow_qpdf(const std::string& name);
template <class Work>
auto guarded(const std::string& name, Work&& work) -> decltype(work()) {
  try {
    return work();
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (...) {
    rethrow_qpdf(name);
  }
}

}  // namespace tsp::pdf
