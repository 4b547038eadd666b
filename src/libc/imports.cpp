// libmemory-imports.a: malloc and its kin as imports of a program that is linked with another C library and loaded by memory.js.
//
//     program.o, libc.a  -> malloc, defined here ->  env.malloc, an import  ->  memory.wasm
//
// Left undefined, malloc would be found in that C library. Linked before it, these definitions keep its heap out.
#include <stdlib.h>

// The import NAME. It can't be declared as NAME itself: that is defined here.
#define IMPORT(NAME) __attribute__((import_module("env"), import_name(#NAME)))

extern "C" {

IMPORT(malloc) void* imported_malloc(size_t);
IMPORT(free) void imported_free(void*);
IMPORT(calloc) void* imported_calloc(size_t, size_t);
IMPORT(realloc) void* imported_realloc(void*, size_t);
IMPORT(reallocarray) void* imported_reallocarray(void*, size_t, size_t);
IMPORT(aligned_alloc) void* imported_aligned_alloc(size_t, size_t);
IMPORT(memalign) void* imported_memalign(size_t, size_t);
IMPORT(posix_memalign) int imported_posix_memalign(void**, size_t, size_t);
IMPORT(malloc_usable_size) size_t imported_malloc_usable_size(void*);
IMPORT(free_sized) void imported_free_sized(void*, size_t);
IMPORT(free_aligned_sized) void imported_free_aligned_sized(void*, size_t, size_t);

void* malloc(size_t size) { return imported_malloc(size); }
void free(void* mem) { imported_free(mem); }
void* calloc(size_t count, size_t size) { return imported_calloc(count, size); }
void* realloc(void* mem, size_t size) { return imported_realloc(mem, size); }
void* reallocarray(void* mem, size_t count, size_t size) { return imported_reallocarray(mem, count, size); }
void* aligned_alloc(size_t alignment, size_t size) { return imported_aligned_alloc(alignment, size); }
void* memalign(size_t alignment, size_t size) { return imported_memalign(alignment, size); }
int posix_memalign(void** result, size_t alignment, size_t size) { return imported_posix_memalign(result, alignment, size); }
size_t malloc_usable_size(void* mem) { return imported_malloc_usable_size(mem); }
void free_sized(void* mem, size_t size) { imported_free_sized(mem, size); }
void free_aligned_sized(void* mem, size_t alignment, size_t size) { imported_free_aligned_sized(mem, alignment, size); }
}
