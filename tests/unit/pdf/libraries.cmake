target_link_libraries(unit_pdf PRIVATE OpenSSL::Crypto)
