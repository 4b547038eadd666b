//! churn.c in Zig, over one of Zig's own allocators (heap_*.zig): blocks come, change and go at random, and each is checked for its bytes.
const std = @import("std");

const allocator = @import("heap").allocator;
const sizes = [_]usize{ 1, 8, 24, 100, 500, 3000, 20000, 100000 };
const Slot = struct { block: []align(8) u8, byte: u8 };

var slots: [200]?Slot = @splat(null);
var seed: u32 = 0;
var sum: u32 = 0;

fn next(below: u32) u32 {
    seed = seed *% 1103515245 +% 12345;
    return (seed >> 8) % below;
}

fn nextSize() usize {
    return sizes[next(8)] + next(16);
}

fn isWhole(bytes: []const u8, byte: u8) bool {
    for (bytes) |one| if (one != byte) return false;
    return true;
}

fn filled(block: []align(8) u8) Slot {
    const byte: u8 = @intCast(1 + next(255));
    @memset(block, byte);
    sum = sum *% 31 +% @as(u32, @intCast(block.len)) +% byte;
    return .{ .block = block, .byte = byte };
}

fn step(slot: *?Slot) !void {
    const old = slot.* orelse {
        slot.* = filled(try allocator.alignedAlloc(u8, .@"8", nextSize()));
        return;
    };
    if (!isWhole(old.block, old.byte)) return error.Overwritten;
    if (next(3) == 0) {
        const block = try allocator.realloc(old.block, nextSize());
        if (!isWhole(block[0..@min(block.len, old.block.len)], old.byte)) return error.Lost;
        slot.* = filled(block);
    } else {
        allocator.free(old.block);
        slot.* = null;
    }
}

export fn run(start: u32, rounds: u32) u32 {
    seed = start;
    sum = 1;
    for (0..rounds) |_| step(&slots[next(slots.len)]) catch return 0;
    for (&slots) |*slot| {
        if (slot.*) |one| allocator.free(one.block);
        slot.* = null;
    }
    return sum;
}
