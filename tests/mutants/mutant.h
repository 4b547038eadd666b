// Which fault of tests/mutants/list.js is on; 0: none. On this machine the environment says, in WebAssembly the value of a global, which
// run.js changes in the finished file.
#pragma once

#ifdef __wasm__

inline unsigned memory_wasm_the_mutant __attribute__((address_space(1))) = 0x5eed0000;
inline bool memory_wasm_is_mutant(unsigned number) { return memory_wasm_the_mutant == 0x5eed0000 + number; }

#else

#include <stdlib.h>

inline unsigned memory_wasm_mutant_of_the_environment() {
  static const unsigned mutant = [] {
    const char* text = getenv("MUTANT");
    return text ? static_cast<unsigned>(atoi(text)) : 0;
  }();
  return mutant;
}
inline bool memory_wasm_is_mutant(unsigned number) { return memory_wasm_mutant_of_the_environment() == number; }

#endif

#define memory_wasm_mutant(number) (!__builtin_is_constant_evaluated() && memory_wasm_is_mutant(number))
