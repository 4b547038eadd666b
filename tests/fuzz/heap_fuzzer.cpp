// A libFuzzer target: each four bytes of the input are one operation of tests/seeded, with the full check after it.
// What libFuzzer adds to random seeds: it keeps what reaches new code, and combines it. This world can do all that operations.h asks for:
// refuse growths, call back for them, take and restore snapshots. replay.js does the same operations in WebAssembly.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vector>

#include "../seeded/operations.h"
#include "../unit/instance.h"
#include "../unit/libc_on_host.h"

#include "../unit/c_names.h"

namespace seeded {

uintptr_t foreign_pages(size_t pages) { return memory_wasm::FakePages::foreign_grow(pages); }

uintptr_t lowest_address() { return memory_wasm::FakePages::begin(); }

size_t region_unit() { return 1; }

bool refuse_growths(size_t count) {
  memory_wasm::FakePages::refused_next = count;
  return true;
}

namespace {

size_t growths_seen;
std::vector<unsigned char> copy;

}  // namespace

bool count_growths() {
  heap_on_grow([] { growths_seen++; });
  return true;
}

size_t growths() { return growths_seen; }

bool save_memory() {
  const auto* begin = reinterpret_cast<const unsigned char*>(memory_wasm::FakePages::begin());
  copy.assign(begin, begin + memory_wasm::FakePages::pages() * memory_wasm::kPageSize);
  return true;
}

uintptr_t restore_memory() {
  const uintptr_t begin = memory_wasm::FakePages::begin();
  memcpy(reinterpret_cast<void*>(begin), copy.data(), copy.size());
  memset(reinterpret_cast<void*>(begin + copy.size()), 0, memory_wasm::FakePages::end() - begin - copy.size());
  return begin + copy.size();
}

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
