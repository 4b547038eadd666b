/* zstd: compresses and restores 1 MB of text-like bytes at four levels, in one call and as a stream. */
#include "output.h"
#include "zstd.h"

#define SIZE (1 << 20)

static void fill(char* bytes) {
  static const char* const words[] = {"heap ", "block ", "of ", "memory ", "the ", "a ", "grows ", "free ", "and ", "is ", "page\n"};
  unsigned state = 1;
  for (size_t at = 0; at < SIZE;) {
    state = state * 1664525u + 1013904223u;
    for (const char* word = words[state >> 24 & 255 ? (state >> 16) % 11 : 0]; *word && at < SIZE; word++) bytes[at++] = *word;
  }
}

static void at_level(int level, const char* bytes) {
  size_t bound = ZSTD_compressBound(SIZE);
  char* packed = malloc(bound);
  char* restored = malloc(SIZE);
  size_t size = ZSTD_compress(packed, bound, bytes, SIZE, level);
  size_t back = ZSTD_isError(size) ? size : ZSTD_decompress(restored, SIZE, packed, size);
  printf("level %d: %zu bytes, hash %08x, %s\n", level, size, ZSTD_isError(size) ? 0 : hash_of(packed, size),
         ZSTD_isError(back) ? ZSTD_getErrorName(back) : memcmp(bytes, restored, SIZE) ? "differs" : "restored");
  free(restored);
  free(packed);
}

static void as_stream(const char* bytes) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  char chunk[4096];
  size_t total = 0;
  ZSTD_inBuffer in = {bytes, SIZE, 0};
  for (size_t left = 1; left;) {
    ZSTD_outBuffer out = {chunk, sizeof chunk, 0};
    left = ZSTD_compressStream2(context, &out, &in, ZSTD_e_end);
    total += out.pos;
    if (ZSTD_isError(left)) return (void)printf("stream: %s\n", ZSTD_getErrorName(left));
  }
  printf("stream: %zu bytes\n", total);
  ZSTD_freeCCtx(context);
}

void run(void) {
  char* bytes = malloc(SIZE);
  fill(bytes);
  static const int levels[] = {-5, 1, 3, 9};
  for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) at_level(levels[i], bytes);
  as_stream(bytes);
  free(bytes);
}
