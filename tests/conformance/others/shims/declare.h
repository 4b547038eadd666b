/* What the tests expect of <stdlib.h>, <malloc.h> and <string.h> and wasi-libc's don't declare. Included before each test. */
#ifndef DECLARE_H
#define DECLARE_H

#ifndef __cplusplus
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void* reallocarray(void* mem, size_t count, size_t size);
void* memalign(size_t alignment, size_t size);
size_t malloc_usable_size(void* mem);

/* glibc's */
#define __GNUC_PREREQ(major, minor) 0
#define __WORDSIZE 32
#define getpagesize() 65536
#define rawmemchr(in, value) memchr(in, value, SIZE_MAX)
#define __memcmpeq memcmp
#define valloc(size) memalign(65536, size)
#define pvalloc(size) memalign(65536, size)
#endif

#endif
