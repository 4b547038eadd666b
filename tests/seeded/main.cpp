// seeded [--operations N] [--seed S]: random operations on the heap of this machine, in histories of at most kHistory operations each
// on a fresh memory. tests/wasm/seeded.test.mjs runs the same histories in WebAssembly.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/instance.h"
#include "operations.h"

namespace {

constexpr uint64_t kHistory = 50000;

uint64_t seed = 1;

}  // namespace

namespace seeded {

uintptr_t foreign_pages(size_t pages) { return memory_wasm::FakePages::foreign_grow(pages); }

uintptr_t lowest_address() { return memory_wasm::FakePages::begin(); }

// What tests/seeded/program.cpp can't do either, so that the digests are the same.
size_t region_unit() { return 1; }
bool refuse_growths(size_t) { return false; }
bool count_growths() { return false; }
size_t growths() { return 0; }
bool save_memory() { return false; }
uintptr_t restore_memory() { return 0; }

void failed(const char* what, uint64_t operation) {
  fprintf(stderr, "%s: seed %" PRIu64 ", operation %" PRIu64 "\n", what, seed, operation);
  abort();
}

}  // namespace seeded

int main(int count, char** arguments) {
  uint64_t operations = 300000;
  for (int i = 1; i + 1 < count; i += 2) {
    if (strcmp(arguments[i], "--operations") == 0) operations = strtoull(arguments[i + 1], nullptr, 10);
    if (strcmp(arguments[i], "--seed") == 0) seed = strtoull(arguments[i + 1], nullptr, 10);
  }
  printf("seeds from %" PRIu64 ", %" PRIu64 " operations\n", seed, operations);
  for (; operations; seed++) {
    const uint64_t history = operations < kHistory ? operations : kHistory;
    // The memory has no foreign page that fake_pages.h looks after: the program under test looks after its own.
    memory_wasm::FakePages::reset(0, size_t(32) << seed % 6);
    memory_wasm::the_heap = nullptr;
    const uint64_t digest = seeded::run({seed, history, true});
    printf("seed %" PRIu64 ": %016" PRIx64 "\n", seed, digest);
    operations -= history;
  }
}
