// C++23 (ISO/IEC 14882:2024): allocation and deallocation functions, and the expressions that call them. There are no exceptions in
// freestanding code: what the standard has throw bad_alloc traps (`throws`, called by conformance.test.js).
#include <memory_wasm.h>
#include <new>
#include <stdlib.h>
#include <string.h>

#include "clause.h"

namespace {

constexpr std::nothrow_t nothrow{};  // <new>'s object is in libmemory.a

constexpr size_t kSizes[] = {0, 1, 2, 8, 15, 16, 17, 48, 100, 500, 512, 513, 1000, 4096, 6145, 8192, 65536, 200000};

constexpr std::align_val_t kAlignments[] = {std::align_val_t(32), std::align_val_t(64), std::align_val_t(256), std::align_val_t(4096), std::align_val_t(65536)};

std::align_val_t no_power_of_two() {
  volatile size_t alignment = 48;
  return std::align_val_t(alignment);
}

bool is_aligned_as(const void* mem, std::align_val_t alignment) { return is_aligned(mem, static_cast<size_t>(alignment)); }

int alive = 0;

struct Counted {
  Counted() { alive++; }
  ~Counted() { alive--; }
  int value = 42;
};

struct alignas(256) Aligned {
  char bytes[300];
};

struct Base {
  virtual ~Base() { alive--; }
  int value = 1;
};
struct Derived : Base {
  Derived() { alive++; }
  char more[5000];
};

}  // namespace

// ---- [basic.stc.dynamic.allocation] ----

CLAUSE(allocation_size, "C++23 [basic.stc.dynamic.allocation]/3", "an allocation function that succeeds returns the start of a block of at least the requested size") {
  for (const size_t size : kSizes) {
    void* mem = operator new(size);
    EXPECT(mem && malloc_usable_size(mem) >= size);
    memset(mem, 1, size);
    operator delete(mem);
  }
  EXPECT(heap_check() == 0);
}

CLAUSE(allocation_zero, "C++23 [basic.stc.dynamic.allocation]/3", "also of size 0: a non-null pointer, different from any other") {
  void* first = operator new(0);
  void* second = operator new(0);
  void* third = operator new[](0);
  EXPECT(first && second && third && first != second && first != third && second != third);
  operator delete(first);
  operator delete(second);
  operator delete[](third);
}

CLAUSE(allocation_alignment, "C++23 [basic.stc.dynamic.allocation]/3", "the block is aligned for any object of its size without new-extended alignment") {
  static_assert(__STDCPP_DEFAULT_NEW_ALIGNMENT__ == 16);
  for (const size_t size : kSizes) {
    void* mem = operator new(size);
    void* array = operator new[](size);
    EXPECT(is_aligned(mem, __STDCPP_DEFAULT_NEW_ALIGNMENT__) && is_aligned(array, __STDCPP_DEFAULT_NEW_ALIGNMENT__));
    operator delete(mem);
    operator delete[](array);
  }
}

CLAUSE(allocation_nothrow, "C++23 [basic.stc.dynamic.allocation]/4", "an allocation function with a non-throwing exception specification returns null when it fails") {
  EXPECT(!operator new(too_much(), nothrow) && !operator new[](too_much(), nothrow));
  for (const auto alignment : kAlignments)
    EXPECT(!operator new(too_much(), alignment, nothrow) && !operator new[](too_much(), alignment, nothrow));
  EXPECT(heap_check() == 0);
}

CLAUSE(allocation_invalid_alignment, "C++23 [new.delete.single]/8", "an alignment that is no power of two is undefined; here the nothrow forms return null") {
  EXPECT(!operator new(10, no_power_of_two(), nothrow) && !operator new[](10, no_power_of_two(), nothrow));
}

// ---- [new.delete.single], [new.delete.array] ----

CLAUSE(new_nothrow, "C++23 [new.delete.single]/6", "operator new(size, nothrow) allocates as operator new(size) does") {
  for (const size_t size : kSizes) {
    void* mem = operator new(size, nothrow);
    void* array = operator new[](size, nothrow);
    EXPECT(mem && array && is_aligned(mem, 16) && is_aligned(array, 16) && malloc_usable_size(mem) >= size && malloc_usable_size(array) >= size);
    operator delete(mem, nothrow);
    operator delete[](array, nothrow);
  }
}

CLAUSE(new_aligned, "C++23 [new.delete.single]/2", "the forms with align_val_t return storage of the given alignment") {
  for (const auto alignment : kAlignments)
    for (const size_t size : kSizes) {
      void* blocks[] = {operator new(size, alignment), operator new[](size, alignment), operator new(size, alignment, nothrow), operator new[](size, alignment, nothrow)};
      for (const void* mem : blocks) EXPECT(mem && is_aligned_as(mem, alignment));
      operator delete(blocks[0], alignment);
      operator delete[](blocks[1], alignment);
      operator delete(blocks[2], alignment, nothrow);
      operator delete[](blocks[3], alignment, nothrow);
    }
  EXPECT(heap_check() == 0);
}

