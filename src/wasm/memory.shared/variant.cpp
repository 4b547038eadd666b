// The heap's code, compiled once.
#include "variant.h"

template class memory_wasm::ChunkHeap<memory_wasm::ThePages, memory_wasm::SealedTags<memory_wasm::WasmKey>>;
template class memory_wasm::CellHeap<memory_wasm::ThePages, memory_wasm::WasmKey>;
template class memory_wasm::SharedHeap<memory_wasm::WasmMachine, memory_wasm::WasmKey>;
template memory_wasm::Invariant memory_wasm::check(const memory_wasm::TheHeap&);
