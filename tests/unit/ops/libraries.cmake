target_link_libraries(unit_ops PRIVATE tsp_test_story tsp_test_home)
add_dependencies(unit_ops tsp_template)
set(unit_fixtures template)
