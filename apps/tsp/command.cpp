#include "command.h"

#include <algorithm>

namespace tsp::app {
namespace {

bool has(const std::vector<int>& exits, int status) {
  return std::find(exits.begin(), exits.end(), status) != exits.end();
}

// What can be met wherever a TSP is opened: a store that was changed, settings or profiles that
// are refused, files of somebody else, a store in use. Where there is an HSM its PIN may be asked
// for, and whoever is asked may interrupt.
void complete_exits(Command& command) {
  std::vector<int>& exits = command.exits;
  if (command.opens_tsp) exits.insert(exits.end(), {3, 9, 11, 13, 75});
  if (has(exits, 7)) exits.push_back(12);
  if (has(exits, 12)) exits.push_back(130);
  std::sort(exits.begin(), exits.end());
  exits.erase(std::unique(exits.begin(), exits.end()), exits.end());
}

std::string_view noun_of(const Command& command) {
  return command.path.substr(0, command.path.find(' '));
}

// Verbs of one noun come from several files; they stand where its first one stands.
void group_by_noun(std::vector<Command>& rows) {
  std::vector<std::string_view> nouns;
  for (const Command& row : rows)
    if (std::find(nouns.begin(), nouns.end(), noun_of(row)) == nouns.end())
      nouns.push_back(noun_of(row));
  const auto place = [&](const Command& row) {
    return std::find(nouns.begin(), nouns.end(), noun_of(row));
  };
  std::stable_sort(rows.begin(), rows.end(), [&](const Command& one, const Command& other) {
    return place(one) < place(other);
  });
}

}  // namespace

const std::vector<Command>& commands() {
  static const std::vector<Command> all = [] {
    std::vector<Command> rows;
    for (auto noun :
         {&init_commands,        &status_commands, &config_commands,    &user_commands,
          &user_signer_commands, &factor_commands, &device_commands,    &user_record_commands,
          &group_commands,       &seal_commands,   &key_commands,       &cert_commands,
          &crl_commands,         &sign_commands,   &timestamp_commands, &ltv_extend_commands,
          &validate_commands,    &trust_commands,  &audit_commands,     &serve_commands,
          &help_commands}) {
      auto more = noun();
      rows.insert(rows.end(), more.begin(), more.end());
    }
    group_by_noun(rows);
    for (Command& row : rows) complete_exits(row);
    return rows;
  }();
  return all;
}

const std::vector<OptionSpec>& global_options() {
  static const std::vector<OptionSpec> options{
      {"--home", "DIR", "the TSP's folder (else TSP_HOME, XDG_DATA_HOME/tsp, ~/.local/share/tsp)"},
      {"--socket", "PATH|none", "the server to ask (else TSP_SOCKET); none: work in this process"},
      {"--json", "", "one JSON object on standard output (else TSP_FORMAT=json)", Takes::nothing},
      {"--no-input", "", "never ask; implied where standard input is no terminal", Takes::nothing},
      {"--yes", "", "answer yes where a confirmation is asked", Takes::nothing},
      {"--quiet", "", "no notes and no progress on standard error", Takes::nothing},
      {"--verbose", "", "more notes on standard error", Takes::nothing},
      {"--color", "WHEN", "colours on a terminal", Takes::value, "auto|always|never"},
      {"--help", "", "what the command does, its options, exit status and examples (also -h)",
       Takes::nothing},
  };
  return options;
}

const Command* find_command(std::string_view path) {
  for (const Command& command : commands())
    if (command.path == path) return &command;
  return nullptr;
}

int combined_exit(const std::vector<int>& exits) {
  for (int status : {130, 3, 8, 6, 5, 7, 11, 13, 14, 75, 4, 9, 1})
    if (has(exits, status)) return status;
  return exits.empty() ? 0 : *std::max_element(exits.begin(), exits.end());
}

std::string_view exit_meaning(int status) {
  switch (status) {
    case 0:
      return "done";
    case 1:
      return "failed, or a document that is damaged or not what it should be";
    case 2:
      return "usage";
    case 3:
      return "invalid (TOTAL-FAILED), or tampering found";
    case 4:
      return "INDETERMINATE, or evidence asked for is missing";
    case 5:
      return "PIN, one-time code or other factor refused";
    case 6:
      return "locked out";
    case 7:
      return "HSM unavailable";
    case 8:
      return "the audit record could not be written";
    case 9:
      return "a named file, user, key or serial is absent";
    case 10:
      return "already exists";
    case 11:
      return "refused by policy";
    case 12:
      return "input needed, but not interactive";
    case 13:
      return "not permitted for this caller";
    case 14:
      return "the disk is nearly full; what is left is for signing and revocation";
    case 75:
      return "busy or temporarily unavailable, try again";
    case 130:
      return "interrupted";
    default:
      return "";
  }
}

}  // namespace tsp::app
