// C++23 [replacement.functions]: a program that replaces operator new(size_t) and operator delete(void*), and malloc's kin not. Linked with
// libmemory.a, whose other forms must call these.
#include <memory_wasm.h>
#include <new>
#include <stdlib.h>

#include "clause.h"

namespace {

int news = 0;
int deletes = 0;

}  // namespace

void* operator new(size_t size) {
  news++;
  void* mem = malloc(size);
  if (!mem) abort();
  return mem;
}

void operator delete(void* mem) noexcept {
  deletes++;
  free(mem);
}

CLAUSE(replaced_array_new, "C++23 [new.delete.array]/4", "operator new[](size) returns operator new(size), the program's") {
  news = deletes = 0;
  void* mem = operator new[](10);
  EXPECT(news == 1);
  operator delete[](mem);
  EXPECT(deletes == 1);
}

CLAUSE(replaced_sized_delete, "C++23 [new.delete.single]/15", "the sized form calls operator delete(ptr), the program's") {
  news = deletes = 0;
  operator delete(operator new(10), size_t(10));
  operator delete[](operator new[](10), size_t(10));
  EXPECT(news == 2 && deletes == 2);
}

CLAUSE(replaced_nothrow_delete, "C++23 [new.delete.single]/15", "the nothrow form of delete calls operator delete(ptr), the program's") {
  deletes = 0;
  operator delete(malloc(10), std::nothrow);
  operator delete[](malloc(10), std::nothrow);
  EXPECT(deletes == 2);
}

CLAUSE(replaced_aligned, "C++23 [new.delete.single]/2", "the aligned forms are not affected by replaced unaligned ones") {
  news = deletes = 0;
  void* mem = operator new(10, std::align_val_t(64));
  EXPECT(is_aligned(mem, 64));
  operator delete(mem, std::align_val_t(64));
  mem = operator new[](10, std::align_val_t(64));
  operator delete[](mem, size_t(10), std::align_val_t(64));
  EXPECT(news == 0 && deletes == 0);
}

CLAUSE(replaced_malloc, "C++23 [c.malloc]/3", "malloc does not call operator new, nor free operator delete") {
  news = deletes = 0;
  free(realloc(calloc(1, 10), 1000));
  free(aligned_alloc(64, 10));
  EXPECT(news == 0 && deletes == 0);
}

CLAUSE(replaced_nothrow_new, "C++23 [new.delete.single]/6", "the nothrow form of new calls operator new(size), the program's") {
  news = 0;
  void* mem = operator new(10, std::nothrow);
  void* array = operator new[](10, std::nothrow);
  EXPECT(mem && array && news == 2);
  operator delete(mem);
  operator delete[](array);
}
