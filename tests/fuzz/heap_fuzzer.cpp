// A libFuzzer target: each four bytes of the input are one operation of tests/seeded, with the full check after it.
// What libFuzzer adds to random seeds: it keeps what reaches new code, and combines it.
#include <stdio.h>
#include <stdlib.h>

#include "../seeded/operations.h"
#include "../unit/instance.h"

namespace seeded {

uintptr_t foreign_pages(size_t pages) { return memory_wasm::FakePages::foreign_grow(pages); }

uintptr_t lowest_address() { return memory_wasm::FakePages::begin(); }

void failed(const char* what, uint64_t operation) {
  fprintf(stderr, "%s: operation %llu\n", what, static_cast<unsigned long long>(operation));
  abort();
}

}  // namespace seeded

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* input, size_t size) {
  if (size < 4) return 0;
  memory_wasm::FakePages::reset(0, size_t(4) << input[0] % 6);
  memory_wasm::the_heap = nullptr;
  seeded::replay(input, size);
  return 0;
}
