//! The mistakes of Zig with C's heap: one a function, marked as in misuse.c.

extern fn malloc(size: usize) ?[*]u8;
extern fn free(pointer: ?[*]u8) void;

export fn zig_write_past() void {
    const items: [*]volatile u8 = malloc(13).?; // ALLOCATED
    items[13] = 1; // WRONG
}

export fn zig_read_before() u8 {
    const items: [*]volatile u8 = malloc(40).?; // ALLOCATED
    return (items - 1)[0]; // WRONG
}

export fn zig_dangling() u8 {
    const items: [*]u8 = malloc(16).?; // ALLOCATED
    free(items); // FREED
    const dangling: [*]volatile u8 = items;
    return dangling[4]; // WRONG
}

export fn zig_freed_twice() void {
    const items: [*]u8 = malloc(16).?; // ALLOCATED
    free(items); // FREED
    free(items); // WRONG
}

export fn zig_clean() u32 {
    const items: [*]u8 = malloc(100).?;
    defer free(items);
    var sum: u32 = 0;
    for (0..100) |i| items[i] = @truncate(i);
    for (items[0..100]) |item| sum += item;
    return sum;
}
