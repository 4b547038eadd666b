# `cmake --install build/dist --prefix ...` and the release archive: headers, archives, the files for a server, the docs, and a package
# that find_package(memory_wasm) finds.
include(CMakePackageConfigHelpers)

set(package_folder lib/cmake/memory_wasm)
write_basic_package_version_file(memory_wasmConfigVersion.cmake COMPATIBILITY SameMajorVersion ARCH_INDEPENDENT)
install(FILES ${PROJECT_SOURCE_DIR}/cmake/memory_wasmConfig.cmake ${PROJECT_SOURCE_DIR}/cmake/wasm32.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/memory_wasmConfigVersion.cmake DESTINATION ${package_folder})
install(DIRECTORY ${dist}/include/ DESTINATION include)
install(DIRECTORY ${dist}/ DESTINATION lib FILES_MATCHING PATTERN "*.a" PATTERN include EXCLUDE PATTERN licenses EXCLUDE)
install(DIRECTORY ${dist}/ DESTINATION share/memory_wasm PATTERN "*.a" EXCLUDE PATTERN include EXCLUDE)
# Node takes the .js files for modules only where a package.json says so.
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/package.json "{ \"type\": \"module\" }\n")
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/package.json DESTINATION share/memory_wasm)
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/CHANGELOG.md ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION share/doc/memory_wasm)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/ DESTINATION share/doc/memory_wasm/docs)

# The release: an archive of what is installed, the npm package, their checksums, and the lists of what is in them.
set(release memory_wasm-${PROJECT_VERSION})
set(npm_package memory.wasm-${PROJECT_VERSION}.tgz)
set(release_folder ${PROJECT_SOURCE_DIR}/build/release)
add_custom_target(release
  COMMAND ${CMAKE_COMMAND} -E rm -rf ${release_folder}
  COMMAND ${CMAKE_COMMAND} --install ${PROJECT_BINARY_DIR} --prefix ${release_folder}/${release}
  COMMAND ${CMAKE_COMMAND} -E chdir ${release_folder} ${CMAKE_COMMAND} -E tar czf ${release}.tar.gz --mtime=2000-01-01 ${release}
  COMMAND ${NPM} pack --silent --pack-destination ${release_folder}
  COMMAND ${CMAKE_COMMAND} -E chdir ${release_folder} ${CMAKE_COMMAND} -E sha256sum ${release}.tar.gz ${npm_package} > ${release_folder}/SHA256SUMS
  COMMAND ${CMAKE_COMMAND} -E chdir ${release_folder} ${CMAKE_COMMAND} -E tar tzf ${release}.tar.gz > ${release_folder}/CONTENTS
  COMMAND ${CMAKE_COMMAND} -E chdir ${release_folder} ${CMAKE_COMMAND} -E tar tzf ${npm_package} >> ${release_folder}/CONTENTS
  DEPENDS dist
  WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
  COMMENT "Packing ${release}.tar.gz"
  VERBATIM)
