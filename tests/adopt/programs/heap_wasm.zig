//! What churn.zig allocates from: Zig's allocator for WebAssembly.
pub const allocator = @import("std").heap.wasm_allocator;
