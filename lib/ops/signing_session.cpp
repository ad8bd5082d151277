#include "ops/signing_session.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/error.h"
#include "base/json.h"

namespace tsp::ops {
namespace {

constexpr std::string_view kSessionFormat = "tsp session 1";
constexpr JsonLimits kLimits{std::size_t{512} << 20, 8};

Error no_session(const std::string& path, std::string why) {
  return {Fault::bad_input, path + " is no signing session", std::move(why), "nothing was signed"};
}

Json json_of(const Work& work) {
  const ades::PreparedPdf& pdf = *work.prepared;
  const pdf::ByteRange& range = pdf.revision.byte_range;
  return {{"input", absolute_path(work.receipt.input)},
          {"output", absolute_path(work.receipt.output)},
          {"pages", pdf.revision.pages},
          {"file_sha256", to_hex(pdf.file_sha256)},
          {"content_digest", to_hex(pdf.content_digest)},
          {"signed_attributes", to_base64(pdf.signed_attributes)},
          {"field", pdf.revision.field},
          {"original_size", pdf.revision.original_size},
          {"byte_range", {range.first_end, range.second_begin, range.file_end}},
          {"revision", to_base64(pdf.revision.octets)},
          {"signature", to_base64(work.signature)},
          {"timestamp", to_base64(work.token)},
          {"audit_seq", work.receipt.audit_seq}};
}

Bytes base64_in(const Json& json, const char* member) {
  auto octets = from_base64(json.at(member).get<std::string>());
  if (!octets) throw Error(Fault::bad_input, std::string(member) + " is no base64");
  return std::move(*octets);
}

Bytes hex_in(const Json& json, const char* member) {
  auto octets = from_hex(json.at(member).get<std::string>());
  if (!octets) throw Error(Fault::bad_input, std::string(member) + " is no hex");
  return std::move(*octets);
}

Work work_of(const Json& json, crypto::HashAlgorithm hash) {
  Work work;
  work.receipt.input = json.at("input").get<std::string>();
  work.receipt.output = json.at("output").get<std::string>();
  work.receipt.audit_seq = json.at("audit_seq").get<std::int64_t>();
  work.signature = base64_in(json, "signature");
  if (json.contains("timestamp")) work.token = base64_in(json, "timestamp");
  ades::PreparedPdf pdf;
  pdf.hash = hash;
  pdf.file_sha256 = hex_in(json, "file_sha256");
  pdf.content_digest = hex_in(json, "content_digest");
  pdf.signed_attributes = base64_in(json, "signed_attributes");
  pdf.revision.field = json.at("field").get<std::string>();
  pdf.revision.pages = json.at("pages").get<int>();
  pdf.revision.original_size = json.at("original_size").get<std::uint64_t>();
  pdf.revision.octets = base64_in(json, "revision");
  const Json& range = json.at("byte_range");
  pdf.revision.byte_range.first_end = range.at(0).get<std::uint64_t>();
  pdf.revision.byte_range.second_begin = range.at(1).get<std::uint64_t>();
  pdf.revision.byte_range.file_end = range.at(2).get<std::uint64_t>();
  work.receipt.pages = pdf.revision.pages;
  work.prepared = std::move(pdf);
  return work;
}

// A credential for these documents alone: before it is made, and after.
void add_one_shot(Json& json, const SigningPlan& plan) {
  const Credential& credential = plan.credential;
  if (const auto& planned = credential.one_shot)
    json["one_shot"] = {{"subject", planned->subject},
                        {"algorithm", planned->algorithm},
                        {"seconds", planned->seconds},
                        {"scal", planned->scal}};
  if (plan.after == SigningPlan::Key::stays || !credential.certificate) return;
  json["algorithm"] = credential.algorithm;
  json["scal"] = credential.scal;
  json["certificates"] = {to_base64(credential.certificate->der())};
  for (const auto& each : credential.chain) json["certificates"].push_back(to_base64(each.der()));
}

void read_one_shot(const Json& json, Session& session) {
  if (json.contains("one_shot")) {
    const Json& planned = json.at("one_shot");
    session.one_shot = {planned.at("subject").get<std::string>(),
                        planned.at("algorithm").get<std::string>(),
                        planned.at("seconds").get<std::uint32_t>(), planned.at("scal").get<int>()};
  }
  if (!json.contains("certificates")) return;
  session.algorithm = json.at("algorithm").get<std::string>();
  session.scal = json.at("scal").get<int>();
  for (const Json& each : json.at("certificates")) {
    const auto der = from_base64(each.get<std::string>());
    if (!der) throw Error(Fault::bad_input, "a certificate of it is no base64");
    session.certificates.push_back(x509::Certificate::from_der(*der));
  }
}

// Of a document that failed: what was prepared of it stands in the file alone.
Json find_document(const Json& session, const Work& work) {
  for (const Json& document : session.at("documents"))
    if (document.at("input") == absolute_path(work.receipt.input)) return document;
  throw Error(Fault::bad_input, "a document of it is gone");
}

Json with_signature(Json document, const Work& work) {
  document["output"] = absolute_path(work.receipt.output);
  document["signature"] = to_base64(work.signature);
  document["timestamp"] = to_base64(work.token);
  document["audit_seq"] = work.receipt.audit_seq;
  return document;
}

Json read(const std::string& path) {
  const Fd fd = open_for_reading(path);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) throw_errno(errno, "cannot examine " + path);
  if (info.st_uid != ::geteuid() || (info.st_mode & 077) != 0)
    throw Error(Fault::policy_refused, "the session " + path + " is refused",
                "it is not ours alone", "chmod 600 " + path);
  Json json = parse_json(read_all(fd.get(), kLimits.size, path), path, kLimits);
  if (!json.is_object() || json.value("format", "") != kSessionFormat)
    throw no_session(path, "it does not say so");
  return json;
}

SessionRequest request_of(const Json& json) {
  SessionRequest out;
  out.request = base64_in(json, "request");
  out.answer = base64_in(json, "answer");
  for (const Json& question : json.at("questions")) {
    const auto octets = from_base64(question.get<std::string>());
    if (!octets) throw Error(Fault::bad_input, "a question is no base64");
    out.questions.push_back(sam::decode_question(*octets));
  }
  return out;
}

// What `act` makes of the JSON; whatever does not fit is no session.
template <class Act>
auto understood(const std::string& path, Act act) {
  try {
    return act();
  } catch (const Json::exception& error) {
    throw no_session(path, error.what());
  } catch (const Error& error) {
    if (error.fault != Fault::bad_input) throw;
    throw no_session(path, error.message);
  }
}

}  // namespace

