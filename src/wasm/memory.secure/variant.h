// memory.secure.wasm: the heap of memory.wasm with its metadata in a memory of its own. It is no library: a program that is linked with
// a heap has one memory.
#pragma once

#include "../../cell_heap.h"
#include "../../check_cells.h"
#include "../key.h"
#include "pages.h"

namespace memory_wasm {

using TheKey = WasmKey;
using TheHeap = CellHeap<SecurePages, WasmKey>;

// variant.cpp instantiates the templates; the other files must not do it again.
extern template class ChunkHeap<SecurePages, SealedTags<WasmKey>>;
extern template class CellHeap<SecurePages, WasmKey>;

}  // namespace memory_wasm
