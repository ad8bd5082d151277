# Rooms and the one law between them: a room uses only rooms of a lower rank.
#
#   tsp_room(pki RANK 2 USES base crypto LIBS OpenSSL::Crypto)
#
# makes the static library tsp_pki from every .cpp in the current folder. LIBS are the libraries
# that stay inside this room (linked PRIVATE); those whose types stand in the room's headers come
# after PUBLIC_LIBS. libfmt and nlohmann-json are vocabulary and linked everywhere. PRECOMPILED names
# other headers than the common ones (precompiled.cmake).
define_property(GLOBAL PROPERTY TSP_ROOMS BRIEF_DOCS "rooms" FULL_DOCS "names of all rooms")

function(tsp_room name)
  cmake_parse_arguments(ARG "" "RANK;PRECOMPILED" "USES;LIBS;PUBLIC_LIBS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(NOT sources)  # a room of headers only
    set(sources ${CMAKE_CURRENT_BINARY_DIR}/headers_only.cpp)
    file(WRITE ${sources} "")
  endif()
  add_library(tsp_${name} STATIC ${sources})
  target_include_directories(tsp_${name} PUBLIC ${PROJECT_SOURCE_DIR}/lib)
  target_link_libraries(tsp_${name} PUBLIC tsp_flags fmt::fmt nlohmann_json::nlohmann_json
    ${ARG_PUBLIC_LIBS} PRIVATE ${ARG_LIBS})
  if(ARG_PRECOMPILED)
    tsp_precompile(tsp_${name} ${ARG_PRECOMPILED})
  else()
    tsp_precompile(tsp_${name} tsp_common_headers)
  endif()
  set_property(GLOBAL PROPERTY TSP_RANK_${name} ${ARG_RANK})
  set_property(GLOBAL APPEND PROPERTY TSP_ROOMS ${name})
  foreach(used IN LISTS ARG_USES)
    get_property(rank GLOBAL PROPERTY TSP_RANK_${used})
    if(rank STREQUAL "")
      message(FATAL_ERROR "room ${name} uses ${used}, which is not a room declared before it")
    endif()
    if(NOT rank LESS ARG_RANK)
      message(FATAL_ERROR "room ${name} (rank ${ARG_RANK}) may not use ${used} (rank ${rank})")
    endif()
    target_link_libraries(tsp_${name} PUBLIC tsp_${used})
  endforeach()
  set_property(GLOBAL PROPERTY TSP_USES_${name} "${ARG_USES}")
endfunction()
