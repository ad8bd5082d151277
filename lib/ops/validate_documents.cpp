#include "ops/validate_documents.h"

#include <algorithm>
#include <filesystem>
#include <future>

#include "base/error.h"
#include "base/files.h"
#include "base/signals.h"
#include "ops/collect_evidence.h"
#include "ops/named_certificates.h"
#include "ops/open_input.h"
#include "validation/coverage.h"
#include "validation/validate_pdf.h"

namespace tsp::ops {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kListExpired = "trust.list-expired";  // a finding's id
constexpr std::size_t kLargestPolicy = std::size_t{1} << 20;

std::vector<std::string> files_in(const std::string& folder, const std::string& extension) {
  std::vector<std::string> out;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.is_regular_file(error) && entry.path().extension() == extension)
      out.push_back(entry.path().string());
  std::ranges::sort(out);
  return out;
}

void trust(validation::Context& context, const std::vector<std::string>& paths) {
  for (x509::Certificate& certificate : named_certificates(paths))
    context.anchors.add(std::move(certificate));
}

// What the TSP of HOME has published, from its files: neither store nor HSM is opened.
void add_home(validation::Context& context, const Home& home) {
  const std::string root = home.certificate("root");
  if (exists(root)) trust(context, {root});
  for (const std::string& file : files_in(home.certificates(), ".pem"))
    for (x509::Certificate& certificate : certificates_of_file(file))
      context.evidence.certificates.push_back(std::move(certificate));
  for (const std::string& file : files_in(directory_of(home.crl("root")), ".crl"))
    context.evidence.crls.push_back(x509::Crl::from_der(read_file(file, kLargestCrl)));
}

void add_own(validation::Context& context, const OwnEvidence& own) {
  if (!own.authorities.empty()) context.anchors.add(own.authorities.back());
  for (const x509::Certificate& certificate : own.authorities)
    context.evidence.certificates.push_back(certificate);
  for (const Bytes& crl : own.crls) context.evidence.crls.push_back(x509::Crl::from_der(crl));
}

// What was changed after the earliest signed revision, found out in the jail while signatures are
// judged here.
class ChangesAhead {
 public:
  ChangesAhead(const World& world, const Fd& file, const std::string& name,
               const pdf::Inspection& inspection)
      : read_([&world, &file, name](std::uint64_t end) {
          return pdf::changes_after(*world.jail, file, name, end);
        }),
        end_(validation::ChangeLog::beginning(inspection)) {
    if (!end_ || std::thread::hardware_concurrency() < 2) return;
    const SignalsBlocked for_the_thread;
    ahead_ = std::async(std::launch::async, read_, *end_);
  }
  std::vector<pdf::Change> after(std::uint64_t end) {
    return ahead_.valid() && end == end_ ? ahead_.get() : read_(end);
  }

 private:
  std::function<std::vector<pdf::Change>(std::uint64_t)> read_;
  std::optional<std::uint64_t> end_;
  std::future<std::vector<pdf::Change>> ahead_;
};

}  // namespace

std::shared_ptr<const validation::Context> prepare_validation(const World& world,
                                                              const ValidateDocument& request) {
  validation::Context context;
  context.at = request.at.value_or(world.clock.now());
  context.evidence.proof = world.clock.now();
  if (request.policy) context.policy = *request.policy;
  if (request.kept_trust) context.anchors = request.kept_trust->store;
  trust(context, request.trust);
  if (request.home) add_home(context, *request.home);
  if (request.own) add_own(context, *request.own);
  return std::make_shared<const validation::Context>(std::move(context));
}

validation::Policy load_validation_policy(const std::string& path) {
  const Bytes text = read_file(path, kLargestPolicy);
  return validation::parse_policy(yaml::parse(as_text(text), path));
}

validation::Report validate_document(const World& world, const ValidateDocument& request) {
  if (world.jail == nullptr)
    throw Error(Fault::failed, "cannot validate " + request.file, "documents are not read here");
  const std::string name = request.file == "-" ? "standard input" : request.file;
  const Fd file = open_input(world, request.file);
  validation::Context context =
      *(request.prepared ? request.prepared : prepare_validation(world, request));
  std::optional<FetchedEvidence> fetched;
  if (!request.offline && world.fetcher != nullptr)
    context.source = &fetched.emplace(*world.fetcher);

  const pdf::Inspection inspection = pdf::inspect(*world.jail, file, name);
  const MappedFile octets(file, name);
  if (octets.view().size() != inspection.size)
    throw Error(Fault::bad_input, "cannot validate " + name, "it changed while it was read",
                "try again when nobody writes to it");
  ChangesAhead changes(world, file, name, inspection);
  const validation::PdfUnderValidation document{
      request.file, octets.view(), inspection,
      [&](std::uint64_t end) { return changes.after(end); }};
  validation::Report report = validation::validate_pdf(document, context);
  report.at = context.at;
  if (request.kept_trust)
    for (const std::string& list : request.kept_trust->expired)
      report.findings.push_back(
          {validation::Severity::warning, std::string(kListExpired),
           "the trusted list " + list + " is out of date and was not used; tsp trust update"});
  return report;
}

}  // namespace tsp::ops
