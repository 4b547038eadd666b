// The one heap of memory.wasm. A module that imports its memory owns no byte of it, so the heap's address is in a
// WebAssembly global and its state in memory that the heap obtained itself.
#pragma once

#include "../../runs.h"
#include "../pages.h"

namespace memory_wasm {

using TheHeap = RunHeap<WasmPages>;

[[gnu::visibility("hidden")]] inline TheHeap* the_heap __attribute__((address_space(1))) = nullptr;

inline TheHeap* make_heap() { return the_heap = TheHeap::create(); }

}  // namespace memory_wasm
