// Help, man pages and completions, all made from the command table.
#pragma once

#include <string>

#include "command.h"
#include "terminal.h"

namespace tsp::app {

void print_help(Terminal& terminal, const Command& command);
// All commands, or those of one noun.
void print_overview(Terminal& terminal, const std::string& noun);

// What stands for an option's value: its choices, or where they are many its name; and its help,
// which then lists them.
std::string value_of(const OptionSpec& option);
std::string help_of(const OptionSpec& option);

// "tsp key generate --user NAME [--algorithm ALG] …"
std::string synopsis(const Command& command);
std::vector<int> exits_of(const Command& command);  // with 0, 1, 2
std::string help_text(const Command& command);
std::string overview_text(const std::string& noun);
// troff source of the page tsp-key-generate(1); "" for tsp(1) itself.
std::string man_page(const Command* command);
std::string completion_script(const std::string& shell);  // bash, zsh, fish

}  // namespace tsp::app
