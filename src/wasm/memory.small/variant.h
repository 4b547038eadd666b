// memory.small.wasm and libmemory-small.a: the fewest bytes. Every block is a chunk with plain tags; quick lists.
#pragma once

#include "../../check_quick.h"
#include "../../quick_heap.h"
#include "../key.h"
#include "../pages.h"

namespace memory_wasm {

using TheKey = NoKey;
using TheHeap = QuickHeap<WasmPages>;

// variant.cpp instantiates the templates; the other files must not do it again.
extern template class ChunkHeap<WasmPages, PlainTags>;
extern template class QuickHeap<WasmPages>;

}  // namespace memory_wasm
