// Random operations on the heap under test, checked against a model after each. The same source runs on this machine and
// in WebAssembly; it has no storage but its own static arrays, so that the heap serves nobody else.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace seeded {

// ---- what the world around provides ----

// Grows the memory as another part of the program would: the address of the new pages, 0 if that was refused.
uintptr_t foreign_pages(size_t pages);

// No block lies below this address.
uintptr_t lowest_address();

// The heap takes of a region only whole units of so many bytes: 1, or a page for a heap that threads share.
size_t region_unit();

// The next `count` growths by the heap are refused. False if this world can't do that.
bool refuse_growths(size_t count);

// From now on each growth by the heap is counted, by a callback of heap_on_grow. False if this world can't do that.
bool count_growths();
size_t growths();

// Keeps a copy of the memory, as a host does for a snapshot; copies it back, with zeros behind it, and returns where the zeros begin.
// False, or 0, if this world can't do that.
bool save_memory();
uintptr_t restore_memory();

// Reports that the heap is broken. Does not return.
[[noreturn]] void failed(const char* what, uint64_t operation);

// ---- what it does ----

struct Options {
  uint64_t seed = 1;
  uint64_t operations = 0;
  bool check_invariants = true;  // heap_check after each operation and a walk over all spans after every eighth
};

// One history on a heap that nobody has used before. Blocks stay behind.
// Returns a digest of where each block lay relative to the first page, what was refused and how far the heap grew: two
// runs with the same digest did the same.
uint64_t run(const Options& options);

// One history on a heap that nobody has used before, in which each four bytes of the input decide on one operation.
void replay(const uint8_t* input, size_t size);

// The number of the operation that is next.
uint64_t operations_done();

// Goes on with the history where run stopped, for as many operations more.
uint64_t go_on(uint64_t operations, bool check_invariants);

}  // namespace seeded
