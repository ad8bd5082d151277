pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
tsp_draws(unit_pdf)
target_link_libraries(unit_pdf PRIVATE OpenSSL::Crypto PkgConfig::ZLIB tsp_pdf_reading)
# Decompression bombs, which take the parser all its processor time.
add_test(NAME unit.pdf.slow COMMAND unit_pdf "[.slow]")
set_tests_properties(unit.pdf.slow PROPERTIES LABELS "unit;slow" TIMEOUT 300)
