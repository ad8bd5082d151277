#include <fmt/format.h>
#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "ops/open_input.h"
#include "ops/signing.h"
#include "pdf/draw.h"

namespace tsp::ops {
namespace {

// The words of a visible signature.
std::vector<std::string> appearance_lines(const SignDocuments& request,
                                          const Credential& credential, Time now) {
  std::string when = to_rfc3339(now);
  when[10] = ' ';
  std::vector<std::string> lines{credential.common_name, "Signed " + when.substr(0, 16) + " UTC"};
  if (!request.reason.empty()) lines.push_back(request.reason);
  if (!request.location.empty()) lines.push_back(request.location);
  return lines;
}

struct Size {
  double width = 0, height = 0;
};

// Where the appearance goes: the place asked for, or that of the existing field.
Size appearance_size(const World& world, const Work& work, const SignDocuments& request) {
  if (request.placement) return {request.placement->width, request.placement->height};
  if (request.field.empty()) return {};
  const auto inspection = pdf::inspect(*world.jail, work.input, work.receipt.input);
  for (const auto& field : inspection.empty_fields)
    if (field.name == request.field) return {field.width, field.height};
  return {};
}

// With a picture, a line that cannot be drawn is left to it: the signature's dictionary and the
// certificate say it anyhow.
std::vector<std::string> drawable(std::vector<std::string> lines) {
  lines.erase(
      std::remove_if(lines.begin(), lines.end(),
                     [](const std::string& line) { return !pdf::undrawable(line).empty(); }),
      lines.end());
  return lines;
}

// Draws each size once: several files with one placement share the drawing.
class Drawings {
 public:
  Drawings(const SignDocuments& request, std::vector<std::string> lines)
      : request_(request), lines_(std::move(lines)) {}

  const Bytes& of(const Size& size) {
    static const Bytes kNone;
    if (size.width <= 0 || size.height <= 0) return kNone;
    auto& drawn = drawn_[{size.width, size.height}];
    if (drawn.empty()) {
      auto lines = request_.image.empty() ? lines_ : drawable(lines_);
      drawn = pdf::draw_appearance({size.width, size.height, std::move(lines), request_.image, {}});
    }
    return drawn;
  }

