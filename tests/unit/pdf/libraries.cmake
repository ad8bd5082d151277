tsp_draws(unit_pdf)
target_link_libraries(unit_pdf PRIVATE OpenSSL::Crypto PkgConfig::ZLIB)
