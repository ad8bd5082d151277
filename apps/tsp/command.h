// One row per command, in one table: parsing, help, man pages, completions and the README's list
// all come from it, and a test compares them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tsp::app {

class Invocation;

enum class Takes { nothing, value, values };

struct OptionSpec {
  std::string_view name;   // "--user"
  std::string_view value;  // "NAME"; empty for a flag
  std::string_view help;   // lower case, no full stop
  Takes takes = Takes::value;
  std::string_view choices = {};  // "a|b|c": other values are usage errors
  bool required = false;          // asked for by the command itself
};

constexpr OptionSpec required(OptionSpec option) {
  option.required = true;
  return option;
}

// For commands that may need a token whose PIN is not kept in HOME.
inline constexpr OptionSpec kHsmPinFrom{
    "--hsm-pin-from", "SOURCE",
    "where the PIN of the HSM comes from, if it is not kept: prompt, fd:N, file:PATH, env:VAR, "
    "cred:NAME"};

// What every command has that changes something.
inline constexpr OptionSpec kDryRun{
    "--dry-run", "", "check everything short of factors; change nothing", Takes::nothing};

// Of commands whose output file is no secret.
inline constexpr OptionSpec kForce{"--force", "", "replace an existing output file",
                                   Takes::nothing};

enum class Count { one, optional, many, any };  // many: at least one; any: none or more

struct OperandSpec {
  std::string_view name;  // "FILE"
  Count count;
  std::string_view help;
};

// Of the commands about one signer.
inline constexpr OperandSpec kSignerName{"NAME", Count::one, "the signer's name"};

struct Command {
  std::string_view path;     // "key generate"
  std::string_view summary;  // one line, lower case, no full stop
  std::string_view details;  // paragraphs for help and the man page
  std::vector<OperandSpec> operands;
  std::vector<OptionSpec> options;
  std::vector<int> exits;  // besides 0, 1, 2; commands() adds what all have that open a TSP
  std::vector<std::string_view> examples;
  bool parses_documents = false;  // main starts the jail before anything else
  bool changes_state = false;     // gets --dry-run
  bool opens_tsp = true;
  int (*run)(Invocation&);
};

// Every command, in the order help lists them, each with its exits in ascending order.
const std::vector<Command>& commands();
// Global options, understood everywhere.
const std::vector<OptionSpec>& global_options();
const Command* find_command(std::string_view path);
std::string_view exit_meaning(int status);
// For several inputs: 130 where one was interrupted, else the first of 3, 8, 6, 5, 7, 11, 13, 14,
// 75, 4, 9, 1 that occurred, else the greatest.
int combined_exit(const std::vector<int>& exits);

// The rows of each noun, one file each.
std::vector<Command> init_commands();
std::vector<Command> status_commands();
std::vector<Command> config_commands();
std::vector<Command> user_commands();
std::vector<Command> user_signer_commands();
std::vector<Command> user_record_commands();
std::vector<Command> group_commands();
std::vector<Command> seal_commands();
std::vector<Command> factor_commands();
std::vector<Command> device_commands();
std::vector<Command> key_commands();
std::vector<Command> cert_commands();
std::vector<Command> crl_commands();
std::vector<Command> sign_commands();
std::vector<Command> timestamp_commands();
std::vector<Command> validate_commands();
std::vector<Command> ltv_extend_commands();
std::vector<Command> trust_commands();
std::vector<Command> audit_commands();
std::vector<Command> serve_commands();
std::vector<Command> help_commands();

}  // namespace tsp::app
