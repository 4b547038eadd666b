//! Zig's allocator for one thread over WebAssembly's memory (std.heap.wasm_allocator) under C's names. Zig's free is
//! given the size, C's isn't: each block has a header of 8 bytes with its size and alignment, as any such binding has.
const std = @import("std");
const Alignment = std.mem.Alignment;

const heap = std.heap.wasm_allocator;
const Header = extern struct { bytes: u32, alignment: u32 };
const header_bytes = @sizeOf(Header);

/// `alignment` bytes in front of the block hold the header, at their end.
fn place(origin: ?[*]u8, bytes: usize, alignment: usize) ?[*]u8 {
    const block = (origin orelse return null) + alignment;
    headerOf(block).* = .{ .bytes = bytes, .alignment = alignment };
    return block;
}

fn headerOf(block: [*]u8) *Header {
    return @ptrCast(@alignCast(block - header_bytes));
}

/// What Zig knows the block by.
fn slice(block: [*]u8) []u8 {
    const header = headerOf(block);
    return (block - header.alignment)[0 .. header.alignment + header.bytes];
}

fn allocate(bytes: usize, alignment: usize) ?[*]u8 {
    return place(heap.rawAlloc(bytes +| alignment, Alignment.fromByteUnits(alignment), 0), bytes, alignment);
}

export fn malloc(bytes: usize) ?[*]u8 {
    return allocate(bytes, header_bytes);
}

export fn free(mem: ?[*]u8) void {
    const block = mem orelse return;
    heap.rawFree(slice(block), Alignment.fromByteUnits(headerOf(block).alignment), 0);
}

export fn calloc(count: usize, each: usize) ?[*]u8 {
    const bytes = std.math.mul(usize, count, each) catch return null;
    const block = malloc(bytes) orelse return null;
    @memset(block[0..bytes], 0);
    return block;
}

export fn realloc(mem: ?[*]u8, bytes: usize) ?[*]u8 {
    const block = mem orelse return malloc(bytes);
    const old = headerOf(block).*;
    if (heap.rawResize(slice(block), Alignment.fromByteUnits(old.alignment), old.alignment +| bytes, 0)) {
        headerOf(block).bytes = bytes;
        return block;
    }
    const copy = malloc(bytes) orelse return null;
    const kept = @min(old.bytes, bytes);
    @memcpy(copy[0..kept], block[0..kept]);
    free(block);
    return copy;
}

export fn aligned_alloc(alignment: usize, bytes: usize) ?[*]u8 {
    return allocate(bytes, @max(alignment, header_bytes));
}
