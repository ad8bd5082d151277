#include "pdf/reading/open.h"

#include <qpdf/QPDFExc.hh>

#include "base/text.h"
#include "pdf/reading/qpdf_source.h"

namespace tsp::pdf {
namespace {

constexpr std::size_t kMessageLimit = 65536;

std::unique_ptr<QPDF> read_objects(int file, const std::string& name, std::uint64_t end,
                                   std::string_view tail, bool recover) {
  auto pdf = std::make_unique<QPDF>();
  pdf->setSuppressWarnings(true);
  pdf->setAttemptRecovery(recover);
  pdf->processInputSource(std::make_shared<DescriptorSource>(file, name, end, tail));
  if (!pdf->getRoot().isDictionary()) throw std::runtime_error("it has no catalog");
  return pdf;
}

bool is_password(const std::exception& error) {
  const auto* exc = dynamic_cast<const QPDFExc*>(&error);
  return exc != nullptr && exc->getErrorCode() == qpdf_e_password;
}

std::string detail_of(const std::exception& error) {
  const auto* exc = dynamic_cast<const QPDFExc*>(&error);
  return printable(exc != nullptr ? exc->getMessageDetail() : error.what());
}

}  // namespace

std::string cannot_read(const std::string& name) {
  return "cannot read " + name;
}

Error damaged_error(const std::string& name, const std::string& why) {
  return {Fault::bad_input, cannot_read(name), "it is damaged: " + why,
          "nothing was changed; ask for a sound copy of the document"};
}

void rethrow_qpdf(const std::string& name) {
  try {
    throw;
  } catch (const std::exception& error) {
    if (is_password(error))
      throw Error(Fault::policy_refused, cannot_read(name), "a password is needed to open it",
                  "nothing was changed; take the password off with its owner's consent");
    throw damaged_error(name, detail_of(error));
  } catch (...) {
    throw damaged_error(name, "reading it failed");
  }
}

std::unique_ptr<Opened> open_document(int file, const std::string& name, Repair repair,
                                      std::uint64_t end, std::string_view tail) {
  auto opened = std::make_unique<Opened>(file, name, end, tail);
  opened->frame = read_frame(opened->window, name);
  if (opened->frame.damage.empty()) {
    try {
      opened->objects = read_objects(file, name, end, tail, false);
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& error) {
      if (is_password(error)) rethrow_qpdf(name);
      opened->frame.damage = detail_of(error);
    }
  }
  if (!opened->objects) {
    if (repair == Repair::refuse)
      throw Error(Fault::bad_input, "cannot sign " + name, "it is damaged: " + opened->frame.damage,
                  "nothing was changed; ask for a sound copy, or use --allow-damaged");
    opened->repaired = true;
    guarded(name, [&] { opened->objects = read_objects(file, name, end, tail, true); });
  }
  opened->complaints = opened->objects->numWarnings();
  return opened;
}

QPDFObjectHandle get(QPDFObjectHandle dictionary, const std::string& key) {
  return dictionary.isDictionary() ? dictionary.getKey(key) : QPDFObjectHandle::newNull();
}

std::optional<long long> integer_of(QPDFObjectHandle object) {
  if (!object.isInteger()) return std::nullopt;
  return object.getIntValue();
}

std::string name_of(QPDFObjectHandle object) {
  return object.isName() ? object.getName().substr(1) : std::string();
}

std::string text_of(QPDFObjectHandle object) {
  if (!object.isString()) return {};
  const std::string text = object.getUTF8Value();
  if (text.size() > kMessageLimit) return {};
  return is_utf8(text) ? text : to_utf8(code_points(text));
}

}  // namespace tsp::pdf
