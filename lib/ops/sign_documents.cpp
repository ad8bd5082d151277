#include "ops/sign_documents.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fmt/format.h>
#include <algorithm>
#include <cerrno>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "pdf/draw.h"

namespace tsp::ops {
namespace {

constexpr std::size_t kLargestPiped = std::size_t{1} << 30;

// One document on its way: opened and prepared before any factor is asked.
struct Work {
  Fd input;
  std::unique_ptr<OutputFile> output;
  std::optional<ades::PreparedPdf> prepared;
  SignedDocument receipt;
};

// Standard input as a file without a name.
Fd from_standard_input(const World& world) {
  const Bytes all = read_all(STDIN_FILENO, kLargestPiped, "standard input", world.stop);
  Fd fd(::memfd_create("tsp-input", MFD_CLOEXEC));
  if (!fd) throw_errno(errno, "cannot keep standard input");
  write_all(fd.get(), all, "standard input");
  return fd;
}

std::string name_of(const std::string& input) {
  return input == "-" ? "standard input" : printable(file_name_of(input));
}

// The words of a visible signature.
std::vector<std::string> lines_of(const SignDocuments& request, const Credential& credential,
                                  Time now) {
  std::string when = to_rfc3339(now);
  when[10] = ' ';
  std::vector<std::string> lines{credential.certificate.common_name(),
                                 "Signed " + when.substr(0, 16) + " UTC"};
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

class Signing {
 public:
  Signing(Backend& backend, const World& world, const SignDocuments& request)
      : backend_(backend),
        world_(world),
        request_(request),
        now_(whole_seconds(world.clock.now())),
        credential_(backend.credential(request.user, request.key)),
        drawings_(request, lines_of(request, credential_, now_)) {
    const auto algorithm = crypto::parse_key_algorithm(credential_.algorithm);
    if (!algorithm)
      throw Error(Fault::tampered, "the key " + credential_.key + " has an unknown algorithm");
    scheme_ = crypto::scheme_for(*algorithm, crypto::Purpose::document);
    manifest_.hash = request.hash.value_or(crypto::default_hash(*algorithm));
  }

  std::vector<SignedDocument> run(const AskFactors& ask, const Progress& progress) {
    backend_.get_ready();
    for (const auto& document : request_.documents) {
      world_.stop_if_asked();
      works_.push_back(prepare(document));
      if (progress) progress("prepared", works_.size(), request_.documents.size());
    }
    std::vector<Work*> ready;
    for (Work& work : works_) {
      if (!work.prepared) continue;
      ready.push_back(&work);
      manifest_.entries.push_back({name_of(work.receipt.input), work.prepared->file_sha256,
                                   work.prepared->content_digest,
                                   work.prepared->signed_attributes});
    }
    if (!ready.empty()) {
      backend_.check(credential_, manifest_);
      if (!request_.dry_run) sign(ready, ask, progress);
    }
    std::vector<SignedDocument> receipts;
    for (Work& work : works_) receipts.push_back(std::move(work.receipt));
    return receipts;
  }

 private:
  bool with_timestamp() const { return request_.level != "B-B"; }

  Work prepare(const SignDocuments::Document& document) {
    Work work;
    work.receipt.input = document.input;
    work.receipt.output = document.output;
    work.receipt.level = request_.level;
    work.receipt.key = credential_.key;
    work.receipt.scal = credential_.scal;
    work.receipt.certificate_serial = credential_.certificate_serial;
    try {
      work.input =
          document.input == "-" ? from_standard_input(world_) : open_for_reading(document.input);
      if (document.output != "-" && !request_.dry_run)
        work.output = std::make_unique<OutputFile>(
            document.output, request_.force ? Existing::replace : Existing::refuse);
      work.prepared = ades::prepare_pdf(*world_.jail, work.input, document.input, order_for(work),
                                        manifest_.hash, credential_.certificate, credential_.chain,
                                        with_timestamp());
    } catch (const Error& error) {
      if (error.fault == Fault::interrupted) throw;  // while standard input was read
      fail(work,
           error.fault == Fault::policy_refused ? backend_.refused(credential_, error) : error);
    }
    return work;
  }

  pdf::SignatureOrder order_for(const Work& work) {
    pdf::SignatureOrder order;
    order.field = request_.field;
    order.date = now_;
    order.name = credential_.certificate.common_name();
    order.reason = request_.reason;
    order.location = request_.location;
    order.contact = request_.contact;
    order.certification = request_.certification;
    order.placement = request_.placement;
    order.allow_damaged = request_.allow_damaged;
    order.appearance = drawings_.of(appearance_size(world_, work, request_));
    return order;
  }

  void sign(const std::vector<Work*>& ready, const AskFactors& ask, const Progress& progress) {
    const sam::Presented factors = ask(manifest_);
    world_.stop_if_asked();
    const sam::Approval approval = backend_.authorize(credential_, manifest_, factors);
    const auto signatures = backend_.sign(approval, manifest_, [&](std::size_t done) {
      if (progress) progress("signed", done, ready.size());
      world_.stop_if_asked();
    });
    for (std::size_t i = 0; i < ready.size(); ++i) {
      Work& work = *ready[i];
      work.receipt.audit_seq = signatures[i].audit_seq;
      work.receipt.dtbs_sha256 = to_hex(crypto::sha256(work.prepared->signed_attributes));
      if (signatures[i].error)
        fail(work, *signatures[i].error);
      else
        try_to_finish(work, signatures[i]);
      if (progress) progress("finished", i + 1, ready.size());
    }
  }

  void try_to_finish(Work& work, const sam::Signature& signature) {
    try {
      finish(work, signature.value);
    } catch (const Error& error) {
      fail(work, after_signing(error, signature.audit_seq));
    }
  }

  // Time-stamp, close, write: the output appears whole or not at all.
  void finish(Work& work, ByteView signature) {
    world_.stop_if_asked();
    std::optional<Bytes> token;
    work.receipt.signature_time = now_;
    if (with_timestamp()) {
      token = timestamp(crypto::digest(manifest_.hash, signature));
      work.receipt.signature_time = cms::parse_token(*token).info.time;
    }
    ades::close_pdf(*work.prepared, credential_.certificate, credential_.chain, scheme_, signature,
                    token);
    const int out = work.output ? work.output->fd() : STDOUT_FILENO;
    ades::write_pdf(work.input, *work.prepared, out, work.receipt.output);
    if (work.output) work.output->keep();
    work.prepared.reset();
  }

  // Our own TSA, or the first of the named ones that answers well.
  Bytes timestamp(ByteView imprint) {
    if (request_.tsa_urls.empty()) return backend_.timestamp(manifest_.hash, imprint);
    if (world_.fetcher == nullptr)
      throw Error(Fault::evidence_missing, "nothing can be fetched here");
    std::string tried;
    for (const std::string& url : request_.tsa_urls) {
      try {
        return fetch_timestamp(*world_.fetcher, url, manifest_.hash, imprint, world_.patience);
      } catch (const Error& error) {
        if (error.fault == Fault::interrupted) throw;
        tried += (tried.empty() ? "" : "; ") + error.message;
      }
    }
    throw Error(
        Fault::evidence_missing, "no time-stamp could be had", tried,
        "the signature was made and is on record, but no file was written; sign again with another "
        "--tsa, or with --level B-B");
  }

  // What failed once the signature was there: the HSM was called, whatever the error itself says.
  static Error after_signing(const Error& error, std::int64_t audit_seq) {
    const Fault fault =
        error.fault == Fault::audit_before_signing ? Fault::audit_after_signing : error.fault;
    const std::string what = fault == Fault::audit_after_signing
                                 ? "the HSM was called for the signature, but " + error.failed
                                 : error.failed;
    return Error(fault, what, error.why,
                 "the signature was made and is on record, but no file was written; sign again " +
                     (error.fault == Fault::evidence_missing
                          ? std::string("with another --tsa, or with --level B-B")
                          : std::string("with a new code")),
                 error.audit_seq.value_or(static_cast<std::uint64_t>(audit_seq)));
  }

  static void fail(Work& work, const Error& error) {
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

  Backend& backend_;
  const World& world_;
  const SignDocuments& request_;
  Time now_;
  Credential credential_;
  Drawings drawings_;
  crypto::Scheme scheme_{};
  sam::Manifest manifest_;
  std::vector<Work> works_;
};

Json error_json(const Error& error) {
  const FaultRow& row = fault_row(error.fault);
  Json json = {{"code", row.name},
               {"message", error.message},
               {"hint", error.next},
               {"exit", row.exit_status},
               {"audit_seq", nullptr}};
  if (error.audit_seq) json["audit_seq"] = *error.audit_seq;
  return json;
}

}  // namespace

std::vector<SignedDocument> sign_documents(Backend& backend, const World& world,
                                           const SignDocuments& request, const AskFactors& ask,
                                           const Progress& progress) {
  if (world.jail == nullptr) throw Error(Fault::failed, "documents cannot be parsed here");
  return Signing(backend, world, request).run(ask, progress);
}

namespace {

sam::Manifest manifest_of(crypto::HashAlgorithm hash, ByteView digest) {
  sam::Manifest manifest;
  manifest.hash = hash;
  manifest.entries.push_back({"digest only, content unknown", {}, to_bytes(digest), {}});
  return manifest;
}

}  // namespace

void check_hash(Backend& backend, const std::string& user, const std::string& key,
                crypto::HashAlgorithm hash, ByteView digest) {
  backend.check(backend.credential(user, key), manifest_of(hash, digest));
}

SignedHash sign_hash(Backend& backend, const std::string& user, const std::string& key,
                     crypto::HashAlgorithm hash, ByteView digest, const AskFactors& ask) {
  const Credential credential = backend.credential(user, key);
  const sam::Manifest manifest = manifest_of(hash, digest);
  backend.check(credential, manifest);
  const sam::Presented factors = ask(manifest);
  const sam::Approval approval = backend.authorize(credential, manifest, factors);
  auto signatures = backend.sign(approval, manifest, {});
  if (signatures.front().error) throw *signatures.front().error;
  return {std::move(signatures.front().value), credential.algorithm, credential.certificate,
          signatures.front().audit_seq};
}

Json to_json(const SignedDocument& receipt) {
  if (receipt.error) return {{"input", receipt.input}, {"error", error_json(*receipt.error)}};
  Json json = {{"input", receipt.input},
               {"output", receipt.output},
               {"format", receipt.format},
               {"level", receipt.level},
               {"key", receipt.key},
               {"scal", receipt.scal},
               {"certificate_serial", receipt.certificate_serial},
               {"signature_time", nullptr},
               {"dtbs_sha256", receipt.dtbs_sha256},
               {"audit_seq", receipt.audit_seq}};
  if (receipt.signature_time) json["signature_time"] = to_rfc3339(*receipt.signature_time);
  return json;
}

Json to_json(const SignedHash& receipt) {
  return {{"signature", to_base64(receipt.signature)},
          {"algorithm", receipt.algorithm},
          {"certificate", receipt.certificate.pem()},
          {"audit_seq", receipt.audit_seq}};
}

}  // namespace tsp::ops
