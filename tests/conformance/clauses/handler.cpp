// C++23 [alloc.errors]: the new_handler, which programs have that libmemory.a is linked into: it is a function pointer of theirs.
#include <memory_wasm.h>
#include <new>
#include <stdlib.h>

#include "clause.h"

namespace {

int handler_calls = 0;
void* reserve = nullptr;

void free_the_reserve() {
  handler_calls++;
  free(reserve);
  reserve = nullptr;
  std::set_new_handler(nullptr);
}

}  // namespace

CLAUSE(new_handler_default, "C++23 [set.new.handler]/2", "there is no new_handler at first; set_new_handler returns the one before") {
  EXPECT(std::get_new_handler() == nullptr);
  EXPECT(std::set_new_handler(free_the_reserve) == nullptr && std::get_new_handler() == free_the_reserve);
  EXPECT(std::set_new_handler(nullptr) == free_the_reserve && std::get_new_handler() == nullptr);
}

CLAUSE(new_handler_called, "C++23 [new.handler]/2", "operator new that cannot satisfy a request calls the new_handler, which may make more storage available") {
  handler_calls = 0;
  std::set_new_handler(free_the_reserve);
  EXPECT(!operator new(too_much(), std::nothrow) && handler_calls == 1 && std::get_new_handler() == nullptr);
  std::set_new_handler(free_the_reserve);
  EXPECT(!operator new[](too_much(), std::nothrow) && handler_calls == 2);
  std::set_new_handler(free_the_reserve);
  EXPECT(!operator new(too_much(), std::align_val_t(64), std::nothrow) && handler_calls == 3);
}

CLAUSE(new_handler_retried, "C++23 [new.delete.single]/4", "... and then tries again: a block that the handler freed is used") {
  size_t bytes = heap_footprint() + 65536;  // more than any block that was freed
  reserve = malloc(bytes);
  while (void* mem = malloc(bytes)) *static_cast<void**>(mem) = nullptr;  // until the memory can't grow for another
  handler_calls = 0;
  std::set_new_handler(free_the_reserve);
  void* mem = operator new(bytes);
  EXPECT(mem && handler_calls == 1);
  heap_reset();
}
