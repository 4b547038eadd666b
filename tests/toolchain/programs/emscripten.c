/* Emscripten's JavaScript over our heap: its views of the memory stay right when the heap grows it. */
#include <emscripten.h>
#include <memory_wasm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

EM_JS(int, read_by_js, (const char* at), { return HEAPU8[at]; });

/* Emscripten's: makes the views anew. */
void emscripten_notify_memory_growth(size_t memory);
static void grown(void) { emscripten_notify_memory_growth(0); }

int main(void) {
  heap_on_grow(grown);
  const size_t size = 40 << 20;
  char* block = malloc(size);
  if (!block) return 1;
  memset(block, 7, size);
  printf("%d\n", read_by_js(block + size - 1));
  free(block);
  return 0;
}
