/* string.h for freestanding WebAssembly programs: what memory.wasm and libmemory.a implement of it, as in C23 and POSIX. */
#ifndef MEMORY_WASM_STRING_H
#define MEMORY_WASM_STRING_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#define MEMORY_WASM_RESTRICT __restrict
#else
#define MEMORY_WASM_RESTRICT restrict
#endif

void* memcpy(void* MEMORY_WASM_RESTRICT to, const void* MEMORY_WASM_RESTRICT from, size_t count);
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
char* strcpy(char* MEMORY_WASM_RESTRICT to, const char* MEMORY_WASM_RESTRICT from);
char* stpcpy(char* MEMORY_WASM_RESTRICT to, const char* MEMORY_WASM_RESTRICT from);
char* strncpy(char* MEMORY_WASM_RESTRICT to, const char* MEMORY_WASM_RESTRICT from, size_t limit);
char* strcat(char* MEMORY_WASM_RESTRICT to, const char* MEMORY_WASM_RESTRICT from);
char* strchr(const char* string, int value);
char* strrchr(const char* string, int value);
char* strstr(const char* string, const char* sought);

/* A copy from malloc, to be freed by the caller; NULL if there is no memory. */
char* strdup(const char* string);
char* strndup(const char* string, size_t limit);

#undef MEMORY_WASM_RESTRICT
#ifdef __cplusplus
}
#endif

#endif
