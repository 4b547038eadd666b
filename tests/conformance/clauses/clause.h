/* How a clause of a standard is tested: by a function that is listed, with what the standard says, in the section `clauses` of the
 * program. program.c hands the list to the host, which runs one clause at a time.
 *
 *     CLAUSE(malloc_0, "C23 7.24.3p1", "a request of 0 bytes returns NULL or a pointer to free") {
 *       void* mem = malloc(0);
 *       EXPECT(mem);
 *       free(mem);
 *     }
 *
 * This header is C and C++. */
#ifndef CLAUSE_H
#define CLAUSE_H

#include <stddef.h>
#include <stdint.h>

struct Clause {
  const char* where; /* the standard and its paragraph */
  const char* says;
  void (*test)(void);
};

#ifdef __cplusplus
extern "C" {
#endif
extern const char* failed_expectation; /* the first one of the clause; NULL: none */
#ifdef __cplusplus
}
#endif

#define CLAUSE(name, where, says)                                                                                   \
  static void name(void);                                                                                           \
  __attribute__((used, retain, section("clauses"))) static const struct Clause clause_##name = {where, says, name}; \
  static void name(void)

#define AS_TEXT_(token) #token
#define AS_TEXT(token) AS_TEXT_(token)

#define EXPECT(holds)                                                  \
  do {                                                                 \
    if (!(holds)) {                                                    \
      failed_expectation = __FILE_NAME__ ":" AS_TEXT(__LINE__) ": " #holds; \
      return;                                                          \
    }                                                                  \
  } while (0)

/* No heap grants so much; the compiler must not see that. */
static inline size_t too_much(void) {
  volatile size_t bytes = SIZE_MAX;
  return bytes;
}

static inline int is_aligned(const void* mem, size_t alignment) { return (uintptr_t)mem % alignment == 0; }

#endif
