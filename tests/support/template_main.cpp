// tsp_template FOLDER DATA [--older-than SECONDS]: founds the template HOME in FOLDER, with the
// product's data in DATA; with --older-than only where none stands or it is older (CRLs come of
// age).
#include <chrono>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <string>

#include "support/template_home.h"

namespace {

bool stands(const std::string& folder, long seconds) {
  std::error_code error;
  const auto made = std::filesystem::last_write_time(folder + "/totp", error);
  return !error &&
         std::filesystem::file_time_type::clock::now() - made < std::chrono::seconds(seconds);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 && !(argc == 5 && std::strcmp(argv[3], "--older-than") == 0)) {
    std::fputs("usage: tsp_template FOLDER DATA [--older-than SECONDS]\n", stderr);
    return 2;
  }
  try {
    if (argc == 5 && stands(argv[1], std::stol(argv[4]))) return 0;
    tsp::test::found_template(argv[1], argv[2]);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "tsp_template: %s\n", error.what());
    return 1;
  }
}
