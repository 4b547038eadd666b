# A CMake toolchain file for freestanding wasm32 programs, with clang and wasm-ld of LLVM 14 or later:
#
#     cmake -B build --toolchain PREFIX/lib/cmake/memory_wasm/wasm32.cmake
#
# The linker is called directly: clang would run any wasm-opt that happens to be on PATH. MEMORY_WASM_LLVM, for example 19, chooses the
# version where several are installed.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
set(suffix)
if(MEMORY_WASM_LLVM)
  set(suffix -${MEMORY_WASM_LLVM})
endif()
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES MEMORY_WASM_LLVM)

find_program(CMAKE_C_COMPILER NAMES clang${suffix} REQUIRED)
find_program(CMAKE_CXX_COMPILER NAMES clang++${suffix} REQUIRED)
find_program(MEMORY_WASM_LD NAMES wasm-ld${suffix} REQUIRED)
find_program(CMAKE_AR NAMES llvm-ar${suffix} llvm-ar ar REQUIRED)
set(CMAKE_RANLIB true)

set(CMAKE_C_COMPILER_TARGET wasm32-unknown-unknown)
set(CMAKE_CXX_COMPILER_TARGET wasm32-unknown-unknown)
set(CMAKE_C_FLAGS_INIT -nostdlib)
set(CMAKE_CXX_FLAGS_INIT "-nostdlib -fno-exceptions -fno-rtti")
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_EXECUTABLE_SUFFIX_C .wasm)
set(CMAKE_EXECUTABLE_SUFFIX_CXX .wasm)
set(CMAKE_C_LINK_EXECUTABLE "${MEMORY_WASM_LD} --no-entry --stack-first <LINK_FLAGS> <OBJECTS> -o <TARGET> <LINK_LIBRARIES>")
set(CMAKE_CXX_LINK_EXECUTABLE "${CMAKE_C_LINK_EXECUTABLE}")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
