// parser.c: reads JSON (RFC 8259) into a tree. Every value, name and text is a block of its own, so a file of some megabytes makes some hundred
// thousand of them; deleteValue frees them all.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT(name) __attribute__((export_name(#name)))
enum { kMostDepth = 400 }; // a level takes some 100 bytes of the stack

enum Kind { kNull, kFalse, kTrue, kNumber, kText, kArray, kObject };

// The page reads these in memory, with struct() of memory.js: a change here is a change in parser.js.
struct Value {
  int kind;
  unsigned count;      // of items
  char* name;          // of a member of an object
  char* text;
  double number;
  struct Value* first; // of the items
  struct Value* next;  // among its siblings
};

// Where the reader is, and what stopped it.
static struct {
  const char *start, *at, *end;
  int depth;
  const char* error;
} reader;

static struct Value* read_value(void);

static void* fail(const char* error) {
  if (!reader.error) reader.error = error;
  return NULL;
}

static void* allocate(size_t bytes) {
  void* block = malloc(bytes);
  return block ? block : fail("no memory is left");
}

EXPORT(deleteValue) void delete_value(struct Value* value) {
  while (value) {
    struct Value* next = value->next;
    delete_value(value->first);
    free(value->name);
    free(value->text);
    free(value);
    value = next;
  }
}

static int is_space(char letter) { return letter == ' ' || letter == '\n' || letter == '\r' || letter == '\t'; }
static int is_digit(char letter) { return letter >= '0' && letter <= '9'; }

// The next character that is no space, 0 at the end.
static char peek(void) {
  while (reader.at < reader.end && is_space(*reader.at)) reader.at++;
  return reader.at < reader.end ? *reader.at : 0;
}

static int take(char wanted) {
  if (peek() != wanted) return 0;
  reader.at++;
  return 1;
}

static int take_word(const char* word) {
  size_t length = strlen(word);
  if ((size_t)(reader.end - reader.at) < length || memcmp(reader.at, word, length)) return 0;
  reader.at += length;
  return 1;
}

// Texts ------------------------------------------------------------------------------------------------------------------------------

