/* The C library that real code expects, from libmemory_c.a. check() returns the number of the line that failed, or 0. */
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <memory_wasm.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define EXPECT(holds) \
  if (!(holds)) return __LINE__

/* What was printed to stdout (1) and stderr (2). */
static char printed[3][200];

void memory_wasm_output(int stream, const char* text, size_t length) { strncat(printed[stream], text, length); }

static int by_number(const void* left, const void* right) { return *(const int*)left - *(const int*)right; }

static int formatted(char* into, size_t size, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(into, size, format, arguments);
  va_end(arguments);
  return length;
}

static int check_stdio(void) {
  char text[100];
  EXPECT(snprintf(text, sizeof text, "%5d|%-5s|%x|%.3f|%g|%e", -42, "ab", 255u, 3.14159, 1e10, 12345.678) == 39);
  EXPECT(strcmp(text, "  -42|ab   |ff|3.142|1e+10|1.234568e+04") == 0);
  EXPECT(snprintf(text, sizeof text, "%" PRId64 " %zu %c %%", INT64_MIN, (size_t)7, 'x') == 26);
  EXPECT(strcmp(text, "-9223372036854775808 7 x %") == 0);
  EXPECT(formatted(text, 4, "%s", "longer") == 6 && strcmp(text, "lon") == 0);
  int number;
  double real;
  char word[10];
  EXPECT(sscanf("12 0.5 abc", "%d %lf %9s", &number, &real, word) == 3);
  EXPECT(number == 12 && real == 0.5 && strcmp(word, "abc") == 0);
  printf("%d lines\n", 1);
  fputs("bad", stderr);
  EXPECT(strcmp(printed[1], "1 lines\n") == 0 && strcmp(printed[2], "bad") == 0);
  return 0;
}

static int check_stdlib(void) {
  int numbers[] = {5, 3, 9, 1, 7};
  qsort(numbers, 5, sizeof *numbers, by_number);
  EXPECT(numbers[0] == 1 && numbers[2] == 5 && numbers[4] == 9);
  int wanted = 7;
  EXPECT(bsearch(&wanted, numbers, 5, sizeof *numbers, by_number) == numbers + 3);
  char* end;
  EXPECT(strtol("-0x1fz", &end, 0) == -31 && *end == 'z');
  EXPECT(strtoul("4294967295", 0, 10) == UINT32_MAX && strtoll("-9000000000", 0, 10) == -9000000000);
  errno = 0;
  EXPECT(strtol("99999999999", 0, 10) == LONG_MAX && errno == ERANGE);
  EXPECT(strtod("2.5e3x", &end) == 2500 && *end == 'x' && atoi("12") == 12 && abs(-3) == 3);
  void* mem;
  EXPECT(posix_memalign(&mem, 3, 8) == EINVAL);
  return 0;
}

static int check_string(void) {
  char text[40] = "a,b;c";
  char* rest;
  EXPECT(strcmp(strtok_r(text, ",;", &rest), "a") == 0 && strcmp(strtok_r(0, ",;", &rest), "b") == 0);
  EXPECT(strspn("aab", "a") == 2 && strcspn("aab", "b") == 2 && *strpbrk("xyz", "zy") == 'y');
  EXPECT(memccpy(text, "ab|cd", '|', 5) == text + 3 && strncmp(text, "ab|", 3) == 0);
  strcpy(text, "ab");
  EXPECT(strcmp(strncat(text, "cdef", 2), "abcd") == 0);
  EXPECT(strcasecmp("HeLLo", "hEllO") == 0 && strncasecmp("ABx", "abY", 2) == 0);
  EXPECT(memcmp(memmem("hello", 5, "ll", 2), "llo", 3) == 0);
  EXPECT(strcmp(strerror(ENOMEM), "Out of memory") == 0);
  EXPECT(isalpha('x') && !isdigit('x') && toupper('x') == 'X' && isspace('\t'));
  return 0;
}

static int check_math(volatile double x) {
  EXPECT(fabs(sin(x) - 0.8414709848078965) < 1e-15 && fabs(pow(x + 1, 0.5) - 1.4142135623730951) < 1e-15);
  EXPECT(sqrt(x * 4) == 2 && floor(-x / 2) == -1 && fmod(x * 7, 4) == 3 && lround(x * 2.5) == 3);
  EXPECT(isnan(log(-x)) && isinf(x / 0));
  return 0;
}

static int check_time(void) {
  struct tm date = {.tm_year = 100, .tm_mon = 1, .tm_mday = 29};
  EXPECT(mktime(&date) == 951782400 && date.tm_wday == 2);
  char text[20];
  EXPECT(strftime(text, sizeof text, "%Y-%m-%d", &date) == 10 && strcmp(text, "2000-02-29") == 0);
  return 0;
}

__attribute__((export_name("check"))) int check(void) {
  int line;
  assert(sizeof(bool) == 1);
  if ((line = check_stdio()) || (line = check_stdlib()) || (line = check_string()) || (line = check_math(1)) || (line = check_time())) return line;
  EXPECT(heap_check() == 0);
  return 0;
}

/* Prints what doesn't hold, then traps. */
__attribute__((export_name("fail"))) void fail(int zero) {
  *printed[2] = 0;
  assert(zero != 0);
}
__attribute__((export_name("printed"))) const char* get_printed(int stream) { return printed[stream]; }

/* Ends by exit: what atexit registered runs, then stdio writes what it holds back. */
static void at_the_end(void) { fputs(" end", stdout); }
__attribute__((export_name("finish"))) void finish(void) {
  *printed[1] = 0;
  fputs("no newline", stdout);
  atexit(at_the_end);
  exit(0);
}
