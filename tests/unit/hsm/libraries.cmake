target_link_libraries(unit_hsm PRIVATE tsp_test_support)
target_include_directories(unit_hsm SYSTEM PRIVATE ${P11KIT_INCLUDE_DIRS})
# Tests tagged [.slow] make RSA-4096 keys.
add_test(NAME unit.hsm.slow COMMAND unit_hsm "[.slow]")
set_tests_properties(unit.hsm.slow PROPERTIES LABELS "unit;slow" TIMEOUT 300)
