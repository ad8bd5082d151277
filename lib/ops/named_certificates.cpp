#include "ops/named_certificates.h"

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/files.h"

namespace tsp::ops {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestCertificateFile = std::size_t{4} << 20;

std::vector<std::string> files_of(const std::string& path) {
  if (!fs::is_directory(path)) return {path};
  std::vector<std::string> out;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path, error))
    if (const auto extension = entry.path().extension();
        entry.is_regular_file(error) &&
        (extension == ".pem" || extension == ".crt" || extension == ".cer"))
      out.push_back(entry.path().string());
  if (out.empty())
    throw Error(Fault::bad_input, "cannot take certificates from " + path,
                "the folder has no .pem, .crt or .cer file");
  std::ranges::sort(out);
  return out;
}

}  // namespace

std::vector<x509::Certificate> certificates_of_file(const std::string& path) {
  const Bytes content = read_file(path, kLargestCertificateFile);
  try {
    return x509::Certificate::all_from(content);
  } catch (const Error& error) {
    throw Error(Fault::bad_input, "cannot take certificates from " + path, error.why,
                "a file holds certificates in PEM, or one in DER");
  }
}

std::vector<x509::Certificate> named_certificates(const std::vector<std::string>& paths) {
  std::vector<x509::Certificate> out;
  for (const std::string& path : paths)
    for (const std::string& file : files_of(path)) {
      const auto found = certificates_of_file(file);
      out.insert(out.end(), found.begin(), found.end());
    }
  return out;
}

}  // namespace tsp::ops
