# Half of what a file costs to compile is reading the same headers of the standard library, JSON and
# format (and of Catch2 in tests). g++ reads them once here. clang builds read them the plain way and so
# find an #include that is missing.
# ccache is told in CMakeLists.txt that precompiled headers are fine.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT TSP_SANITIZE)
  set(precompile ON)
else()
  set(precompile OFF)
endif()
option(TSP_PRECOMPILE "precompile headers that most files include" ${precompile})

set(TSP_COMMON_HEADERS <algorithm> <chrono> <functional> <map> <memory> <optional> <string>
  <string_view> <vector> <fmt/format.h> <nlohmann/json.hpp>)

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
  target_compile_options(${name} PRIVATE -fpch-preprocess)
  target_precompile_headers(${name} PRIVATE ${ARG_HEADERS})
endfunction()

function(tsp_precompile target name)
  if(TARGET ${name})
    target_compile_options(${target} PRIVATE -fpch-preprocess)
    target_precompile_headers(${target} REUSE_FROM ${name})
  endif()
endfunction()
