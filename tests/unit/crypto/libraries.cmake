target_link_libraries(unit_crypto PRIVATE tsp_test_support PkgConfig::ARGON2)
