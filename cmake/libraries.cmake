# Every library comes from a Debian package; scripts/bootstrap names them.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
pkg_check_modules(SQLITE3 REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(ARGON2 REQUIRED IMPORTED_TARGET libargon2)
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp)
pkg_check_modules(QPDF REQUIRED IMPORTED_TARGET libqpdf)
pkg_check_modules(PODOFO REQUIRED IMPORTED_TARGET libpodofo)
pkg_check_modules(PNG REQUIRED IMPORTED_TARGET libpng)
pkg_check_modules(YAMLCPP REQUIRED IMPORTED_TARGET yaml-cpp)
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(LIBXML2 REQUIRED libxml-2.0)
pkg_check_modules(QRENCODE REQUIRED IMPORTED_TARGET libqrencode)
pkg_check_modules(P11KIT REQUIRED IMPORTED_TARGET p11-kit-1)

# Small libraries are linked as archives where the package has one: each shared library that a
# program is linked with costs every command a seventh of a millisecond before it begins. What faces
# other people's bytes, or stands guard over what does, stays shared, so that its fixes need no new
# tsp. docs/notices.md has their licences.
function(prefer_archive target name)
  find_library(${target}_ARCHIVE lib${name}.a PATHS ${${target}_LIBDIR} ${${target}_LIBRARY_DIRS}
    NO_DEFAULT_PATH)
  if(${target}_ARCHIVE)
    set(others ${${target}_STATIC_LIBRARIES})
    list(REMOVE_ITEM others ${name})
    set_target_properties(PkgConfig::${target} PROPERTIES
      INTERFACE_LINK_LIBRARIES "${${target}_ARCHIVE};${others};Threads::Threads")
  endif()
endfunction()
prefer_archive(ARGON2 argon2)
prefer_archive(YAMLCPP yaml-cpp)