static int hex_digit(char letter) {
  if (is_digit(letter)) return letter - '0';
  letter |= 'a' - 'A';
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

// The four digits behind \u, or -1.
static int read_hex(void) {
  int code = 0;
  if (reader.end - reader.at < 4) return -1;
  for (int count = 0; count < 4; count++) {
    int digit = hex_digit(*reader.at++);
    if (digit < 0) return -1;
    code = code * 16 + digit;
  }
  return code;
}

static char* put_utf8(char* to, uint32_t code) {
  if (code < 0x80) {
    *to++ = (char)code;
    return to;
  }
  int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  *to++ = (char)((0xff00 >> (more + 1)) | (code >> (6 * more)));
  while (more--) *to++ = (char)(0x80 | ((code >> (6 * more)) & 0x3f));
  return to;
}

// A character that is written as \uXXXX, or as two of those: half of a pair without the other half becomes U+FFFD.
static char* read_code(char* to) {
  int code = read_hex();
  if (code < 0) return fail("\\u wants four hexadecimal digits");
  if (code >= 0xdc00 && code < 0xe000) code = 0xfffd;
  if (code < 0xd800 || code >= 0xdc00) return put_utf8(to, (uint32_t)code);
  const char* before = reader.at;
  int low = take_word("\\u") ? read_hex() : -1;
  if (low >= 0xdc00 && low < 0xe000) return put_utf8(to, 0x10000u + ((uint32_t)(code - 0xd800) << 10) + (uint32_t)(low - 0xdc00));
  reader.at = before;
  return put_utf8(to, 0xfffd);
}

static char* read_escape(char* to) {
  static const char kLetters[] = "\"\\/bfnrt", kMeanings[] = "\"\\/\b\f\n\r\t";
  if (reader.at == reader.end) return fail("the text has no end");
  char letter = *reader.at++;
  if (letter == 'u') return read_code(to);
  const char* found = letter ? strchr(kLetters, letter) : NULL;
  if (!found) return fail("no such escape");
  *to++ = kMeanings[found - kLetters];
  return to;
}

// A text between quotes. It never gets longer by its escapes, so the place of its end says how long the block must be.
static char* read_text(void) {
  const char* end = ++reader.at;
  while (end < reader.end && *end != '"') end += *end == '\\' ? 2 : 1;
  if (end >= reader.end) return fail("the text has no end");
  char* text = allocate((size_t)(end - reader.at) + 1);
  char* to = text;
  while (to && reader.at < end) {
    char letter = *reader.at++;
    if (letter == '\\') to = read_escape(to);
    else if ((unsigned char)letter < ' ') to = fail("a control character in a text");
    else *to++ = letter;
  }
  if (!to) {
    free(text);
    return NULL;
  }
  *to = 0;
  reader.at = end + 1;
  return text;
}

// Values -----------------------------------------------------------------------------------------------------------------------------

static int take_digits(void) {
  const char* before = reader.at;
  while (reader.at < reader.end && is_digit(*reader.at)) reader.at++;
  return reader.at > before;
}

// Checks the form, which is stricter than strtod's. The input ends with a NUL, so strtod ends there, too.
static int read_number(double* number) {
  const char* start = reader.at;
  take_word("-");
  if (!take_word("0") && !take_digits()) return 0;
  if (take_word(".") && !take_digits()) return 0;
  if (reader.at < reader.end && (*reader.at | 32) == 'e') {
    reader.at++;
    if (!take_word("+")) take_word("-");
    if (!take_digits()) return 0;
  }
  *number = strtod(start, NULL);
  return 1;
}

// A member's name and its colon.
static char* read_name(void) {
  if (peek() != '"') return fail("expected a name in quotes");
  char* name = read_text();
  if (!name || take(':')) return name;
  free(name);
  return fail("expected a colon behind the name");
}

// What is between the brackets of an array or object. Returns 0 when something is wrong: what was read is in `into` all the same.
static int read_items(struct Value* into, char closing) {
  struct Value** last = &into->first;
  reader.at++;
  if (take(closing)) return 1;
  if (++reader.depth > kMostDepth) return fail("nested too deep") != NULL;
  do {
    char* name = closing == '}' ? read_name() : NULL;
    if (reader.error) return 0;
    struct Value* item = read_value();
    if (!item) {
      free(name);
      return 0;
    }
    item->name = name;
    *last = item;
    last = &item->next;
    into->count++;
  } while (take(','));
  reader.depth--;
  return take(closing) || fail(closing == '}' ? "expected a comma or }" : "expected a comma or ]");
}

static int read_into(struct Value* value) {
  char letter = peek();
  if (letter == '{') return value->kind = kObject, read_items(value, '}');
  if (letter == '[') return value->kind = kArray, read_items(value, ']');
  if (letter == '"') return value->kind = kText, (value->text = read_text()) != NULL;
  if (take_word("null")) return value->kind = kNull, 1;
  if (take_word("false")) return value->kind = kFalse, 1;
  if (take_word("true")) return value->kind = kTrue, 1;
  value->kind = kNumber;
  return read_number(&value->number) || fail("expected a value");
}

static struct Value* read_value(void) {
  struct Value* value = allocate(sizeof *value);
  if (!value) return NULL;
  *value = (struct Value){0};
  if (read_into(value)) return value;
  delete_value(value);
  return NULL;
}

// For the page ---------------------------------------------------------------------------------------------------------------------

// The tree of a text that ends with a NUL, or NULL: then errorText and errorOffset say what is wrong, and nothing is left over.
EXPORT(parse) struct Value* parse(const char* text, size_t length) {
  reader.start = reader.at = text;
  reader.end = text + length;
  reader.depth = 0;
  reader.error = NULL;
  struct Value* value = read_value();
  peek();
  if (value && reader.at < reader.end) {
    delete_value(value);
    return fail("something follows the value");
  }
  return value;
}

EXPORT(errorText) const char* error_text(void) { return reader.error; }
EXPORT(errorOffset) size_t error_offset(void) { return (size_t)(reader.at - reader.start); }

EXPORT(countOf) unsigned count_of(const struct Value* value, int kind) {
  unsigned count = 0;
  for (; value; value = value->next) count += (value->kind == kind) + count_of(value->first, kind);
  return count;
}

EXPORT(sumOf) double sum_of(const struct Value* value) {
  double sum = 0;
  for (; value; value = value->next) sum += value->number + sum_of(value->first);
  return sum;
}
