/* A program that is linked with the heap. */
#include <stdlib.h>

__attribute__((export_name("take"))) void* take(size_t size) { return malloc(size); }
__attribute__((export_name("give"))) void give(void* mem) { free(mem); }
