// Which fault of tests/mutants/list.js is on; 0: none. On this machine the environment says, in WebAssembly a number in the code,
// which run.js changes in the finished file.
#pragma once
#ifdef __clang__
#pragma clang diagnostic ignored "-Wconstant-evaluated"
#endif

#ifdef __wasm__

// The compiler can't see the number, and there is one function with it.
[[gnu::noinline]] inline unsigned memory_wasm_the_mutant() {
  unsigned number;
  asm("i32.const 0x5eed0000\n\tlocal.set %0" : "=r"(number));
  return number;
}
inline bool memory_wasm_is_mutant(unsigned number) { return memory_wasm_the_mutant() == 0x5eed0000 + number; }

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
