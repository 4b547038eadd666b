// Rust's standard allocator (its port of dlmalloc) under C's names. Rust's free is told the size, C's isn't: each block
// has a header of 8 bytes with its size and alignment, as any such binding has.
use std::alloc::{GlobalAlloc, Layout, System};

const HEADER: usize = 8;

unsafe fn layout(bytes: usize, alignment: usize) -> Layout {
    Layout::from_size_align_unchecked(bytes + alignment, alignment)
}

unsafe fn place(origin: *mut u8, bytes: usize, alignment: usize) -> *mut u8 {
    if origin.is_null() {
        return origin;
    }
    let block = origin.add(alignment);
    *(block.sub(8) as *mut u32) = bytes as u32;
    *(block.sub(4) as *mut u32) = alignment as u32;
    block
}

unsafe fn header(block: *mut u8) -> (usize, usize) {
    (*(block.sub(8) as *mut u32) as usize, *(block.sub(4) as *mut u32) as usize)
}

#[no_mangle]
pub unsafe extern "C" fn malloc(bytes: usize) -> *mut u8 {
    place(System.alloc(layout(bytes, HEADER)), bytes, HEADER)
}

#[no_mangle]
pub unsafe extern "C" fn free(block: *mut u8) {
    if block.is_null() {
        return;
    }
    let (bytes, alignment) = header(block);
    System.dealloc(block.sub(alignment), layout(bytes, alignment));
}

#[no_mangle]
pub unsafe extern "C" fn calloc(count: usize, bytes: usize) -> *mut u8 {
    place(System.alloc_zeroed(layout(count * bytes, HEADER)), count * bytes, HEADER)
}

#[no_mangle]
pub unsafe extern "C" fn realloc(block: *mut u8, bytes: usize) -> *mut u8 {
    if block.is_null() {
        return malloc(bytes);
    }
    let (old, alignment) = header(block);
    place(System.realloc(block.sub(alignment), layout(old, alignment), bytes + alignment), bytes, alignment)
}

#[no_mangle]
pub unsafe extern "C" fn aligned_alloc(alignment: usize, bytes: usize) -> *mut u8 {
    let alignment = alignment.max(HEADER);
    place(System.alloc(layout(bytes, alignment)), bytes, alignment)
}