std::string free_session_path(const std::string& output) {
  for (int n = 1;; ++n) {
    std::string path = n == 1 ? output + ".session" : fmt::format("{}.{}.session", output, n);
    if (!exists(path)) return path;
  }
}

void write_session(const std::string& path, const SigningPlan& plan,
                   const std::vector<const Work*>& works, const SessionRequest& request) {
  Json documents = Json::array(), questions = Json::array();
  for (const Work* work : works) documents.push_back(json_of(*work));
  for (const auto& question : request.questions)
    questions.push_back(to_base64(sam::encode(question)));
  Json json = {{"format", kSessionFormat},
               {"user", plan.credential.user},
               {"key", plan.credential.key},
               {"certificate_serial", plan.credential.certificate_serial},
               {"time", to_rfc3339(plan.now)},
               {"hash", crypto::name_of(plan.hash)},
               {"level", name_of(plan.level)},
               {"tsa", plan.long_term.tsa_urls},
               {"tsa_policy", plan.long_term.tsa_policy},
               {"vri", plan.long_term.vri == LongTermOptions::Vri::write},
               {"request", to_base64(request.request)},
               {"questions", questions},
               {"answer", to_base64(request.answer)},
               {"documents", documents}};
  add_one_shot(json, plan);
  write_file(path, as_bytes(dump(json) + "\n"), Existing::keep, 0600);
}

Session read_session(const std::string& path) {
  const Json json = read(path);
  return understood(path, [&] {
    Session session;
    session.user = json.at("user").get<std::string>();
    session.key = json.at("key").get<std::string>();
    session.certificate_serial = json.at("certificate_serial").get<std::string>();
    session.level = json.at("level").get<std::string>();
    session.long_term.tsa_urls = json.at("tsa").get<std::vector<std::string>>();
    session.long_term.tsa_policy = json.value("tsa_policy", "");
    if (json.value("vri", false)) session.long_term.vri = LongTermOptions::Vri::write;
    const auto hash = crypto::parse_hash(json.at("hash").get<std::string>());
    const auto time = from_rfc3339(json.at("time").get<std::string>());
    if (!hash || !time || !parse_level(session.level))
      throw Error(Fault::bad_input, "its hash, time or level is not understood");
    session.hash = *hash;
    session.now = *time;
    read_one_shot(json, session);
    for (const Json& document : json.at("documents"))
      session.works.push_back(work_of(document, *hash));
    session.request = request_of(json);
    return session;
  });
}

bool keep_session(const std::string& path, const SigningPlan& plan,
                  const std::vector<Work>& works) {
  Json json = read(path);
  return understood(path, [&] {
    Json left = Json::array();
    for (std::size_t at = 0; at < works.size(); ++at) {
      const Work& work = works[at];
      const bool lost = work.signature.empty() && plan.after == SigningPlan::Key::goes &&
                        !plan.credential.one_shot;  // its key was made, and is gone
      if ((!work.prepared && !work.receipt.error) || lost) continue;
      left.push_back(work.prepared ? json_of(work)
                                   : with_signature(find_document(json, work), work));
    }
    if (left.empty()) {
      ::unlink(path.c_str());
      return false;
    }
    json["documents"] = std::move(left);
    json["key"] = plan.credential.key;
    json["certificate_serial"] = plan.credential.certificate_serial;
    json["tsa"] = plan.long_term.tsa_urls;
    json["tsa_policy"] = plan.long_term.tsa_policy;
    json.erase("one_shot");
    add_one_shot(json, plan);
    write_file(path, as_bytes(dump(json) + "\n"), Existing::replace, 0600);
    return true;
  });
}

std::vector<sam::DeviceQuestion> session_questions(const std::string& path) {
  const Json json = read(path);
  const SessionRequest request = understood(path, [&] { return request_of(json); });
  if (request.questions.empty())
    throw Error(Fault::bad_input, "the session " + path + " asks no device");
  return request.questions;
}

void put_answer(const std::string& path, ByteView answer) {
  Json json = read(path);
  if (!json.value("answer", "").empty())
    throw Error(Fault::already_exists, "the session " + path + " has an answer", "",
                "finish it with tsp sign --resume " + path);
  json["answer"] = to_base64(answer);
  write_file(path, as_bytes(dump(json) + "\n"), Existing::replace, 0600);
}

}  // namespace tsp::ops
