/* memory_wasm_debug.h: what memory.debug.wasm has beyond memory_wasm.h. JavaScript uses it (js/debug); a host of another kind can.
 *
 * What is known of blocks is in a memory of the debug heap's own, exported as heap_debug_memory. Records and findings are read there:
 * src/wasm/debug/records.h and finding.h say how they are laid out. */
#ifndef MEMORY_WASM_DEBUG_H
#define MEMORY_WASM_DEBUG_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How many bytes of freed blocks are kept from being used again. 256 KiB at the start. */
void heap_debug_quarantine(size_t bytes);

/* Calls on_stack for every n-th allocation or free; 0, the start: for none. It answers with set_stack, by a number of its own
 * for the stack that it found. */
void heap_debug_stacks(uint32_t every);
void heap_debug_on_stack(void (*callback)(void));
void heap_debug_set_stack(uint32_t number);

/* The calling context of the next call of an allocation function, as a hash that is not 0. on_stack is called once for each new one. */
void heap_debug_at(uint64_t context);

/* Called for each misuse; heap_debug_finding() says which. When it returns, a wrong free is ignored, and a wrong realloc returns NULL.
 * Without a callback a misuse traps. */
void heap_debug_on_finding(void (*callback)(void));
const void* heap_debug_finding(void);

/* Called when a block was allocated (state 1), freed (2) or given back to the release heap (3). The block's zones are the `front` bytes below
 * the payload, and those from payload + size to payload + end. Returns the callback that was there before, or NULL: whoever listens
 * for a while calls that one too, and puts it back. */
typedef void (*heap_debug_block_callback)(size_t payload, size_t size, size_t front, size_t end, int state);
heap_debug_block_callback heap_debug_on_block(heap_debug_block_callback callback);

/* Looks at all zones and freed blocks now. Returns how many were written to; each is a finding. */
uint32_t heap_debug_check(void);

/* The record of the block that an address is in or next to, now or in the past; NULL if there is none. */
const void* heap_debug_nearest(const void* address);

/* The records of all blocks that are live or in quarantine, and some that are neither: heap_debug_record(0) ...
 * heap_debug_record(heap_debug_records() - 1). 2048 of them at a time are next to each other. */
uint32_t heap_debug_records(void);
const void* heap_debug_record(uint32_t index);

/* How many allocations there have been: the number of the newest block. */
uint32_t heap_debug_allocations(void);

#ifdef __cplusplus
}
#endif

#endif
