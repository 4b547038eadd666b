//! Zig's containers on the heap of memory.wasm, with std.heap.wasm_allocator beside it in the same memory.

const std = @import("std");
const heap = @import("memory_wasm.zig").allocator;

/// How many different numbers there are among the first `count` squares modulo `modulus`, counted with the containers of `allocator`.
fn differentSquares(allocator: std.mem.Allocator, count: u32, modulus: u32) !u32 {
    var seen = std.AutoHashMap(u32, std.ArrayList(u32)).init(allocator);
    defer {
        var lists = seen.valueIterator();
        while (lists.next()) |list| list.deinit(allocator);
        seen.deinit();
    }
    for (0..count) |index| {
        const number: u32 = @intCast(index);
        const entry = try seen.getOrPut(number *% number % modulus);
        if (!entry.found_existing) entry.value_ptr.* = .empty;
        try entry.value_ptr.append(allocator, number);
    }
    return seen.count();
}

/// 0 if there is no memory.
export fn onOurHeap(count: u32, modulus: u32) u32 {
    return differentSquares(heap, count, modulus) catch 0;
}

export fn onZigsOwn(count: u32, modulus: u32) u32 {
    return differentSquares(std.heap.wasm_allocator, count, modulus) catch 0;
}

/// The address of a block aligned to 256, modulo 256; 1 if there is no memory.
export fn misalignment() usize {
    const block = heap.alignedAlloc(u8, comptime .fromByteUnits(256), 1000) catch return 1;
    defer heap.free(block);
    return @intFromPtr(block.ptr) % 256;
}
