/* Compiled and linked as for one thread: nothing here knows of any other. Each function works on its arguments and on blocks of the heap. */
#include <stdlib.h>
#include <string.h>

#define EXPORT(name) __attribute__((export_name(#name))) name

static int is_letter(char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }

/* A copy of the longest word, which is the caller's. Frees the text. */
char *EXPORT(longest_word)(char *text) {
  const char *best = text;
  size_t length = 0;
  for (const char *at = text; *at;) {
    const char *start = at;
    while (is_letter(*at)) at++;
    if ((size_t)(at - start) > length) best = start, length = at - start;
    if (*at) at++;
  }
  char *word = calloc(length + 1, 1);
  if (word) memcpy(word, best, length);
  free(text);
  return word;
}
