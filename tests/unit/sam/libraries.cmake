target_link_libraries(unit_sam PRIVATE tsp_test_certificates)
    target_include_directories(unit_sam SYSTEM PRIVATE ${P11KIT_INCLUDE_DIRS})
