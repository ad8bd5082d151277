# What `cmake --install BUILD --prefix P` and `cpack -G DEB` put where, all of it under P:
#
#   bin/tsp                              the program
#   lib/tsp/libtsp_read.so               reads PDFs, loaded by the jail's helper
#   lib/tsp/libtsp_draw.so               draws visible signatures, loaded when one is drawn
#   share/tsp/                           what it reads: common-pins.txt, profiles/; and tsp.yaml, every
#                                        setting with its default, to be copied to /etc/tsp/ and changed
#   share/man/man1/                      man/*.1
#   share/bash-completion/completions/tsp, share/zsh/vendor-completions/_tsp,
#   share/fish/vendor_completions.d/tsp.fish    completions/tsp.bash, _tsp, tsp.fish
#   lib/systemd/system/                  config/systemd/*.{service,timer}: the server; CRLs renewed and
#                                        published without one
#   lib/sysusers.d/, lib/tmpfiles.d/     the user tsp and its folders
#   share/doc/tsp/                       the documents, the licence, the change log
#
# The program finds its data relative to itself, so that an installed tree may be moved. With D
# the folder of /proc/self/exe it takes
#   1. the folder named by the first line of D/tsp-data-path, where that file exists: only in a
#      build tree, where this file writes it, and it names the source tree's config/;
#   2. else D/../share/tsp.
# Neither the compiler nor the linker is told a path, so none can leak into the program.
if(TARGET tsp)
  file(WRITE ${PROJECT_BINARY_DIR}/apps/tsp/tsp-data-path "${PROJECT_SOURCE_DIR}/config\n")
  install(TARGETS tsp RUNTIME DESTINATION bin)
  install(TARGETS tsp_read tsp_draw LIBRARY DESTINATION lib/tsp)
endif()

install(DIRECTORY config/ DESTINATION share/tsp
  FILES_MATCHING PATTERN "*.yaml" PATTERN "*.txt" PATTERN "systemd" EXCLUDE)
install(DIRECTORY config/systemd/ DESTINATION lib/systemd/system
  FILES_MATCHING PATTERN "*.service" PATTERN "*.timer")
install(FILES config/systemd/tsp.sysusers DESTINATION lib/sysusers.d RENAME tsp.conf)
install(FILES config/systemd/tsp.tmpfiles DESTINATION lib/tmpfiles.d RENAME tsp.conf)
install(DIRECTORY man/ DESTINATION share/man/man1 FILES_MATCHING PATTERN "*.1")
install(FILES completions/tsp.bash DESTINATION share/bash-completion/completions
  RENAME tsp)
install(FILES completions/_tsp DESTINATION share/zsh/vendor-completions)
install(FILES completions/tsp.fish DESTINATION share/fish/vendor_completions.d)
install(DIRECTORY docs/ DESTINATION share/doc/tsp FILES_MATCHING PATTERN "*.md" PATTERN "*.json")
install(FILES README.md CHANGELOG.md DESTINATION share/doc/tsp)
install(FILES LICENSE DESTINATION share/doc/tsp RENAME copyright)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME tsp)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "The tsp maintainers <maintainers@tsp.example>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "trust services and remote signing on the command line")
set(CPACK_PACKAGE_DESCRIPTION "Founds and runs a trust service provider: certification authority,
time-stamping, server signing with keys that never leave the HSM, validation
and an audit log that others can check.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# The embedded HSM, libcurl, libqrencode and libxml2 are loaded at run time and the font read as a
# file: no link names them.
set(CPACK_DEBIAN_PACKAGE_DEPENDS
  "softhsm2, fonts-dejavu-core, libcurl4t64 | libcurl4, libqrencode4, libxml2 | libxml2-16")
include(CPack)
