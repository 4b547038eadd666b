// memory.wasm and libmemory.a: small blocks in cells, sealed tags.
#pragma once

#include "../../cell_heap.h"
#include "../../check_cells.h"
#include "../key.h"
#include "../pages.h"

namespace memory_wasm {

using TheKey = WasmKey;
using TheHeap = CellHeap<WasmPages, WasmKey>;

// variant.cpp instantiates the templates; the other files must not do it again.
extern template class ChunkHeap<WasmPages, SealedTags<WasmKey>>;
extern template class CellHeap<WasmPages, WasmKey>;

}  // namespace memory_wasm