 private:
  const SignDocuments& request_;
  std::vector<std::string> lines_;
  std::map<std::pair<double, double>, Bytes> drawn_;
};

pdf::SignatureOrder order_for(const World& world, const SignDocuments& request,
                              const SigningPlan& plan, Drawings& drawings, const Work& work) {
  pdf::SignatureOrder order;
  order.field = request.field;
  order.date = plan.now;
  order.name = plan.credential.common_name;
  order.reason = request.reason;
  order.location = request.location;
  order.contact = request.contact;
  order.certification = request.certification;
  order.placement = request.placement;
  order.appearance = drawings.of(appearance_size(world, work, request));
  return order;
}

// What fails before the HSM was asked.
Error unsigned_still(Error error) {
  if (error.next.find("not signed") == std::string::npos &&
      error.next.find("othing was signed") == std::string::npos)
    error.next += error.next.empty() ? "this file was not signed" : "; this file was not signed";
  return error;
}

ades::PreparedPdf prepare_for(const SigningPlan& plan, pdf::Preparation preparation,
                              const Fd& input, const std::string& name,
                              const pdf::SignatureOrder& order) {
  const Credential& credential = plan.credential;
  if (credential.certificate)
    return ades::prepare_pdf(std::move(preparation), input, name, order, plan.hash,
                             *credential.certificate, credential.chain, plan.with_timestamp());
  const auto algorithm = crypto::parse_key_algorithm(credential.algorithm);  // of make_plan()
  return ades::prepare_pdf(std::move(preparation), input, name, order, plan.hash,
                           ades::FutureSigner{algorithm.value(), credential.chain},
                           plan.with_timestamp());
}

pdf::Preparation begin(const World& world, const SignDocuments& request, const Fd& input,
                       const std::string& name, pdf::Turn turn = pdf::Turn::any) {
  return {*world.jail, input, name,
          request.allow_damaged ? pdf::Damaged::allow : pdf::Damaged::refuse, turn};
}

// Whether the first document's reading is all that is read: no second one, no field to look up, no
// revision after the signature's.
pdf::Turn turn_of_first(const SignDocuments& request) {
  const auto level = parse_level(request.level);
  const bool once = request.jail == SignDocuments::Jail::may_go && request.documents.size() == 1 &&
                    request.field.empty() && level && !parses_later(*level, request.long_term);
  return once ? pdf::Turn::last : pdf::Turn::any;
}

Work prepare_document(Backend& backend, const World& world, const SignDocuments& request,
                      const SigningPlan& plan, Drawings& drawings,
                      const SignDocuments::Document& document, std::optional<FirstDocument> first) {
  Work work = begin_work(plan, document.input, document.output);
  try {
    work.input = first ? std::move(first->input) : open_input(world, document.input);
    if (document.output != "-" && !request.dry_run && !request.only_prepare)
      work.output = std::make_unique<OutputFile>(
          document.output, request.force ? Existing::replace : Existing::refuse);
    pdf::Preparation preparation =
        first ? std::move(first->preparation) : begin(world, request, work.input, document.input);
    work.prepared = prepare_for(plan, std::move(preparation), work.input, document.input,
                                order_for(world, request, plan, drawings, work));
    work.receipt.pages = work.prepared->revision.pages;
  } catch (const Error& error) {
    if (error.fault == Fault::interrupted) throw;  // while standard input was read
    fail(work, unsigned_still(error.fault == Fault::policy_refused
                                  ? backend.refused(plan.credential, error)
                                  : error));
  }
  return work;
}

}  // namespace

std::string shown_name(const std::string& input) {
  return input == "-" ? "standard input" : printable(file_name_of(input));
}

Work begin_work(const SigningPlan& plan, const std::string& input, const std::string& output) {
  Work work;
  work.receipt.input = input;
  work.receipt.output = output;
  work.receipt.level = name_of(plan.level);
  work.receipt.key = plan.credential.key;
  work.receipt.scal = plan.credential.scal;
  work.receipt.certificate_serial = plan.credential.certificate_serial;
  return work;
}

void fail(Work& work, const Error& error) {
  work.prepared.reset();
  work.output.reset();
  work.input.close();
  const std::string next = error.next.empty() ? "no output was written" : error.next;
  // What names the file already needs no second sentence about it.
  const bool named = error.failed.find(work.receipt.input) != std::string::npos;
  work.receipt.error = named ? Error(error.fault, error.failed, error.why, next, error.audit_seq)
                             : Error(error.fault, "cannot sign " + work.receipt.input,
                                     error.message, next, error.audit_seq);
}

std::optional<FirstDocument> begin_first(const World& world, const SignDocuments& request) {
  if (request.documents.empty() || request.documents.front().input == "-") return std::nullopt;
  const std::string& name = request.documents.front().input;
  try {
    Fd input = open_input(world, name);
    pdf::Preparation preparation = begin(world, request, input, name, turn_of_first(request));
    return FirstDocument{std::move(input), std::move(preparation),
                         std::chrono::steady_clock::now()};
  } catch (const Error&) {
    return std::nullopt;  // met again in its turn
  }
}

std::vector<Work> prepare_documents(Backend& backend, const World& world,
                                    const SignDocuments& request, const SigningPlan& plan,
                                    std::optional<FirstDocument> first, const Progress& progress) {
  // Where the jail's clock runs, it is begun again after a person was asked.
  constexpr std::chrono::seconds kFresh{5};
  if (first && first->preparation.clock_runs() &&
      std::chrono::steady_clock::now() - first->since > kFresh)
    first.reset();
  Drawings drawings(request, appearance_lines(request, plan.credential, plan.now));
  std::vector<Work> works;
  for (const auto& document : request.documents) {
    world.stop_if_asked();
    works.push_back(prepare_document(backend, world, request, plan, drawings, document,
                                     std::exchange(first, std::nullopt)));
    if (progress) progress("prepared", works.size(), request.documents.size());
  }
  return works;
}

sam::Manifest manifest_of(const SigningPlan& plan, const std::vector<Work*>& works) {
  sam::Manifest manifest;
  manifest.hash = plan.hash;
  manifest.one_shot = plan.credential.one_shot;
  for (const Work* work : works)
    manifest.entries.push_back({shown_name(work->receipt.input), work->prepared->file_sha256,
                                work->prepared->content_digest, work->prepared->signed_attributes,
                                static_cast<std::uint32_t>(std::max(work->receipt.pages, 0))});
  return manifest;
}

}  // namespace tsp::ops
