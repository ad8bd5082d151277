# Half of what a file costs to compile is reading the same headers of the standard library, JSON and
# format (and of Catch2 in tests). They are read once here. The presets `tidy` and `fuzz` read them
# the plain way and so find an #include that is missing.
# ccache is told in CMakeLists.txt that precompiled headers are fine.
option(TSP_PRECOMPILE "precompile headers that most files include" ON)

set(TSP_COMMON_HEADERS <algorithm> <chrono> <functional> <map> <memory> <optional> <string>
  <string_view> <vector> <fmt/format.h> <nlohmann/json.hpp>)

# What lets ccache keep objects that used precompiled headers.
function(tsp_precompiled_options target)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE -fpch-preprocess)
  else()
    target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  endif()
endfunction()

# tsp_precompiled(NAME LIBRARY… HEADERS <header>…) makes the headers; tsp_precompile(TARGET NAME) uses them.
function(tsp_precompiled name)
  cmake_parse_arguments(ARG "" "" "LIBS;HEADERS" ${ARGN})
  if(NOT TSP_PRECOMPILE)
    return()
  endif()
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  if(NOT EXISTS ${source})
    file(WRITE ${source} "")
  endif()
  add_library(${name} OBJECT ${source})
  target_link_libraries(${name} PRIVATE ${ARG_LIBS})
  tsp_precompiled_options(${name})
  target_precompile_headers(${name} PRIVATE ${ARG_HEADERS})
endfunction()

function(tsp_precompile target name)
  if(TARGET ${name})
    tsp_precompiled_options(${target})
    target_precompile_headers(${target} REUSE_FROM ${name})
  endif()
endfunction()
