// A program that replaces single forms of operator new and delete: the others must call them ([new.delete.single],
// [new.delete.array]). check() returns the number of the line that failed, or 0.
#include <new>
#include <stdlib.h>

#define EXPECT(holds) \
  if (!(holds)) return __LINE__

namespace {
int news = 0, deletes = 0, aligned_news = 0, aligned_deletes = 0;
constexpr auto k64 = std::align_val_t(64);
}  // namespace

void* operator new(size_t size) {
  news++;
  return malloc(size);
}
void operator delete(void* mem) noexcept {
  deletes++;
  free(mem);
}
void* operator new(size_t size, std::align_val_t alignment) {
  aligned_news++;
  return aligned_alloc(static_cast<size_t>(alignment), size);
}
void operator delete(void* mem, std::align_val_t) noexcept {
  aligned_deletes++;
  free(mem);
}

extern "C" [[clang::export_name("check")]] int check() {
  operator delete(operator new(8), size_t(8));
  EXPECT(news == 1 && deletes == 1);
  operator delete[](operator new[](8), size_t(8));
  EXPECT(news == 2 && deletes == 2);
  operator delete(operator new(8, std::nothrow), std::nothrow);
  EXPECT(news == 3 && deletes == 3);
  operator delete[](operator new[](8, std::nothrow), std::nothrow);
  EXPECT(news == 4 && deletes == 4);
  operator delete(operator new(8, k64), size_t(8), k64);
  EXPECT(aligned_news == 1 && aligned_deletes == 1);
  operator delete[](operator new[](8, k64), size_t(8), k64);
  EXPECT(aligned_news == 2 && aligned_deletes == 2);
  operator delete(operator new(8, k64, std::nothrow), k64, std::nothrow);
  EXPECT(aligned_news == 3 && aligned_deletes == 3);
  operator delete[](operator new[](8, k64, std::nothrow), k64, std::nothrow);
  EXPECT(aligned_news == 4 && aligned_deletes == 4);
  EXPECT(news == 4 && deletes == 4);
  return 0;
}