CLAUSE(delete_null, "C++23 [new.delete.single]/13", "deleting a null pointer has no effect, by every form") {
  operator delete(nullptr);
  operator delete[](nullptr);
  operator delete(nullptr, size_t(10));
  operator delete[](nullptr, size_t(10));
  operator delete(nullptr, std::align_val_t(64));
  operator delete[](nullptr, std::align_val_t(64));
  operator delete(nullptr, size_t(10), std::align_val_t(64));
  operator delete[](nullptr, size_t(10), std::align_val_t(64));
  operator delete(nullptr, nothrow);
  operator delete[](nullptr, nothrow);
  operator delete(nullptr, std::align_val_t(64), nothrow);
  operator delete[](nullptr, std::align_val_t(64), nothrow);
  EXPECT(heap_check() == 0);
}

CLAUSE(delete_reclaims, "C++23 [new.delete.single]/14", "every form reclaims the storage that the earlier call to its operator new allocated") {
  const size_t in_use = heap_in_use();
  for (const size_t size : kSizes) {
    operator delete(operator new(size));
    operator delete[](operator new[](size));
    operator delete(operator new(size), size);
    operator delete[](operator new[](size), size);
    for (const auto alignment : kAlignments) {
      operator delete(operator new(size, alignment), alignment);
      operator delete[](operator new[](size, alignment), alignment);
      operator delete(operator new(size, alignment), size, alignment);
      operator delete[](operator new[](size, alignment), size, alignment);
    }
  }
  EXPECT(heap_in_use() == in_use && heap_check() == 0);
}

// ---- [expr.new], [expr.delete] ----

CLAUSE(new_expression, "C++23 [expr.new]/8", "a new-expression obtains storage by calling an allocation function, and initializes the object there") {
  Counted* object = new Counted;
  EXPECT(object->value == 42 && alive == 1 && malloc_usable_size(object) >= sizeof(Counted));
  delete object;
  EXPECT(alive == 0);
}

CLAUSE(new_expression_array, "C++23 [expr.new]/16", "of an array: with overhead for the count, each element constructed, each destroyed") {
  for (size_t count = 0; count < 1000; count = 7 * count + 1) {
    Counted* array = new Counted[count];
    EXPECT(array && alive == static_cast<int>(count));
    for (size_t i = 0; i < count; i++) EXPECT(array[i].value == 42);
    delete[] array;
    EXPECT(alive == 0);
  }
}

CLAUSE(new_expression_aligned, "C++23 [expr.new]/18", "of a type with new-extended alignment: by the form that is passed the alignment") {
  Aligned* object = new Aligned;
  Aligned* array = new Aligned[3];
  EXPECT(is_aligned(object, 256) && is_aligned(array, 256) && is_aligned(array + 1, 256));
  delete object;
  delete[] array;
  EXPECT(heap_check() == 0);
}

CLAUSE(new_expression_nothrow, "C++23 [expr.new]/21", "a non-throwing form that returns null: nothing is initialized and the value is null") {
  struct Large {
    Large() { alive++; }
    char bytes[0x7fffffff];
  };
  EXPECT((new (nothrow) Large) == nullptr && alive == 0);
  Counted* object = new (nothrow) Counted;
  EXPECT(object && object->value == 42);
  delete object;
}

CLAUSE(new_expression_zeroed, "C++23 [expr.new]/24", "new T() value-initializes, also where the storage was used before") {
  for (int i = 0; i < 100; i++) {
    int* object = new int();
    EXPECT(*object == 0);
    *object = -1;
    delete object;
    int* array = new int[50]();
    for (int j = 0; j < 50; j++) EXPECT(array[j] == 0);
    memset(array, 0xff, 50 * sizeof(int));
    delete[] array;
  }
}

CLAUSE(delete_expression_derived, "C++23 [expr.delete]/3", "deleting a derived object by its base frees the derived object's storage") {
  const size_t in_use = heap_in_use();
  Base* base = new Derived;
  EXPECT(alive == 1 && heap_in_use() >= in_use + sizeof(Derived));
  delete base;
  EXPECT(alive == 0 && heap_in_use() == in_use);
}

CLAUSE(delete_expression_null, "C++23 [expr.delete]/2", "a delete-expression of a null pointer has no effect") {
  delete static_cast<Counted*>(nullptr);
  delete[] static_cast<Counted*>(nullptr);
  delete static_cast<Aligned*>(nullptr);
  EXPECT(alive == 0);
}

CLAUSE(new_placement, "C++23 [new.delete.placement]/2", "the placement forms return the pointer and allocate nothing") {
  const size_t in_use = heap_in_use();
  alignas(Counted) unsigned char place[sizeof(Counted)];
  Counted* object = new (place) Counted;
  EXPECT(static_cast<void*>(object) == place && object->value == 42 && heap_in_use() == in_use);
  object->~Counted();
  EXPECT(alive == 0);
}

// ---- [c.malloc] ----

CLAUSE(malloc_not_by_new, "C++23 [c.malloc]/3", "malloc, calloc, realloc and aligned_alloc do not call operator new, free does not call operator delete") {
  void* blocks[] = {malloc(10), calloc(1, 10), realloc(nullptr, 10), aligned_alloc(64, 10)};
  for (void* mem : blocks) {
    EXPECT(mem);
    free(mem);
  }
}

// What the standard has throw. Does not return.
extern "C" [[clang::export_name("throws")]] void* throws(int form) {
  switch (form) {
    case 0:
      return operator new(too_much());
    case 1:
      return operator new[](too_much());
    case 2:
      return operator new(too_much(), std::align_val_t(64));
    case 3:
      return operator new[](too_much(), std::align_val_t(64));
    case 4:
      return operator new(10, no_power_of_two());
    default:
      return new char[too_much()];
  }
}
