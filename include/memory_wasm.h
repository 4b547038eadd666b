/* memory_wasm.h: what memory.wasm offers beyond <stdlib.h>: the heap itself, for hosts and for the curious.
 *
 * All sizes are in bytes; addresses are addresses in the linear memory. No function here allocates.
 * None of them may be called from inside the callback given to heap_on_grow, except heap_footprint. */
#ifndef MEMORY_WASM_H
#define MEMORY_WASM_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this interface: major * 65536 + minor. A newer minor version only adds functions. */
#define HEAP_VERSION 0x00010000u
unsigned heap_version(void);

/* A number that names the layout of the heap's state and blocks, derived from the constants that decide it. A state, a
 * snapshot or a second instance fits only a heap of the same layout. */
unsigned heap_layout(void);

/* Gives [address, address + bytes) to the heap, for good. The caller promises that nobody else uses it.
 * Any alignment will do. Returns how many of the bytes are now in the heap's footprint: 0 when the range is too
 * small to hold a block, wraps, ends beyond the memory, or overlaps what the heap already has; then nothing changed. */
size_t heap_add_region(void* address, size_t bytes);

/* Bytes that the heap holds: all it grew and all it was given. It never falls: WebAssembly memory can't shrink. */
size_t heap_footprint(void);

/* Bytes in blocks that are handed out, with the heap's own cost of each (header, rounding). Walks the heap. */
size_t heap_in_use(void);

/* The largest n for which malloc(n) succeeds even if the memory can't grow. If it can, a request of up to 512 bytes may
 * grow it all the same, for a cell that holds many such blocks. The small and the debug heap keep freed blocks aside and may serve
 * more: heap_trim() says how much. Walks the heap. */
size_t heap_largest_free(void);

/* A walk over the heap. Spans tile each region of the footprint without a gap: a span reaches from its address to the
 * address of the next one in that region. A span in use has the address that malloc returned.
 *
 *     for (void* span = heap_span_next(0); span; span = heap_span_next(span)) ...
 *
 * Freeing or allocating ends the walk: begin again. */
enum heap_span_kind {
  HEAP_SPAN_FREE = 0,
  HEAP_SPAN_USED = 1,
  HEAP_SPAN_OVERHEAD = 2, /* the heap's bookkeeping */
  HEAP_SPAN_TOP = 3       /* free, at the end of the newest region: used when nothing else fits */
};
void* heap_span_next(const void* span); /* the first span for NULL; NULL after the last */
size_t heap_span_bytes(const void* span);
int heap_span_kind(const void* span);

/* Checks every invariant of the heap. 0 when all hold, otherwise the number of the first broken one
 * (their texts: enum Invariant in src/check.h, and docs/javascript.md). Only reads. */
int heap_check(void);

/* Joins whatever the heap keeps aside for speed back into free chunks. Returns heap_largest_free(). */
size_t heap_trim(void);

/* Forgets every block at once: all pointers into the heap are invalid, the footprint stays. */
void heap_reset(void);

/* The address of the heap's own state, NULL before the first allocation or region. A second instance of memory.wasm
 * over the same memory (or a restored copy of that memory) takes the heap over with heap_attach(state).
 * Returns 1, or 0 if there is no heap of this version at that address: then nothing changed. */
void* heap_state(void);
int heap_attach(void* state);

/* Sets the key that goes into the seals on the heap's tags: a number that the program can't guess. It must come before the
 * first allocation and the first region. Returns 1, or 0 and nothing changed if the heap exists already under another key.
 * Without a call the key is 0. A second instance and a restored copy need the same key: heap_attach finds no heap with
 * another one. Once a restored copy has overwritten the heap, heap_protect takes the key of the copy. A program that is linked with the heap may define heap_key, which is called once, before the first
 * allocation; heap_protect goes before it. */
int heap_protect(unsigned key);
size_t heap_key(void);

/* Calls `callback` right after the heap grew the memory (typed-array views are detached by then). NULL: no more calls.
 * From JavaScript: put a function into the exported table and pass its index. */
void heap_on_grow(void (*callback)(void));

/* With libmemory_c.a: where a program's stdout (stream 1) and stderr (2) go. It does nothing unless the program defines it, for
 * example to pass the text on to a function that it imports from JavaScript. A line may come in several pieces. */
void memory_wasm_output(int stream, const char* text, size_t length);

#ifdef __cplusplus
}
#endif

#endif
