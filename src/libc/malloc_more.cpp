// The rest of C23's allocation functions, POSIX's, and the common extensions: what need not be fast.
#include <memory_wasm.h>
#include <stdlib.h>

#include "error_numbers.h"
#include "the_heap.h"

using memory_wasm::heap_or_null;
using memory_wasm::kInvalidArgument;
using memory_wasm::kNoMemory;
using memory_wasm::owner;
using memory_wasm::TheHeap;

namespace {

constexpr bool is_power_of_two(size_t n) { return n != 0 && (n & (n - 1)) == 0; }

void* allocate_aligned(size_t alignment, size_t size) {
  return memory_wasm::and_report_growth([=]() -> void* {
    TheHeap* heap = heap_or_null();
    return heap ? heap->allocate_aligned(alignment, size) : nullptr;
  });
}

}  // namespace

extern "C" {

void* reallocarray(void* mem, size_t count, size_t size) {
  size_t bytes;
  return memory_wasm::product_overflows(count, size, &bytes) ? nullptr : realloc(mem, bytes);
}

void* aligned_alloc(size_t alignment, size_t size) { return is_power_of_two(alignment) ? allocate_aligned(alignment, size) : nullptr; }

void* memalign(size_t alignment, size_t size) { return aligned_alloc(alignment, size); }

int posix_memalign(void** result, size_t alignment, size_t size) {
  if (!is_power_of_two(alignment) || alignment % sizeof(void*) != 0) return kInvalidArgument;
  void* mem = allocate_aligned(alignment, size);
  if (!mem) return kNoMemory;
  memory_wasm::payload_put(reinterpret_cast<size_t*>(result), reinterpret_cast<size_t>(mem));
  return 0;
}

size_t malloc_usable_size(void* mem) { return mem ? owner().usable_size(mem) : 0; }

// The size is the caller's claim: one that no block at this address can have is a smashed or mistaken pointer.
void free_sized(void* mem, size_t size) {
  memory_wasm::trap_if(mem && !memory_wasm::can_hold(owner(), mem, size));
  free(mem);
}

void free_aligned_sized(void* mem, size_t alignment, size_t size) {
  if (!mem) return;
  memory_wasm::trap_if(!is_power_of_two(alignment) || !memory_wasm::is_aligned(reinterpret_cast<uintptr_t>(mem), alignment));
  free_sized(mem, size);
}

[[gnu::noreturn, gnu::weak]] void abort() { __builtin_trap(); }
}
