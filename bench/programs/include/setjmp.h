// wasi-libc has none without exceptions. The programs include it for their errors, of which the work given to them raises
// none: setjmp returns once, and a longjmp would stop the program.
#ifndef BENCH_SETJMP_H
#define BENCH_SETJMP_H

typedef int jmp_buf[1];
#define setjmp(buffer) ((void)(buffer), 0)
#define longjmp(buffer, value) __builtin_trap()

#endif
