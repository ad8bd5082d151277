#include "sign_request.h"

#include <array>
#include <charconv>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "ops/named_certificates.h"

namespace tsp::app {
namespace {

constexpr std::size_t kLargestImage = 8 << 20;

// PAGE:X,Y,W,H in points from the lower left of the page as it is shown.
pdf::Placement placement_of(const std::string& text) {
  const auto refuse = [&]() -> pdf::Placement {
    throw Error(Fault::usage, "--visible " + text + " is not understood",
                "it takes PAGE:X,Y,W,H in points from the lower left, such as 1:60,60,220,70");
  };
  const auto colon = text.find(':');
  if (colon == std::string::npos) return refuse();
  pdf::Placement place;
  const char* const page_end = text.data() + colon;
  if (std::from_chars(text.data(), page_end, place.page).ptr != page_end || place.page < 1)
    return refuse();
  std::array<double, 4> numbers{};
  const char* at = page_end + 1;
  const char* const end = text.data() + text.size();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto [next, error] = std::from_chars(at, end, numbers[i]);
    const bool last = i + 1 == numbers.size();
    if (error != std::errc() || (last ? next != end : next == end || *next != ',')) return refuse();
    at = next + 1;
  }
  place.x = numbers[0];
  place.y = numbers[1];
  place.width = numbers[2];
  place.height = numbers[3];
  if (!(place.width > 0 && place.width < 20000 && place.height > 0 && place.height < 20000))
    return refuse();
  return place;
}

// doc.pdf → doc-signed.pdf
std::string output_name(const std::string& input, const std::string& suffix) {
  const auto slash = input.find_last_of('/');
  const auto dot = input.find_last_of('.');
  const bool has_extension =
      dot != std::string::npos && (slash == std::string::npos || dot > slash + 1);
  if (!has_extension) return input + suffix;
  return input.substr(0, dot) + suffix + input.substr(dot);
}

std::vector<ops::SignDocuments::Document> documents_of(const Invocation& run) {
  const auto files = run.texts("FILE");
  if (run.given("-o") && files.size() > 1)
    throw Error(Fault::usage, "-o names one output, but there are several files", "",
                "use --suffix");
  std::vector<ops::SignDocuments::Document> documents;
  std::set<std::string> outputs;
  for (const std::string& file : files) {
    std::string output = run.given("-o") ? run.text("-o")
                         : file == "-"   ? "-"
                                         : output_name(file, run.text("--suffix", "-signed"));
    if (output == "-" && !run.given("-o") && run.terminal.output_is_terminal())
      throw Error(Fault::usage, "a signed document is not written to a terminal", "",
                  "give -o FILE, or -o - to insist");
    if (output == "-" && run.terminal.json)
      throw Error(Fault::usage, "-o - and --json cannot both have standard output");
    if (output != "-" && !outputs.insert(absolute_path(output)).second)
      throw Error(Fault::usage, "two outputs would be " + output);
    if (output == file && file != "-")
      throw Error(Fault::usage, "input and output are the same file", file,
                  run.given("-o") ? "give another name with -o" : "give another --suffix");
    documents.push_back({file, output});
  }
  return documents;
}

std::optional<int> certification_of(const std::string& word) {
  if (word == "no-changes") return 1;
  if (word == "forms") return 2;
  if (word == "forms-and-comments") return 3;
  return std::nullopt;
}

bool is_web_address(std::string_view url) {
  for (const std::string_view scheme : {"http://", "https://"})
    if (url.starts_with(scheme)) {
      const std::string_view host =
          url.substr(scheme.size(), url.find('/', scheme.size()) - scheme.size());
      return !host.empty() && host.front() != ':' && printable(url) == url &&
             url.find(' ') == std::string_view::npos;
    }
  return false;
}

}  // namespace

ops::LongTermOptions long_term_options(const Invocation& run) {
  ops::LongTermOptions options;
  options.tsa_urls = run.texts("--tsa");
  for (const std::string& url : options.tsa_urls)
    if (!is_web_address(url))
      throw Error(Fault::usage, "--tsa " + printable(url) + " is no address",
                  "a time-stamp server is named by http:// or https:// and its host",
                  "give it as http://HOST/PATH");
  options.tsa_policy = run.text("--tsa-policy");
  if (!options.tsa_policy.empty() &&
      (options.tsa_policy.find_first_not_of("0123456789.") != std::string::npos ||
       options.tsa_policy.find('.') == std::string::npos || options.tsa_urls.empty()))
    throw Error(Fault::usage, "--tsa-policy takes an object identifier such as 1.3.6.1.4.1.99.1",
                options.tsa_urls.empty() ? "it is asked of the servers that --tsa names" : "");
  options.authorities = ops::named_certificates(run.texts("--trust"));
  options.cache = run.home().stands() ? run.home().cache() : "";
  if (run.flag("--vri")) options.vri = ops::LongTermOptions::Vri::write;
  return options;
}

ops::SignDocuments sign_request(const Invocation& run) {
  ops::SignDocuments request;
  request.jail = ops::SignDocuments::Jail::may_go;  // nothing is parsed after signing
  request.documents = documents_of(run);
  request.user = run.text("--user");
  request.key = run.text("--key");
  if (run.flag("--one-shot")) request.with = ops::SignDocuments::With::one_shot;
  if (run.given("--scal")) request.scal = run.text("--scal") == "2" ? 2 : 1;
  request.level = run.text("--level", "B-LT");
  if (run.given("--hash-algorithm"))
    request.hash = crypto::parse_hash(run.text("--hash-algorithm"));
  request.reason = run.text("--reason");
  request.location = run.text("--location");
  request.contact = run.text("--contact");
  request.field = run.text("--field");
  if (run.given("--visible")) request.placement = placement_of(run.text("--visible"));
  if (run.given("--image")) request.image = read_file(run.text("--image"), kLargestImage);
  request.certification = certification_of(run.text("--certify"));
  request.long_term = long_term_options(run);
  request.allow_damaged = run.flag("--allow-damaged");
  request.force = run.flag("--force");
  request.dry_run = run.dry_run();
  return request;
}

}  // namespace tsp::app
