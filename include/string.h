/* string.h for freestanding WebAssembly programs: what memory.wasm and libmemory.a implement of it, as in C23 and POSIX.
 * With libmemory_c.a, or beside another C library, all of <string.h>. */
#ifndef MEMORY_WASM_STRING_H
#define MEMORY_WASM_STRING_H

#pragma GCC system_header

/* The rest of <string.h>: another C library's, or that of libmemory_c.a. */
#include "memory_wasm_libc.h"
#if MEMORY_WASM_OTHER_LIBC
#include_next <string.h>
#elif __has_include("memory_wasm_libc/string.h")
#include "memory_wasm_libc/string.h"
#endif

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

void* memcpy(void* __restrict to, const void* __restrict from, size_t count);
void* memmove(void* to, const void* from, size_t count);
void* memset(void* to, int value, size_t count);
int memcmp(const void* left, const void* right, size_t count);
int bcmp(const void* left, const void* right, size_t count);
void* memchr(const void* in, int value, size_t count);
void* memrchr(const void* in, int value, size_t count);

size_t strlen(const char* string);
size_t strnlen(const char* string, size_t limit);
int strcmp(const char* left, const char* right);
int strncmp(const char* left, const char* right, size_t limit);
char* strcpy(char* __restrict to, const char* __restrict from);
char* stpcpy(char* __restrict to, const char* __restrict from);
char* strncpy(char* __restrict to, const char* __restrict from, size_t limit);
char* strcat(char* __restrict to, const char* __restrict from);
char* strchr(const char* string, int value);
char* strrchr(const char* string, int value);
char* strstr(const char* string, const char* sought);

/* A copy from malloc, to be freed by the caller; NULL if there is no memory. */
char* strdup(const char* string);
char* strndup(const char* string, size_t limit);

#ifdef __cplusplus
}
#endif

#endif
