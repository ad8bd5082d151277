#include "configuration.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <charconv>
#include <climits>
#include <cstdlib>

#include "base/error.h"
#include "base/files.h"
#include "hsm/softhsm.h"

namespace tsp::app {
namespace {

constexpr const char* kSystemConfig = "/etc/tsp/tsp.yaml";
constexpr std::size_t kLargestConfig = 1 << 20;

void refuse_if_others_may_write(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) throw_errno(errno, "cannot examine " + path);
  const bool foreign = info.st_uid != ::geteuid() && info.st_uid != 0;
  if (foreign || (info.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    throw Error(Fault::policy_refused, "the configuration " + path + " is refused",
                "others may write it", "chmod go-w " + path);
}

void merge_file(ops::Config& config, const std::string& path) {
  if (!exists(path)) return;
  refuse_if_others_may_write(path);
  const Bytes text = read_file(path, kLargestConfig);
  config.merge(yaml::parse(as_text(text), path));
}

// TSP_TSA_CLOCK for tsa.clock.
std::string variable_of(std::string_view setting) {
  std::string name = "TSP_";
  for (char c : setting) {
    if (c == '.' || c == '-')
      name += '_';
    else
      name += (c >= 'a' && c <= 'z') ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return name;
}

}  // namespace

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

ops::Home resolve_home(const std::string& option) {
  if (!option.empty()) return {absolute_path(option)};
  if (const auto home = environment("TSP_HOME"); !home.empty()) return {absolute_path(home)};
  if (const auto data = environment("XDG_DATA_HOME"); !data.empty())
    return {absolute_path(data + "/tsp")};
  const auto person = environment("HOME");
  if (person.empty())
    throw Error(Fault::usage, "no folder for the TSP is known",
                "neither --home nor TSP_HOME, XDG_DATA_HOME or HOME is given");
  return {absolute_path(person + "/.local/share/tsp")};
}

ops::Config load_config(const ops::Home& home) {
  ops::Config config;
  merge_file(config, kSystemConfig);
  merge_file(config, home.config());
  for (const ops::SettingInfo& setting : ops::known_settings()) {
    const std::string variable = variable_of(setting.name);
    if (const auto value = environment(variable.c_str()); !value.empty())
      config.set(std::string(setting.name), value, "environment " + variable);
  }
  return config;
}

std::string socket_from_environment() {
  return environment("TSP_SOCKET");
}

std::string auth_socket_from_environment() {
  return environment("TSP_AUTH_SOCKET");
}

std::string notify_socket_from_environment() {
  return environment("NOTIFY_SOCKET");
}

int inherited_sockets_from_environment() {
  if (environment("LISTEN_PID") != std::to_string(::getpid())) return 0;
  const std::string count = environment("LISTEN_FDS");
  int number = 0;
  const auto [end, wrong] = std::from_chars(count.data(), count.data() + count.size(), number);
  return wrong == std::errc() && end == count.data() + count.size() ? number : 0;
}

bool logs_to_journal() {
  return !environment("JOURNAL_STREAM").empty();
}

std::string own_path() {
  char path[PATH_MAX];
  const ssize_t size = ::readlink("/proc/self/exe", path, sizeof path);
  if (size <= 0) throw_errno(errno, "cannot find the program's own path");
  return std::string(path, static_cast<std::size_t>(size));
}

std::string locate_data() {
  const std::string folder = directory_of(own_path());
  const std::string marker = folder + "/tsp-data-path";
  if (exists(marker)) {
    std::string path(as_text(read_file(marker, PATH_MAX)));
    while (!path.empty() && (path.back() == '\n' || path.back() == '\r')) path.pop_back();
    return path;
  }
  return absolute_path(folder + "/../share/tsp");
}

void use_embedded_tokens(const ops::Home& home) {
  if (!exists(home.tokens())) return;
  const std::string wanted = hsm::softhsm_config(home.tokens());
  const bool right = exists(home.softhsm_config()) &&
                     as_text(read_file(home.softhsm_config(), kLargestConfig)) == wanted;
  if (!right) write_file(home.softhsm_config(), as_bytes(wanted), Existing::replace, 0600);
  ::setenv("SOFTHSM2_CONF", home.softhsm_config().c_str(), 1);
}

}  // namespace tsp::app
