# Warnings are errors for our own code; hardening is the same in every build.
add_library(tsp_flags INTERFACE)
target_compile_options(tsp_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  -Wnon-virtual-dtor -Woverloaded-virtual -Wnull-dereference -Werror -fstack-protector-strong
  -fPIC)
# No object names the folder it was built in: two clones give the same bytes.
target_compile_options(tsp_flags INTERFACE "-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=")
target_compile_definitions(tsp_flags INTERFACE JSON_USE_IMPLICIT_CONVERSIONS=0
  $<$<CONFIG:Release,RelWithDebInfo>:_FORTIFY_SOURCE=2>)
target_link_options(tsp_flags INTERFACE -Wl,-z,relro,-z,now -Wl,--as-needed)
target_link_libraries(tsp_flags INTERFACE Threads::Threads)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these inside the standard library when it inlines deeply.
  target_compile_options(tsp_flags INTERFACE -Wno-null-dereference -Wno-restrict
    -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds -Wno-maybe-uninitialized)
endif()
if(TSP_SANITIZE)
  target_compile_options(tsp_flags INTERFACE -fsanitize=${TSP_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all -U_FORTIFY_SOURCE)
  target_link_options(tsp_flags INTERFACE -fsanitize=${TSP_SANITIZE})
endif()
if(TSP_FUZZ)  # every room tells libFuzzer which branches it took
  target_compile_options(tsp_flags INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(tsp_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
