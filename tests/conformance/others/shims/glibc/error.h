#include <stdio.h>
#include <stdlib.h>
#define error(status, number, ...)                     \
  do {                                                 \
    (void)(number);                                    \
    fprintf(stderr, __VA_ARGS__);                      \
    if ((status) != 0) exit(status);                   \
  } while (0)
