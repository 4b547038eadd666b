// operator new and delete in every form of the C++ standard (C++20 [new.delete]), over malloc and free.
//
// All are weak, because a program may replace any of them. The standard builds some forms on others, so that a program need only
// replace one pair: new[] calls new, the nothrow forms call the plain ones, and so on. There are no exceptions here, so a nothrow
// form can't call our own plain form, which stops the program where the standard throws bad_alloc. It calls the plain form only
// if the program replaced it.
#include <new>
#include <stdlib.h>

#include "program.h"

using std::align_val_t;
using std::nothrow_t;

namespace {

// Null when memory has run out and no new_handler can help.
void* allocate(size_t size) {
  void* mem;
  do mem = malloc(size);
  while (!mem && memory_wasm::call_new_handler());
  return mem;
}

void* allocate(size_t size, align_val_t alignment) {
  void* mem;
  do mem = aligned_alloc(static_cast<size_t>(alignment), size);
  while (!mem && memory_wasm::call_new_handler());
  return mem;
}

// Where the standard throws bad_alloc the program stops, as std::terminate would stop it.
void* require(void* mem) {
  if (!mem) abort();
  return mem;
}

using Plain = void*(size_t);
using Aligned = void*(size_t, align_val_t);

}  // namespace

// Ours under names of their own: what the operators are if the program doesn't replace them.
extern "C" {
[[gnu::visibility("hidden")]] void* memory_wasm_new(size_t size) { return require(allocate(size)); }
[[gnu::visibility("hidden")]] void* memory_wasm_new_array(size_t size) { return operator new(size); }
[[gnu::visibility("hidden")]] void* memory_wasm_new_aligned(size_t size, align_val_t alignment) { return require(allocate(size, alignment)); }
[[gnu::visibility("hidden")]] void* memory_wasm_new_array_aligned(size_t size, align_val_t alignment) { return operator new(size, alignment); }
}

[[gnu::weak, gnu::alias("memory_wasm_new")]] void* operator new(size_t size);
[[gnu::weak, gnu::alias("memory_wasm_new_array")]] void* operator new[](size_t size);
[[gnu::weak, gnu::alias("memory_wasm_new_aligned")]] void* operator new(size_t size, align_val_t alignment);
[[gnu::weak, gnu::alias("memory_wasm_new_array_aligned")]] void* operator new[](size_t size, align_val_t alignment);

[[gnu::weak]] void* operator new(size_t size, const nothrow_t&) noexcept {
  const bool replaced = memory_wasm::is_replaced<Plain>(operator new, memory_wasm_new);
  return replaced ? operator new(size) : allocate(size);
}

[[gnu::weak]] void* operator new[](size_t size, const nothrow_t& nothrow) noexcept {
  const bool replaced = memory_wasm::is_replaced<Plain>(operator new[], memory_wasm_new_array);
  return replaced ? operator new[](size) : operator new(size, nothrow);
}

[[gnu::weak]] void* operator new(size_t size, align_val_t alignment, const nothrow_t&) noexcept {
  const bool replaced = memory_wasm::is_replaced<Aligned>(operator new, memory_wasm_new_aligned);
  return replaced ? operator new(size, alignment) : allocate(size, alignment);
}

[[gnu::weak]] void* operator new[](size_t size, align_val_t alignment, const nothrow_t& nothrow) noexcept {
  const bool replaced = memory_wasm::is_replaced<Aligned>(operator new[], memory_wasm_new_array_aligned);
  return replaced ? operator new[](size, alignment) : operator new(size, alignment, nothrow);
}

[[gnu::weak]] void operator delete(void* mem) noexcept { free(mem); }
[[gnu::weak]] void operator delete[](void* mem) noexcept { operator delete(mem); }
[[gnu::weak]] void operator delete(void* mem, size_t) noexcept { operator delete(mem); }
[[gnu::weak]] void operator delete[](void* mem, size_t) noexcept { operator delete[](mem); }
[[gnu::weak]] void operator delete(void* mem, align_val_t) noexcept { free(mem); }
[[gnu::weak]] void operator delete[](void* mem, align_val_t alignment) noexcept { operator delete(mem, alignment); }
[[gnu::weak]] void operator delete(void* mem, size_t, align_val_t alignment) noexcept { operator delete(mem, alignment); }
[[gnu::weak]] void operator delete[](void* mem, size_t, align_val_t alignment) noexcept { operator delete[](mem, alignment); }
[[gnu::weak]] void operator delete(void* mem, const nothrow_t&) noexcept { operator delete(mem); }
[[gnu::weak]] void operator delete[](void* mem, const nothrow_t&) noexcept { operator delete[](mem); }
[[gnu::weak]] void operator delete(void* mem, align_val_t alignment, const nothrow_t&) noexcept { operator delete(mem, alignment); }
[[gnu::weak]] void operator delete[](void* mem, align_val_t alignment, const nothrow_t&) noexcept { operator delete[](mem, alignment); }
