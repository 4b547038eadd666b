// A program with a bug: it copies a name into a block without looking at its length. Everything else about it is right.
#include <stdlib.h>
#include <string.h>

__attribute__((export_name("newName"))) char *newName(void) { return malloc(1000); }

// The bug.
__attribute__((export_name("setName"))) void setName(char *name, const char *text, size_t length) { memcpy(name, text, length); }

__attribute__((export_name("newAccount"))) void *newAccount(void) { return calloc(1, 1000); }
__attribute__((export_name("drop"))) void drop(void *block) { free(block); }
