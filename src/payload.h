// The heap's accesses to the bytes of blocks: all of them, so that every other load and store of the heap's code is one of
// metadata. Not inlined: a step after linking that sends metadata to another memory knows these functions by their names.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace memory_wasm {

[[gnu::noinline]] inline void payload_zero(void* mem, size_t bytes) { __builtin_memset(mem, 0, bytes); }

[[gnu::noinline]] inline void payload_copy(void* mem, const void* source, size_t bytes) { __builtin_memcpy(mem, source, bytes); }

// In steps of 8 bytes and at most one of 4: a small block may end 4 bytes after a multiple of 8. Quicker than the engine's
// fill while there are few.
[[gnu::noinline]] inline void payload_zero_small(void* mem, size_t bytes) {
  char* to = static_cast<char*>(mem);
  char* const end = to + bytes;
  for (; to + 4 < end; to += 8) *reinterpret_cast<uint64_t*>(to) = 0;
  if (to < end) *reinterpret_cast<uint32_t*>(to) = 0;
}

// Whole units of 16 bytes: quicker than a call of the engine's copy while they are few.
[[gnu::noinline]] inline void payload_copy_small(void* mem, const void* source, size_t bytes) {
  auto* to = static_cast<uint64_t*>(mem);
  auto* from = static_cast<const uint64_t*>(source);
  for (auto* end = to + bytes / sizeof(*to); to < end; to += 2, from += 2) {
    to[0] = from[0];
    to[1] = from[1];
  }
}

// A word behind a block, where the tags are elsewhere.
[[gnu::noinline]] inline void payload_put(size_t* to, size_t word) { *to = word; }
[[gnu::noinline]] inline size_t payload_word(const size_t* from) { return *from; }

}  // namespace memory_wasm
