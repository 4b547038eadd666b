/* memory_wasm_shared.h: what memory.shared.wasm offers beyond memory_wasm.h: the heaps of the threads over one memory.
 *
 * Each thread has a heap of its own, which it joins the others with: heap_protect(key), then heap_attach(heap_shared_state() of a
 * thread that has one). Every function of memory_wasm.h is about the calling thread's heap; free and realloc take any thread's block. */
#ifndef MEMORY_WASM_SHARED_H
#define MEMORY_WASM_SHARED_H

#ifdef __cplusplus
extern "C" {
#endif

/* What all threads share, for heap_attach in another thread. NULL before the first allocation or region. */
void* heap_shared_state(void);

/* The number of this thread's heap, 1 to 254; 0 before it has one. */
unsigned heap_shared_number(void);

/* What is known of the thread whose heap has a number. `state`: of heap_shared_state, so that it can be asked before joining. */
enum heap_shared_status {
  HEAP_SHARED_FREE = 0,  /* no heap has this number */
  HEAP_SHARED_LIVE = 1,  /* a thread has it */
  HEAP_SHARED_HELD = 2,  /* a thread has it, and as long as it is there holds a lock of the host */
  HEAP_SHARED_ENDED = 3, /* its thread is gone: the next that joins takes the heap over */
  HEAP_SHARED_BROKEN = 4 /* it did not pass its check then: nobody takes it over */
};
unsigned heap_shared_status(const void* state, unsigned heap);

/* Changes a status from LIVE to HELD, or from LIVE or HELD to ENDED: only when it is certain that the thread runs no more. 1, or 0
 * and nothing changed if the status is not `from`. */
int heap_shared_change(void* state, unsigned heap, unsigned from, unsigned to);

/* A block that the host keeps for this thread, like its stack. A thread that takes a heap over finds it, and frees it or keeps it on. */
void* heap_shared_kept(void);
void heap_shared_keep(void* block);

#ifdef __cplusplus
}
#endif

#endif
