//! What churn.zig allocates from: Zig's debug allocator, long called GeneralPurposeAllocator, over pages.
const std = @import("std");

var debug: std.heap.DebugAllocator(.{ .stack_trace_frames = 0 }) = .init;
pub const allocator = debug.allocator();
