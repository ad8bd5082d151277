target_link_libraries(unit_ops PRIVATE tsp_test_story tsp_test_home tsp_test_certificates)
target_include_directories(unit_ops SYSTEM PRIVATE ${P11KIT_INCLUDE_DIRS})
add_dependencies(unit_ops tsp_template)
set(unit_fixtures template)
