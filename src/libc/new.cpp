// operator new and delete in every form of the C++ standard (C++20 [new.delete]), over malloc and free.
// Weak, for a program may replace any of them; those that the standard builds on another call that other.
// There are no exceptions here: where the standard throws bad_alloc the program stops, as std::terminate would stop it.
#include <stdlib.h>

namespace std {
enum class align_val_t : size_t {};
struct nothrow_t {};
}  // namespace std

namespace {

void* require(void* mem) {
  if (!mem) abort();
  return mem;
}

}  // namespace

[[gnu::weak]] void* operator new(size_t size, const std::nothrow_t&) noexcept { return malloc(size); }
[[gnu::weak]] void* operator new[](size_t size, const std::nothrow_t&) noexcept { return malloc(size); }
[[gnu::weak]] void* operator new(size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return aligned_alloc(static_cast<size_t>(alignment), size);
}
[[gnu::weak]] void* operator new[](size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return aligned_alloc(static_cast<size_t>(alignment), size);
}

[[gnu::weak]] void* operator new(size_t size) { return require(malloc(size)); }
[[gnu::weak]] void* operator new[](size_t size) { return operator new(size); }
[[gnu::weak]] void* operator new(size_t size, std::align_val_t alignment) {
  return require(aligned_alloc(static_cast<size_t>(alignment), size));
}
[[gnu::weak]] void* operator new[](size_t size, std::align_val_t alignment) { return operator new(size, alignment); }

[[gnu::weak]] void operator delete(void* mem) noexcept { free(mem); }
[[gnu::weak]] void operator delete[](void* mem) noexcept { operator delete(mem); }
[[gnu::weak]] void operator delete(void* mem, size_t) noexcept { operator delete(mem); }
[[gnu::weak]] void operator delete[](void* mem, size_t) noexcept { operator delete[](mem); }
[[gnu::weak]] void operator delete(void* mem, std::align_val_t) noexcept { free(mem); }
[[gnu::weak]] void operator delete[](void* mem, std::align_val_t alignment) noexcept { operator delete(mem, alignment); }
[[gnu::weak]] void operator delete(void* mem, size_t, std::align_val_t alignment) noexcept { operator delete(mem, alignment); }
[[gnu::weak]] void operator delete[](void* mem, size_t, std::align_val_t alignment) noexcept { operator delete[](mem, alignment); }
[[gnu::weak]] void operator delete(void* mem, const std::nothrow_t&) noexcept { operator delete(mem); }
[[gnu::weak]] void operator delete[](void* mem, const std::nothrow_t&) noexcept { operator delete[](mem); }
[[gnu::weak]] void operator delete(void* mem, std::align_val_t alignment, const std::nothrow_t&) noexcept { operator delete(mem, alignment); }
[[gnu::weak]] void operator delete[](void* mem, std::align_val_t alignment, const std::nothrow_t&) noexcept { operator delete[](mem, alignment); }
