// What a run of tsp sign shows: its results, its progress, and the file of --receipt.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "invocation.h"
#include "ops/sign_documents.h"

namespace tsp::app {

// The file of --receipt, opened before anything is signed. Error{usage} for standard output,
// {already_exists} without --force.
class ReceiptOutput {
 public:
  explicit ReceiptOutput(const Invocation& run);

  // Adds to the results where the receipt is, or why it is not: they stay what they are. The exit
  // status of writing it.
  int write(Invocation& run, std::vector<Json>& results);

 private:
  std::string path_;
  std::unique_ptr<OutputFile> file_;
};

// Into the terminal's progress line, which the caller ends.
ops::Progress signing_progress(Invocation& run);

// Why one document was not signed.
void tell_failure(Terminal& terminal, const ops::SignedDocument& result);

// Every result, after the receipt of them was written. The exit status of all.
int report_signing(Invocation& run, const std::vector<ops::SignedDocument>& results,
                   ReceiptOutput& receipt);

}  // namespace tsp::app
