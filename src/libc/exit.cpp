// How a program ends that has no system under it. wasi-libc's exit is not taken: the object that has it has __wasm_call_dtors too, and
// wasm-ld would run the destructors after each call of an export.
#include <stdlib.h>

extern "C" {

void __cxa_finalize(void* module);

// Writes what stdio holds back. It is in the program if anything is that prints.
[[gnu::weak]] void __stdio_exit();

// There is nobody to report the status to: a program that wants it defines this itself.
[[gnu::noreturn, gnu::weak]] void _Exit(int) { abort(); }

[[gnu::noreturn, gnu::weak]] void exit(int status) {
  __cxa_finalize(nullptr);
  if (__stdio_exit) __stdio_exit();
  _Exit(status);
}
}
