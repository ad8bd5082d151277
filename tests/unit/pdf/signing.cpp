#include "signing.h"

#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>

#include "base/error.h"
#include "base/json.h"
#include "base/release.h"
#include "pdf/parsers.h"

namespace tsp::pdf::test {
namespace {

using KeyPtr = std::unique_ptr<EVP_PKEY, Release<&EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, Release<&X509_free>>;
using CmsPtr = std::unique_ptr<CMS_ContentInfo, Release<&CMS_ContentInfo_free>>;
using BioPtr = std::unique_ptr<BIO, Release<&BIO_free_all>>;

void must(bool success) {
  if (!success) throw std::runtime_error("OpenSSL refused in a test");
}

struct Signer {
  KeyPtr key{EVP_EC_gen("P-256")};
  X509Ptr certificate{X509_new()};
  Signer() {
    X509* x = certificate.get();
    must(key && X509_set_version(x, 2) == 1);
    must(ASN1_INTEGER_set(X509_get_serialNumber(x), 1) == 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x), 86400);
    X509_NAME* name = X509_get_subject_name(x);
    must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                    reinterpret_cast<const unsigned char*>("Test Signer"), -1, -1,
                                    0) == 1);
    must(X509_set_issuer_name(x, name) == 1 && X509_set_pubkey(x, key.get()) == 1);
    must(X509_sign(x, key.get(), EVP_sha256()) > 0);
  }
};

}  // namespace

jail::Jail& jail() {
  static const std::unique_ptr<jail::Jail> started = jail::Jail::start(parsers());
  return *started;
}

std::string data_path(const std::string& name) {
  return std::string(TSP_SOURCE_DIR "/tests/data/pdf/") + name;
}

std::vector<std::string> good_files() {
  std::vector<std::string> out;
  const Bytes text = contents_of(data_path("expected.json"));
  for (const Json& entry : parse_json(text, "expected.json"))
    if (entry.at("signable").get<bool>()) out.push_back(entry.at("file").get<std::string>());
  return out;
}

Bytes contents_of(const std::string& path) {
  return read_file(path, std::size_t{300} << 20);
}

Folder::Folder() {
  std::string pattern = std::string(TSP_BINARY_DIR) + "/pdf-test-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = pattern;
}
Folder::~Folder() {
  std::filesystem::remove_all(path_);
}
std::string Folder::write(const std::string& name, const std::string& text) const {
  write_file(*this / name, as_bytes(text), Existing::replace);
  return *this / name;
}

Bytes cms_over(ByteView first, ByteView second) {
  static const Signer signer;
  BioPtr data(BIO_new(BIO_s_mem()));
  for (const ByteView part : {first, second})
    must(BIO_write(data.get(), part.data(), static_cast<int>(part.size())) ==
         static_cast<int>(part.size()));
  CmsPtr cms(CMS_sign(signer.certificate.get(), signer.key.get(), nullptr, data.get(),
                      CMS_DETACHED | CMS_BINARY | CMS_CADES | CMS_NOSMIMECAP));
  must(cms != nullptr);
  unsigned char* der = nullptr;
  const int size = i2d_CMS_ContentInfo(cms.get(), &der);
  must(size > 0);
  Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

Signed sign(const std::string& from, const std::string& to, SignatureOrder order, Damaged damaged) {
  if (order.contents_size == 0) order.contents_size = 4096;
  const Fd file = open_for_reading(from);
  PreparedRevision revision =
      prepare(jail(), file, std::filesystem::path(from).filename().string(), order, damaged);
  Bytes whole = contents_of(from);
  append(whole, revision.octets);
  const ByteView view(whole);
  const ByteRange& range = revision.byte_range;
  fill(revision, cms_over(view.first(range.first_end), view.subspan(range.second_begin)));
  whole.resize(revision.original_size);
  append(whole, revision.octets);
  write_file(to, whole, Existing::replace);
  return {to, std::move(revision)};
}

Ran run(const std::string& command) {
  FILE* pipe = ::popen(("timeout 20 " + command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot run " + command);
  std::string out;
  std::array<char, 4096> piece{};
  for (std::size_t got = 0; (got = std::fread(piece.data(), 1, piece.size(), pipe)) > 0;)
    if (out.size() < (1 << 20)) out.append(piece.data(), got);
  const int status = ::pclose(pipe);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, out};
}

Seen pdfsig(const std::string& path) {
  const std::string text = run("pdfsig -nocert " + path).text;
  const auto count = [&text](const char* what) {
    const std::regex pattern(what);
    return static_cast<int>(
        std::distance(std::sregex_iterator(text.begin(), text.end(), pattern), {}));
  };
  return {count("Signature is Valid\\."), count("Signature #\\d+:") - count("field is not signed"),
          count("Total document signed")};
}

std::string qpdf_check(const std::string& path) {
  std::string out;
  std::istringstream lines(run("qpdf --check " + path).text);
  for (std::string line; std::getline(lines, line);) {
    if (line.find("linearized") != std::string::npos) continue;  // no update is
    if (line.find(path) == std::string::npos || line.find("WARNING") != std::string::npos)
      out += std::regex_replace(line, std::regex(path), "FILE") + "\n";
  }
  return out;
}

std::string describe_current_exception() {
  try {
    throw;
  } catch (const Error& error) {
    return std::string(fault_row(error.fault).name) + " / " + error.what();
  } catch (const std::exception& error) {
    return std::string("not an Error: ") + error.what();
  }
}

bool is_ordinary(const std::string& failure) {
  if (failure.find("crashed") != std::string::npos ||
      failure.find("no parser may do") != std::string::npos)
    return false;
  return failure == "none" || failure.rfind("bad-input / ", 0) == 0 ||
         failure.rfind("policy-refused / ", 0) == 0;
}

}  // namespace tsp::pdf::test
