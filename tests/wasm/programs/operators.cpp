// Every form of operator new and delete over libmemory.a. check() returns the number of the line that failed, or 0.
#include <memory_wasm.h>
#include <stddef.h>
#include <stdlib.h>

namespace std {
enum class align_val_t : size_t {};
struct nothrow_t {};
}  // namespace std

void* operator new(size_t, const std::nothrow_t&) noexcept;
void* operator new[](size_t, const std::nothrow_t&) noexcept;
void* operator new(size_t, std::align_val_t, const std::nothrow_t&) noexcept;
void* operator new[](size_t, std::align_val_t, const std::nothrow_t&) noexcept;
void operator delete(void*, const std::nothrow_t&) noexcept;
void operator delete[](void*, const std::nothrow_t&) noexcept;
void operator delete(void*, std::align_val_t, const std::nothrow_t&) noexcept;
void operator delete[](void*, std::align_val_t, const std::nothrow_t&) noexcept;

#define EXPECT(holds) \
  if (!(holds)) return __LINE__

namespace {

int alive = 0;

struct Counted {
  Counted() { alive++; }
  ~Counted() { alive--; }
  int value = 42;
};

struct alignas(256) Aligned {
  char bytes[300];
};

bool is_aligned(const void* mem, size_t alignment) { return reinterpret_cast<size_t>(mem) % alignment == 0; }

}  // namespace

extern "C" void _start() {}

extern "C" [[clang::export_name("check")]] int check() {
  const std::nothrow_t nothrow{};
  constexpr auto k128 = std::align_val_t(128);
  constexpr size_t kTooMuch = ~size_t(0);

  Counted* one = new Counted;
  EXPECT(one->value == 42 && is_aligned(one, 16) && alive == 1);
  delete one;
  Counted* many = new Counted[10];
  EXPECT(many[9].value == 42 && alive == 10);
  delete[] many;
  EXPECT(alive == 0);
  Aligned* aligned = new Aligned;
  EXPECT(is_aligned(aligned, 256));
  delete aligned;
  Aligned* three = new Aligned[3];
  EXPECT(is_aligned(three, 256));
  delete[] three;

  void* mem = operator new(0);
  EXPECT(mem);
  operator delete(mem);
  operator delete(operator new(10), size_t(10));
  operator delete[](operator new[](10), size_t(10));
  operator delete(mem = operator new(10, k128), k128);
  EXPECT(is_aligned(mem, 128));
  operator delete[](mem = operator new[](10, k128), k128);
  EXPECT(is_aligned(mem, 128));
  operator delete(operator new(10, k128), size_t(10), k128);
  operator delete[](operator new[](10, k128), size_t(10), k128);
  operator delete(operator new(10, nothrow), nothrow);
  operator delete[](operator new[](10, nothrow), nothrow);
  operator delete(operator new(10, k128, nothrow), k128, nothrow);
  operator delete[](operator new[](10, k128, nothrow), k128, nothrow);
  EXPECT(!operator new(kTooMuch, nothrow) && !operator new[](kTooMuch, nothrow));
  EXPECT(!operator new(kTooMuch, k128, nothrow) && !operator new[](kTooMuch, k128, nothrow));
  operator delete(nullptr);
  operator delete[](nullptr);
  operator delete(nullptr, size_t(1));
  operator delete(nullptr, k128);
  EXPECT(heap_in_use() == 0 && heap_check() == 0);
  return 0;
}

// Where the standard throws bad_alloc there are no exceptions here: it stops.
extern "C" [[clang::export_name("too_much")]] void* too_much() { return operator new(~size_t(0)); }
