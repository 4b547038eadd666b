//! What churn.zig allocates from: an arena over Zig's allocator for WebAssembly.
const std = @import("std");

var arena: std.heap.ArenaAllocator = .init(std.heap.wasm_allocator);
pub const allocator = arena.allocator();
