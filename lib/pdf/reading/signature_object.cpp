#include "pdf/reading/signature_object.h"

#include <fmt/format.h>

namespace tsp::pdf {
namespace {

std::string doc_mdp(int permissions) {
  return fmt::format(
      "<</Type/SigRef/TransformMethod/DocMDP/TransformParams"
      "<</Type/TransformParams/P {}/V/1.2>>>>",
      permissions);
}

const char* action_name(FieldLock::Action action) {
  switch (action) {
    case FieldLock::Action::include:
      return "/Include";
    case FieldLock::Action::exclude:
      return "/Exclude";
    default:
      return "/All";
  }
}

std::string field_mdp(const FieldLock& lock, const ObjectWriter& writer, QPDFObjGen catalog) {
  std::string names;
  if (lock.action != FieldLock::Action::all) {
    for (const std::string& field : lock.fields) names += writer.text(field);
    names = "/Fields[" + names + "]";
  }
  return fmt::format(
      "<</Type/SigRef/TransformMethod/FieldMDP/Data {}/TransformParams"
      "<</Type/TransformParams/Action{}{}/V/1.2>>>>",
      reference(catalog), action_name(lock.action), names);
}

std::string references(const SignatureOrder& order, const std::optional<FieldLock>& lock,
                       const ObjectWriter& writer, QPDFObjGen catalog) {
  std::string out;
  if (order.certification)
    out += doc_mdp(*order.certification);
  else if (lock && lock->permissions)
    out += doc_mdp(*lock->permissions);
  if (lock) out += field_mdp(*lock, writer, catalog);
  return out.empty() ? out : "/Reference[" + out + "]\n";
}

}  // namespace

SignatureObject signature_object(const SignatureOrder& order, const std::optional<FieldLock>& lock,
                                 const ObjectWriter& writer, QPDFObjGen catalog) {
  SignatureObject out;
  std::string& body = out.body;
  body = fmt::format("<</Type/{}/Filter/Adobe.PPKLite/SubFilter/{}\n/ByteRange", order.type,
                     order.sub_filter);
  out.byte_range_at = body.size();
  body += std::string(kByteRangeWidth, ' ') + "\n/Contents";
  out.contents_at = body.size();
  body += "<" + std::string(order.contents_size * 2, '0') + ">\n";
  if (order.date) body += "/M" + writer.octets("D:" + to_generalized_time(*order.date)) + "\n";
  const auto add = [&](const char* key, const std::string& text) {
    if (!text.empty()) body += key + writer.text(text) + "\n";
  };
  add("/Name", order.name);
  add("/Reason", order.reason);
  add("/Location", order.location);
  add("/ContactInfo", order.contact);
  body += references(order, lock, writer, catalog) + ">>";
  return out;
}

}  // namespace tsp::pdf
