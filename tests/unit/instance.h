// The one heap of src/libc when it is compiled for this machine: over fake pages.
#pragma once

#include "fake_pages.h"
#include "runs.h"

namespace memory_wasm {

using WasmPages = FakePages;
using TheHeap = RunHeap<FakePages>;

inline TheHeap* the_heap = nullptr;

inline TheHeap* make_heap() { return the_heap = TheHeap::create(); }

}  // namespace memory_wasm
