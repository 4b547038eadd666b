// The error numbers that posix_memalign returns and the allocation functions set: those of wasi-libc and Emscripten.
#pragma once

namespace memory_wasm {

constexpr int kInvalidArgument = 28;  // EINVAL
constexpr int kNoMemory = 48;         // ENOMEM

}  // namespace memory_wasm
