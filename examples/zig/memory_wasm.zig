//! A Zig Allocator over the malloc of memory.wasm or libmemory.a. What Zig allocates and what C allocates is then on one heap.

const std = @import("std");
const Alignment = std.mem.Alignment;

extern fn malloc(size: usize) ?[*]u8;
extern fn aligned_alloc(alignment: usize, size: usize) ?[*]u8;
extern fn realloc(mem: ?[*]u8, size: usize) ?[*]u8;
extern fn malloc_usable_size(mem: ?[*]u8) usize;
extern fn free(mem: ?[*]u8) void;

/// What malloc aligns to by itself.
const malloc_alignment = Alignment.@"16";

pub const allocator: std.mem.Allocator = .{ .ptr = undefined, .vtable = &.{ .alloc = alloc, .resize = resize, .remap = remap, .free = release } };

fn alloc(_: *anyopaque, len: usize, alignment: Alignment, _: usize) ?[*]u8 {
    if (alignment.compare(.lte, malloc_alignment)) return malloc(len);
    return aligned_alloc(alignment.toByteUnits(), len);
}

/// In place, or not at all.
fn resize(_: *anyopaque, memory: []u8, _: Alignment, new_len: usize, _: usize) bool {
    return new_len <= malloc_usable_size(memory.ptr);
}

/// May move: realloc keeps the content.
fn remap(_: *anyopaque, memory: []u8, alignment: Alignment, new_len: usize, _: usize) ?[*]u8 {
    if (alignment.compare(.lte, malloc_alignment)) return realloc(memory.ptr, new_len);
    return if (new_len <= malloc_usable_size(memory.ptr)) memory.ptr else null;
}

fn release(_: *anyopaque, memory: []u8, _: Alignment, _: usize) void {
    free(memory.ptr);
}
