/* memory_wasm_libc.h: is another C library's include folder searched after this one (wasi-libc, Emscripten, musl, newlib, picolibc)?
 * Then each header of this folder defers to the header of the same name there, and MEMORY_WASM_OTHER_LIBC is 1. So this folder can be
 * put first on the include path of any toolchain and hides nothing.
 *
 * The C library of the machine that compiles (glibc) doesn't count: Debian's clang 15 searches it for wasm32 too, by mistake. */
#ifndef MEMORY_WASM_LIBC_H
#define MEMORY_WASM_LIBC_H
#pragma GCC system_header

#define MEMORY_WASM_OTHER_LIBC 0
#ifdef __has_include_next
#if __has_include_next(<bits/alltypes.h>) || __has_include_next(<newlib.h>) || __has_include_next(<picolibc.h>)
#undef MEMORY_WASM_OTHER_LIBC
#define MEMORY_WASM_OTHER_LIBC 1
#endif
#endif

#endif
