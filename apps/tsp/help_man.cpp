#include <fmt/format.h>

#include "help.h"

namespace tsp::app {
namespace {

// Text for troff: backslashes, leading dots and hyphens that must stay hyphens.
std::string troff(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else if ((c == '.' || c == '\'') && (i == 0 || text[i - 1] == '\n'))
      out += std::string("\\&") + c;
    else
      out += c;
  }
  return out;
}

std::string paragraphs(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find("\n\n", at), text.size());
    out += ".PP\n" + troff(text.substr(at, end - at)) + "\n";
    at = end + 2;
  }
  return out;
}

std::string option(const OptionSpec& spec) {
  std::string head = fmt::format(".TP\n\\fB{}\\fR", troff(spec.name));
  if (spec.takes != Takes::nothing) head += fmt::format(" \\fI{}\\fR", troff(value_of(spec)));
  return head + "\n" + troff(help_of(spec)) + "\n";
}

std::string globals() {
  std::string out = ".SH GLOBAL OPTIONS\n";
  for (const OptionSpec& spec : global_options()) out += option(spec);
  return out;
}

std::string overview() {
  std::string out =
      ".TH TSP 1 \"\" \"tsp\" \"User Commands\"\n.ad l\n.nh\n.SH NAME\ntsp \\- a trust service "
      "provider "
      "in one command\\-line suite\n.SH SYNOPSIS\n\\fBtsp\\fR [\\fIglobal options\\fR] "
      "\\fINOUN VERB\\fR [\\fIoptions\\fR] [\\fIoperands\\fR]\n.SH COMMANDS\n";
  for (const Command& command : commands())
    out += fmt::format(".TP\n\\fB{}\\fR\n{}\n", troff(command.path), troff(command.summary));
  out += globals();
  out += ".SH EXIT STATUS\n";
  for (int status : {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 75, 130})
    out += fmt::format(".TP\n\\fB{}\\fR\n{}\n", status, troff(exit_meaning(status)));
  out += ".SH EXAMPLES\n.nf\ntsp init \\-\\-name \"Example Trust Services\"\ntsp help sign\n.fi\n";
  return out;
}

}  // namespace

std::string man_page(const Command* command) {
  if (command == nullptr) return overview();
  std::string name = "tsp-" + std::string(command->path);
  for (char& c : name)
    if (c == ' ') c = '-';
  std::string upper = name;
  for (char& c : upper)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  std::string out = fmt::format(
      ".TH {} 1 \"\" \"tsp\" \"User Commands\"\n.ad l\n.nh\n.SH NAME\n{} \\- {}\n"
      ".SH SYNOPSIS\n{}\n.SH DESCRIPTION\n",
      troff(upper), troff(name), troff(command->summary), troff(synopsis(*command)));
  out += paragraphs(command->details) + ".SH OPTIONS\n";
  for (const OperandSpec& operand : command->operands)
    out += fmt::format(".TP\n\\fI{}\\fR\n{}\n", troff(operand.name), troff(operand.help));
  for (const OptionSpec& spec : command->options) out += option(spec);
  if (command->changes_state) out += option(kDryRun);
  out += globals() + ".SH EXIT STATUS\n";
  for (int status : exits_of(*command))
    out += fmt::format(".TP\n\\fB{}\\fR\n{}\n", status, troff(exit_meaning(status)));
  out += ".SH EXAMPLES\n.nf\n";
  for (std::string_view example : command->examples) out += troff(example) + "\n";
  return out + ".fi\n.SH SEE ALSO\n.BR tsp (1)\n";
}

}  // namespace tsp::app
