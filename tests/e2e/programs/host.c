// The program that plugins are attached to: it exports a function, data and its function table.
#include <stddef.h>

void *malloc(size_t);
int hostNumber = 40;
int hostAdd(int a, int b) { return a + b; }
int callBack(int (*function)(int), int value) { return function(value); }
