# Toolchain of the presets asan, tidy and fuzz: the clang of this release, however it is named.
# A fresh Debian 12 has clang-14 and no plain `clang`.
find_program(TSP_CLANG NAMES clang-14 clang clang-18 clang-19 REQUIRED)
find_program(TSP_CLANGXX NAMES clang++-14 clang++ clang++-18 clang++-19 REQUIRED)
set(CMAKE_C_COMPILER ${TSP_CLANG})
set(CMAKE_CXX_COMPILER ${TSP_CLANGXX})
