// memory.shared.wasm and libmemory-shared.a: a heap for each thread over one shared memory.
#pragma once

#include "../key.h"
#include "../shared/machine.h"
#include "../shared/shared_heap.h"

namespace memory_wasm {

using TheKey = WasmKey;
using ThePages = SharedPages<WasmMachine>;
using TheHeap = SharedHeap<WasmMachine, WasmKey>;

// variant.cpp instantiates the templates; the other files must not do it again.
extern template class ChunkHeap<ThePages, SealedTags<WasmKey>>;
extern template class CellHeap<ThePages, WasmKey>;
extern template class SharedHeap<WasmMachine, WasmKey>;
extern template Invariant check(const TheHeap&);

}  // namespace memory_wasm
