// The heap's code, compiled once.
#include "variant.h"

template class memory_wasm::ChunkHeap<memory_wasm::SecurePages, memory_wasm::SealedTags<memory_wasm::WasmKey>>;
template class memory_wasm::CellHeap<memory_wasm::SecurePages, memory_wasm::WasmKey>;
