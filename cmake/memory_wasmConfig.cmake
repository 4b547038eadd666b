# find_package(memory_wasm): targets for freestanding wasm32 programs, to be used with the toolchain file wasm32.cmake beside this file.
#
#     target_link_libraries(program PRIVATE memory_wasm::static)   the heap linked in
#     target_link_libraries(program PRIVATE memory_wasm::dynamic)  the heap loaded beside the program, by memory.js
#     target_link_libraries(program PRIVATE memory_wasm::c)        with either: snprintf, qsort, sin ... and C++'s runtime
#
# MEMORY_WASM_SHARE is the folder with memory.wasm, memory.js and the rest for a server.
get_filename_component(memory_wasm_prefix ${CMAKE_CURRENT_LIST_DIR}/../../.. ABSOLUTE)
set(MEMORY_WASM_SHARE ${memory_wasm_prefix}/share/memory_wasm)

if(NOT TARGET memory_wasm::static)
  add_library(memory_wasm::static STATIC IMPORTED)
  set_target_properties(memory_wasm::static PROPERTIES
    IMPORTED_LOCATION ${memory_wasm_prefix}/lib/libmemory.a
    INTERFACE_INCLUDE_DIRECTORIES ${memory_wasm_prefix}/include)

  add_library(memory_wasm::c STATIC IMPORTED)
  set_target_properties(memory_wasm::c PROPERTIES
    IMPORTED_LOCATION ${memory_wasm_prefix}/lib/libmemory_c.a
    INTERFACE_INCLUDE_DIRECTORIES ${memory_wasm_prefix}/include)

  add_library(memory_wasm::dynamic INTERFACE IMPORTED)
  set_target_properties(memory_wasm::dynamic PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES ${memory_wasm_prefix}/include
    INTERFACE_LINK_OPTIONS "--allow-undefined;--export=__heap_base")
endif()
