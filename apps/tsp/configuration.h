// Where the program finds things: the environment and the configuration files are read here and
// nowhere else.
#pragma once

#include <string>

#include "ops/config.h"
#include "ops/home.h"

namespace tsp::app {

// --home, else TSP_HOME, else XDG_DATA_HOME/tsp, else ~/.local/share/tsp; absolute.
ops::Home resolve_home(const std::string& option);
// Defaults, /etc/tsp/tsp.yaml, HOME/tsp.yaml, TSP_… variables, in this order. A file that others
// may write is Error{policy_refused}.
ops::Config load_config(const ops::Home& home);
// The program's own data: the folder named by a file `tsp-data-path` beside the program (a build
// tree), else ../share/tsp.
std::string locate_data();
std::string environment(const char* name);   // of a variable that is not set: empty
std::string socket_from_environment();       // TSP_SOCKET, or empty
std::string auth_socket_from_environment();  // TSP_AUTH_SOCKET, or empty
// What a service manager says: where it is told of readiness, how many listening sockets this
// process got, and whether standard error goes to the journal.
std::string notify_socket_from_environment();
int inherited_sockets_from_environment();
bool logs_to_journal();
// The program's own path.
std::string own_path();
// Points SoftHSM at HOME's token folder, and rewrites HOME/softhsm2.conf when HOME moved.
void use_embedded_tokens(const ops::Home& home);

}  // namespace tsp::app
