// The heap's code, compiled once.
#include "variant.h"

template class memory_wasm::ChunkHeap<memory_wasm::WasmPages, memory_wasm::PlainTags>;
template class memory_wasm::QuickHeap<memory_wasm::WasmPages>;
