// The C and C++ allocation functions over the debug heap: each says of which family it is.
#include <stdlib.h>

#include "../../libc/error_numbers.h"
#include "debug_heap.h"

namespace std {
enum class align_val_t : size_t {};
struct nothrow_t {};
}  // namespace std

namespace memory_wasm::debug {

[[gnu::visibility("hidden")]] DebugHeap the_debug_heap;

}  // namespace memory_wasm::debug

using namespace memory_wasm::debug;
using memory_wasm::kInvalidArgument;
using memory_wasm::kNoMemory;

namespace {

constexpr bool is_power_of_two(size_t n) { return n != 0 && (n & (n - 1)) == 0; }

void* allocate(size_t size, Family family) { return the_debug_heap.allocate(size, kMinimumZone, family, Fill::kPattern); }

void* allocate_aligned(std::align_val_t alignment, size_t size, Family family) {
  const auto bytes = static_cast<size_t>(alignment);
  return is_power_of_two(bytes) ? the_debug_heap.allocate(size, bytes < kMinimumZone ? kMinimumZone : bytes, family, Fill::kPattern) : nullptr;
}

// Where the C++ standard throws bad_alloc the program stops, as with memory.wasm.
void* require(void* mem) {
  if (!mem) __builtin_trap();
  return mem;
}

void release(void* mem, const Claim& claim) { the_debug_heap.release(mem, claim); }

size_t at_least_16(std::align_val_t alignment) {
  const auto bytes = static_cast<size_t>(alignment);
  return bytes < kMinimumZone ? kMinimumZone : bytes;
}

}  // namespace

extern "C" {

void* malloc(size_t size) { return allocate(size, Family::kMalloc); }

void free(void* mem) { release(mem, {}); }

void* calloc(size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes)) return nullptr;
  return the_debug_heap.allocate(bytes, kMinimumZone, Family::kMalloc, Fill::kZero);
}

void* realloc(void* mem, size_t size) { return mem ? the_debug_heap.resize(mem, size) : malloc(size); }

void* reallocarray(void* mem, size_t count, size_t size) {
  size_t bytes;
  return __builtin_mul_overflow(count, size, &bytes) ? nullptr : realloc(mem, bytes);
}

void* aligned_alloc(size_t alignment, size_t size) { return allocate_aligned(static_cast<std::align_val_t>(alignment), size, Family::kMalloc); }

void* memalign(size_t alignment, size_t size) { return aligned_alloc(alignment, size); }

// The result goes into the program's memory, which only the inner module reaches.
int posix_memalign(void** result, size_t alignment, size_t size) {
  if (!is_power_of_two(alignment) || alignment % sizeof(void*) != 0) return kInvalidArgument;
  void* mem = aligned_alloc(alignment, size);
  if (!mem) return kNoMemory;
  zone_store(result, mem);
  return 0;
}

size_t malloc_usable_size(void* mem) { return mem ? the_debug_heap.usable_size(mem) : 0; }

void free_sized(void* mem, size_t size) { release(mem, {.sized = true, .size = size}); }

void free_aligned_sized(void* mem, size_t alignment, size_t size) {
  release(mem, {.sized = true, .size = size, .alignment = at_least_16(static_cast<std::align_val_t>(alignment))});
}

char* strndup(const char* string, size_t limit) {
  const size_t length = inner_strnlen(string, limit);
  void* copy = malloc(length + 1);
  if (!copy) return nullptr;
  zone_copy(copy, string, length);
  zone_store_byte(static_cast<char*>(copy) + length, 0);
  return static_cast<char*>(copy);
}

char* strdup(const char* string) { return strndup(string, SIZE_MAX); }
}

void* operator new(size_t size) { return require(allocate(size, Family::kNew)); }
void* operator new[](size_t size) { return require(allocate(size, Family::kNewArray)); }
void* operator new(size_t size, const std::nothrow_t&) noexcept { return allocate(size, Family::kNew); }
void* operator new[](size_t size, const std::nothrow_t&) noexcept { return allocate(size, Family::kNewArray); }
void* operator new(size_t size, std::align_val_t alignment) { return require(allocate_aligned(alignment, size, Family::kAlignedNew)); }
void* operator new[](size_t size, std::align_val_t alignment) { return require(allocate_aligned(alignment, size, Family::kAlignedNewArray)); }
void* operator new(size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return allocate_aligned(alignment, size, Family::kAlignedNew);
}
void* operator new[](size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return allocate_aligned(alignment, size, Family::kAlignedNewArray);
}

void operator delete(void* mem) noexcept { release(mem, {.family = Family::kNew}); }
void operator delete[](void* mem) noexcept { release(mem, {.family = Family::kNewArray}); }
void operator delete(void* mem, size_t size) noexcept { release(mem, {.family = Family::kNew, .sized = true, .size = size}); }
void operator delete[](void* mem, size_t size) noexcept { release(mem, {.family = Family::kNewArray, .sized = true, .size = size}); }
void operator delete(void* mem, std::align_val_t alignment) noexcept {
  release(mem, {.family = Family::kAlignedNew, .alignment = at_least_16(alignment)});
}
void operator delete[](void* mem, std::align_val_t alignment) noexcept {
  release(mem, {.family = Family::kAlignedNewArray, .alignment = at_least_16(alignment)});
}
void operator delete(void* mem, size_t size, std::align_val_t alignment) noexcept {
  release(mem, {.family = Family::kAlignedNew, .sized = true, .size = size, .alignment = at_least_16(alignment)});
}
void operator delete[](void* mem, size_t size, std::align_val_t alignment) noexcept {
  release(mem, {.family = Family::kAlignedNewArray, .sized = true, .size = size, .alignment = at_least_16(alignment)});
}
void operator delete(void* mem, const std::nothrow_t&) noexcept { release(mem, {.family = Family::kNew}); }
void operator delete[](void* mem, const std::nothrow_t&) noexcept { release(mem, {.family = Family::kNewArray}); }
void operator delete(void* mem, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  release(mem, {.family = Family::kAlignedNew, .alignment = at_least_16(alignment)});
}
void operator delete[](void* mem, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  release(mem, {.family = Family::kAlignedNewArray, .alignment = at_least_16(alignment)});
}
