// words.c: counts the words of a text that comes in pieces. A word is a block with its letters, in a hash table that doubles when it is full.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT(name) __attribute__((export_name(#name)))
enum { kLongest = 64 }; // letters beyond that are dropped

struct Word {
  struct Word* next;
  uint32_t hash;
  unsigned count;
  char letters[];
};

static struct Word** table;
static size_t table_size, different, total;

// The word that is being read: a piece may end inside it.
static char current[kLongest + 1];
static size_t length;

EXPORT(differentWords) size_t different_words(void) { return different; }
EXPORT(totalWords) size_t total_words(void) { return total; }

static uint32_t hash_of(const char* letters) {
  uint32_t hash = 2166136261u; // FNV-1a
  while (*letters) hash = (hash ^ (unsigned char)*letters++) * 16777619u;
  return hash;
}

static int grow(void) {
  size_t size = table_size ? 2 * table_size : 1024;
  struct Word** larger = calloc(size, sizeof *larger);
  if (!larger) return 0;
  for (size_t i = 0; i < table_size; i++) {
    for (struct Word *word = table[i], *next; word; word = next) {
      next = word->next;
      word->next = larger[word->hash % size];
      larger[word->hash % size] = word;
    }
  }
  free(table);
  table = larger;
  table_size = size;
  return 1;
}

static int count_word(const char* letters) {
  if (different >= table_size && !grow()) return 0;
  uint32_t hash = hash_of(letters);
  struct Word** list = &table[hash % table_size];
  struct Word* word = *list;
  while (word && (word->hash != hash || strcmp(word->letters, letters))) word = word->next;
  if (!word) {
    word = malloc(sizeof *word + strlen(letters) + 1);
    if (!word) return 0;
    *word = (struct Word){*list, hash, 0};
    strcpy(word->letters, letters);
    *list = word;
    different++;
  }
  word->count++;
  total++;
  return 1;
}

// Ends the word that is being read, if there is one.
EXPORT(endWord) int end_word(void) {
  if (!length) return 1;
  current[length] = 0;
  length = 0;
  return count_word(current);
}

// A letter of a word: those of ASCII in lower case, and every byte of a character beyond ASCII. 0 ends a word.
static char letter_of(char byte) {
  if (byte >= 'A' && byte <= 'Z') return byte | 32;
  return (byte >= 'a' && byte <= 'z') || byte < 0 || byte == '\'' ? byte : 0;
}

// Reads a piece of the text. Returns 0 if there is no memory.
EXPORT(readPiece) int read_piece(const char* text, size_t bytes) {
  for (size_t i = 0; i < bytes; i++) {
    char letter = letter_of(text[i]);
    if (!letter && !end_word()) return 0;
    if (letter && length < kLongest) current[length++] = letter;
  }
  return 1;
}

static int by_count(const void* left, const void* right) {
  const struct Word *a = *(struct Word* const*)left, *b = *(struct Word* const*)right;
  return a->count != b->count ? (a->count < b->count ? 1 : -1) : strcmp(a->letters, b->letters);
}

// All words, the most frequent first, with a NULL at the end: a block that the caller frees. NULL if there is no memory.
EXPORT(sortedWords) struct Word** sorted_words(void) {
  struct Word** words = malloc((different + 1) * sizeof *words);
  if (!words) return NULL;
  size_t count = 0;
  for (size_t i = 0; i < table_size; i++)
    for (struct Word* word = table[i]; word; word = word->next) words[count++] = word;
  qsort(words, count, sizeof *words, by_count);
  words[count] = NULL;
  return words;
}
