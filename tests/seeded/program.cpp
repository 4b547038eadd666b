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

// Where the host says, else the first address behind the program's own data.
uintptr_t lowest;
uintptr_t lowest_address() { return lowest ? lowest : reinterpret_cast<uintptr_t>(&__heap_base) & ~(kPage - 1); }

size_t unit = 1;
size_t region_unit() { return unit; }

// The memory's maximum refuses growths here, and the host takes snapshots between two calls of go_on.
bool refuse_growths(size_t) { return false; }
bool count_growths() { return false; }
size_t growths() { return 0; }
bool save_memory() { return false; }
uintptr_t restore_memory() { return 0; }

void failed(const char* what, uint64_t operation) { report(what, operation); }

}  // namespace seeded

extern "C" {
[[clang::export_name("run")]] uint64_t run(uint64_t seed, uint64_t operations, bool check_invariants) {
  return seeded::run({seed, operations, check_invariants});
}

[[clang::export_name("set_lowest_address")]] void set_lowest_address(uintptr_t address) { seeded::lowest = address; }

[[clang::export_name("set_region_unit")]] void set_region_unit(size_t bytes) { seeded::unit = bytes; }

// An input of the fuzzer: the host puts it into the buffer.
constexpr size_t kInputLimit = 1 << 16;
static uint8_t input[kInputLimit];
[[clang::export_name("input_buffer")]] uint8_t* input_buffer() { return input; }
[[clang::export_name("replay")]] void replay(size_t size) { seeded::replay(input, size); }

[[clang::export_name("go_on")]] uint64_t go_on(uint64_t operations, bool check_invariants) { return seeded::go_on(operations, check_invariants); }
}
