#include <stdio.h>
#include <stdlib.h>

#define REPORT(...)               \
  do {                            \
    fprintf(stderr, __VA_ARGS__); \
    fputc('\n', stderr);          \
    exit(1);                      \
  } while (0)

#define FAIL_EXIT1(...) REPORT(__VA_ARGS__)
#define FAIL_RET(...) REPORT(__VA_ARGS__)
#define FAIL(...) REPORT(__VA_ARGS__)
#define FAIL_UNSUPPORTED(...) REPORT("unsupported: " __VA_ARGS__)
#define TEST_VERIFY(holds) \
  if (!(holds)) REPORT("line %d: " #holds, __LINE__)
#define TEST_VERIFY_EXIT(holds) TEST_VERIFY(holds)
#define TEST_COMPARE(left, right) TEST_VERIFY((left) == (right))
