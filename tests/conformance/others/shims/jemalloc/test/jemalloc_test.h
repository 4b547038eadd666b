/* The part of jemalloc's test framework that its tests of the standard functions use, over those functions. mallctl answers that
 * the largest size class is PTRDIFF_MAX, and does nothing else. */
#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#undef assert
#define assert(holds) expect(holds, "%s", #holds)
#define expect(holds, ...)                             \
  do {                                                 \
    if (!(holds)) {                                    \
      fprintf(stderr, "%s:%d: ", __FILE__, __LINE__);  \
      fprintf(stderr, __VA_ARGS__);                    \
      exit(1);                                         \
    }                                                  \
  } while (0)
#define expect_d_eq(a, b, ...) expect((a) == (b), __VA_ARGS__)
#define expect_d_ne(a, b, ...) expect((a) != (b), __VA_ARGS__)
#define expect_false(a, ...) expect(!(a), __VA_ARGS__)
#define expect_true(a, ...) expect(a, __VA_ARGS__)
#define expect_ptr_null(a, ...) expect((a) == NULL, __VA_ARGS__)
#define expect_ptr_not_null(a, ...) expect((a) != NULL, __VA_ARGS__)
#define expect_zu_eq(a, b, ...) expect((a) == (b), __VA_ARGS__)

#define TEST_BEGIN(name) static void name(void)
#define TEST_END
#define TEST_MALLOC_SIZE malloc_usable_size
#define JEMALLOC_DIAGNOSTIC_PUSH
#define JEMALLOC_DIAGNOSTIC_POP
#define JEMALLOC_DIAGNOSTIC_IGNORE_ALLOC_SIZE_LARGER_THAN
#define LG_SIZEOF_PTR 2
#define SIZE_T_MAX SIZE_MAX
#define test_fail(...) expect(false, __VA_ARGS__)
#define BUFERROR_BUF 64
#define malloc_snprintf snprintf
#define buferror(number, buffer, bytes) snprintf(buffer, bytes, "%d", number)
#define set_errno(value) (errno = (value))
#define get_errno() errno

static inline int run_all(void (**tests)(void), size_t count) {
  for (size_t i = 0; i < count; i++) tests[i]();
  return 0;
}
#define test(...) run_all((void (*[])(void)){__VA_ARGS__}, sizeof((void (*[])(void)){__VA_ARGS__}) / sizeof(void (*)(void)))

static inline int answer(void* old, size_t* bytes) {
  const size_t largest = PTRDIFF_MAX;
  if (old) memcpy(old, &largest, *bytes);
  return 0;
}
#define mallctl(name, old, bytes, new, new_bytes) answer(old, bytes)
#define mallctlbymib(mib, length, old, bytes, new, new_bytes) answer(old, bytes)
#define mallctlnametomib(name, mib, length) 0
