# Freestanding wasm32 by clang and wasm-ld. The linker is called directly: the clang driver would run any wasm-opt that
# happens to be on PATH.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
set(triple wasm32-unknown-unknown)

set(versions 19 20 21 22)
list(TRANSFORM versions PREPEND clang++- OUTPUT_VARIABLE clangxx_names)
list(TRANSFORM versions PREPEND clang- OUTPUT_VARIABLE clang_names)
list(TRANSFORM versions PREPEND wasm-ld- OUTPUT_VARIABLE wasm_ld_names)
list(TRANSFORM versions PREPEND llvm-ar- OUTPUT_VARIABLE llvm_ar_names)
list(TRANSFORM versions PREPEND llvm-nm- OUTPUT_VARIABLE llvm_nm_names)
set(llvm_hints HINTS /opt/homebrew/opt/llvm/bin /usr/local/opt/llvm/bin /opt/homebrew/opt/lld/bin /usr/local/opt/lld/bin)

find_program(CMAKE_CXX_COMPILER NAMES ${clangxx_names} clang++ ${llvm_hints} REQUIRED)
find_program(CMAKE_C_COMPILER NAMES ${clang_names} clang ${llvm_hints} REQUIRED)
find_program(WASM_LD NAMES ${wasm_ld_names} wasm-ld ${llvm_hints} REQUIRED)
find_program(CMAKE_AR NAMES ${llvm_ar_names} llvm-ar ${llvm_hints} REQUIRED)
set(CMAKE_RANLIB true)  # llvm-ar has written the index

set(CMAKE_C_COMPILER_TARGET ${triple})
set(CMAKE_CXX_COMPILER_TARGET ${triple})
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_EXECUTABLE_SUFFIX_C .wasm)
set(CMAKE_EXECUTABLE_SUFFIX_CXX .wasm)
set(CMAKE_C_LINK_EXECUTABLE "${WASM_LD} <LINK_FLAGS> <OBJECTS> -o <TARGET> <LINK_LIBRARIES>")
set(CMAKE_CXX_LINK_EXECUTABLE "${CMAKE_C_LINK_EXECUTABLE}")
