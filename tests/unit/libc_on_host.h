// What src/libc defines, as it is called when compiled for this machine: heap_malloc for malloc and so on.
#pragma once

#include <memory_wasm.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "c_names.h"

extern "C" {
void* malloc(size_t size);
void free(void* mem);
void* calloc(size_t count, size_t size);
void* realloc(void* mem, size_t size);
void* reallocarray(void* mem, size_t count, size_t size);
void* aligned_alloc(size_t alignment, size_t size);
void* memalign(size_t alignment, size_t size);
int posix_memalign(void** result, size_t alignment, size_t size);
size_t malloc_usable_size(void* mem);
void free_sized(void* mem, size_t size);
void free_aligned_sized(void* mem, size_t alignment, size_t size);
[[noreturn]] void abort();
void* sbrk(intptr_t increment);

void* memcpy(void* to, const void* from, size_t count);
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
char* strcpy(char* to, const char* from);
char* stpcpy(char* to, const char* from);
char* strncpy(char* to, const char* from, size_t limit);
char* strcat(char* to, const char* from);
char* strchr(const char* string, int value);
char* strrchr(const char* string, int value);
char* strstr(const char* string, const char* sought);
char* strdup(const char* string);
char* strndup(const char* string, size_t limit);
}

#include "c_names_end.h"
