// The operations as a WebAssembly program, over the malloc that it imports or is linked with.
#include "operations.h"

extern unsigned char __heap_base;

namespace seeded {

constexpr size_t kPage = 64 * 1024;

[[noreturn, clang::import_module("test"), clang::import_name("failed")]] void report(const char* what, uint64_t operation);

uintptr_t foreign_pages(size_t pages) {
  const size_t before = __builtin_wasm_memory_grow(0, pages);
  return before == SIZE_MAX ? 0 : before * kPage;
}

uintptr_t lowest_address() { return reinterpret_cast<uintptr_t>(&__heap_base) & ~(kPage - 1); }

void failed(const char* what, uint64_t operation) { report(what, operation); }

}  // namespace seeded

extern "C" {
[[clang::export_name("run")]] uint64_t run(uint64_t seed, uint64_t operations, bool check_invariants) {
  return seeded::run({seed, operations, check_invariants});
}

[[clang::export_name("go_on")]] uint64_t go_on(uint64_t operations, bool check_invariants) {
  return seeded::go_on(operations, check_invariants);
}
}
