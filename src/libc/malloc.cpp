// The C names over the heap: C23's allocation functions, POSIX's, and the common extensions. No logic of the heap here;
// only what the standards say about arguments and results.
#include <memory_wasm.h>
#include <stdlib.h>

#include "instance.h"

using memory_wasm::Heap;
using memory_wasm::the_heap;
using memory_wasm::TheHeap;

namespace {

constexpr int kInvalidArgument = 22;  // EINVAL
constexpr int kNoMemory = 12;         // ENOMEM

inline TheHeap* heap_or_null() {
  TheHeap* heap = the_heap;
  return __builtin_expect(heap != nullptr, 1) ? heap : memory_wasm::make_heap();
}

// The heap that `mem` came from. Without a heap nothing can have come from it.
inline TheHeap& owner() {
  TheHeap* heap = the_heap;
  memory_wasm::trap_if(!heap);
  return *heap;
}

constexpr bool is_power_of_two(size_t n) { return n != 0 && (n & (n - 1)) == 0; }

[[gnu::noinline]] void* allocate(size_t size) {
  TheHeap* heap = heap_or_null();
  return heap ? heap->allocate_elsewhere(size) : nullptr;
}

void* allocate_aligned(size_t alignment, size_t size) {
  TheHeap* heap = heap_or_null();
  return heap ? heap->allocate_aligned(alignment, size) : nullptr;
}

}  // namespace

extern "C" {

// Short enough for an engine to inline: what is not at hand is out of line.
void* malloc(size_t size) {
  TheHeap* heap = memory_wasm::heap_at_hand();
  void* mem = heap ? heap->allocate_at_hand(size) : nullptr;
  return __builtin_expect(mem != nullptr, 1) ? mem : allocate(size);
}

void free(void* mem) {
  TheHeap* heap = memory_wasm::heap_at_hand();
  if (heap) return heap->release(mem);
  memory_wasm::trap_if(mem);
}

void* calloc(size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes)) return nullptr;
  TheHeap* heap = heap_or_null();
  return heap ? heap->allocate_zeroed(bytes) : nullptr;
}

void* realloc(void* mem, size_t size) { return mem ? owner().resize(mem, size) : malloc(size); }

void* reallocarray(void* mem, size_t count, size_t size) {
  size_t bytes;
  return __builtin_mul_overflow(count, size, &bytes) ? nullptr : realloc(mem, bytes);
}

void* aligned_alloc(size_t alignment, size_t size) {
  return is_power_of_two(alignment) ? allocate_aligned(alignment, size) : nullptr;
}

void* memalign(size_t alignment, size_t size) { return aligned_alloc(alignment, size); }

int posix_memalign(void** result, size_t alignment, size_t size) {
  if (!is_power_of_two(alignment) || alignment % sizeof(void*) != 0) return kInvalidArgument;
  void* mem = allocate_aligned(alignment, size);
  if (!mem) return kNoMemory;
  *result = mem;
  return 0;
}

size_t malloc_usable_size(void* mem) { return mem ? owner().usable_size(mem) : 0; }

// The size is the caller's claim: one that no block at this address can have is a smashed or mistaken pointer.
void free_sized(void* mem, size_t size) {
  memory_wasm::trap_if(mem && size > owner().usable_size(mem));
  free(mem);
}

void free_aligned_sized(void* mem, size_t alignment, size_t size) {
  if (!mem) return;
  memory_wasm::trap_if(!is_power_of_two(alignment) || !memory_wasm::is_aligned(reinterpret_cast<uintptr_t>(mem), alignment));
  free_sized(mem, size);
}

[[noreturn, gnu::weak]] void abort() { __builtin_trap(); }
}
