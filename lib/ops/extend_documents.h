// Extending signed PDFs without anybody's key (`tsp ltv-extend`): B-B to B-T by a document
// time-stamp, to B-LT by evidence for every signature and time-stamp in the file, to B-LTA by a
// document time-stamp over it, and again before that one ends. Of our files and of others'.
//
// Earlier octets stay a verbatim prefix. A file that needs nothing is not touched. Does NOT judge
// signatures: what was broken stays so.
#pragma once

#include <functional>

#include "ops/archive_index.h"
#include "ops/long_term.h"
#include "ops/shared_fetcher.h"

namespace tsp::ops {

class SignedFile;

struct ExtendDocuments {
  std::string level = "B-LTA";  // B-T, B-LT, B-LTA
  // Nothing: at B-LTA a document time-stamp is added always. Else only where the protection ends
  // within so many days, or the level is not reached.
  std::optional<int> due_days;
  LongTermOptions long_term;
  bool force = false, dry_run = false;
};

struct ExtendedDocument {
  std::string input, output;
  std::string level_before, level;     // the lowest of the file's signatures
  int signatures = 0;                  // without document time-stamps
  bool changed = false;                // by a dry run: would be
  int evidence = 0;                    // pieces that joined the security store
  std::optional<Time> timestamp_time;  // of the document time-stamp that was added last
  std::optional<Time> extend_before;   // when the protection ends; nothing: it is not protected
  std::vector<std::string> warnings;   // certificates that the evidence calls revoked
  bool has_signatures = true;
  std::optional<Error> error;
};
Json to_json(const ExtendedDocument& receipt);

class Extension {
 public:
  // `backend` nullptr: no TSP stands here. Error{usage} for an unknown level, {not_found} for no
  // TSA.
  Extension(Backend* backend, const World& world, const ExtendDocuments& request);

  // `output` empty: the file itself is replaced, whole, with its mode; whoever else extends it
  // meanwhile, here or in another process, comes after. Error{interrupted} comes out; everything
  // else is the receipt's error, and then nothing was written. A file without signatures is
  // Error{bad_input}, and has_signatures false. Fit for several threads.
  ExtendedDocument extend(const std::string& input, const std::string& output);

  // Each file replaced by its extension, over the processors; `take` gets the receipts in the order
  // of the files, on the caller's thread. What has no receipt yet when it throws, or when an
  // interruption comes out, was extended whole or not at all.
  void extend_all(const std::vector<std::string>& files,
                  const std::function<void(const ExtendedDocument&)>& take);

 private:
  bool is_due(const SignedFile& file) const;
  bool is_known_not_due(ExtendedDocument& receipt) const;
  void remember(const struct stat& info, const SignedFile& file);
  void raise(SignedFile& file, GrowingFile& document, EvidenceCollector& collector,
             ExtendedDocument& receipt);
  void work(ExtendedDocument& receipt);

  ExtendDocuments request_;
  Level level_ = Level::b_lta;
  std::optional<SharedFetcher> fetcher_;
  World world_;
  LongTerm long_term_;
  ArchiveIndex index_;
};

// The PDFs below a folder, sorted: names that end in .pdf, no hidden files or folders, no symbolic
// links. Error{not_found}.
std::vector<std::string> documents_below(const std::string& folder);

}  // namespace tsp::ops
