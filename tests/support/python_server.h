// A server in Python on loopback while this lives: it prints its port and ends when its stdin is
// closed.
#pragma once

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

namespace tsp::test {

class PythonServer {
 public:
  explicit PythonServer(const std::string& script, std::vector<std::string> arguments = {}) {
    int in[2], out[2];
    if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0)
      throw std::runtime_error("pipe");
    arguments.insert(arguments.begin(), {"python3", "-B", TSP_SOURCE_DIR "/" + script});
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    ::posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    const int failed =
        ::posix_spawnp(&process_, "python3", &actions, nullptr, argv.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(in[0]);
    ::close(out[1]);
    stdin_ = in[1];
    FILE* lines = ::fdopen(out[0], "r");
    const bool started = failed == 0 && std::fscanf(lines, "%d", &port_) == 1;
    std::fclose(lines);
    if (!started) throw std::runtime_error("cannot start " + script);
  }
  PythonServer(const PythonServer&) = delete;
  PythonServer& operator=(const PythonServer&) = delete;
  ~PythonServer() {
    ::close(stdin_);
    ::waitpid(process_, nullptr, 0);
  }
  int port() const { return port_; }

 private:
  pid_t process_ = 0;
  int stdin_ = -1, port_ = 0;
};

}  // namespace tsp::test
