// operator new and delete in every form of the C++ standard (C++20 [new.delete]), over malloc and free.
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

void* operator new(size_t size, const std::nothrow_t&) noexcept { return malloc(size); }
void* operator new[](size_t size, const std::nothrow_t&) noexcept { return malloc(size); }
void* operator new(size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return aligned_alloc(static_cast<size_t>(alignment), size);
}
void* operator new[](size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return aligned_alloc(static_cast<size_t>(alignment), size);
}

void* operator new(size_t size) { return require(malloc(size)); }
void* operator new[](size_t size) { return require(malloc(size)); }
void* operator new(size_t size, std::align_val_t alignment) {
  return require(aligned_alloc(static_cast<size_t>(alignment), size));
}
void* operator new[](size_t size, std::align_val_t alignment) {
  return require(aligned_alloc(static_cast<size_t>(alignment), size));
}

void operator delete(void* mem) noexcept { free(mem); }
void operator delete[](void* mem) noexcept { free(mem); }
void operator delete(void* mem, size_t) noexcept { free(mem); }
void operator delete[](void* mem, size_t) noexcept { free(mem); }
void operator delete(void* mem, std::align_val_t) noexcept { free(mem); }
void operator delete[](void* mem, std::align_val_t) noexcept { free(mem); }
void operator delete(void* mem, size_t, std::align_val_t) noexcept { free(mem); }
void operator delete[](void* mem, size_t, std::align_val_t) noexcept { free(mem); }
void operator delete(void* mem, const std::nothrow_t&) noexcept { free(mem); }
void operator delete[](void* mem, const std::nothrow_t&) noexcept { free(mem); }
void operator delete(void* mem, std::align_val_t, const std::nothrow_t&) noexcept { free(mem); }
void operator delete[](void* mem, std::align_val_t, const std::nothrow_t&) noexcept { free(mem); }
