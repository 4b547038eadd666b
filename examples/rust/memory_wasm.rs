// A global allocator for Rust over malloc and its kin: imported from memory.wasm, or linked in from libmemory.a. Vec, String, HashMap and
// the rest are then on the same heap as C's blocks.

use core::alloc::{GlobalAlloc, Layout};

extern "C" {
    fn malloc(size: usize) -> *mut u8;
    fn calloc(count: usize, size: usize) -> *mut u8;
    fn realloc(pointer: *mut u8, size: usize) -> *mut u8;
    fn aligned_alloc(alignment: usize, size: usize) -> *mut u8;
    fn free(pointer: *mut u8);
}

/// What malloc aligns to by itself.
const ALIGNMENT: usize = 16;

pub struct MemoryWasm;

unsafe impl GlobalAlloc for MemoryWasm {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() <= ALIGNMENT { malloc(layout.size()) } else { aligned_alloc(layout.align(), layout.size()) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if layout.align() <= ALIGNMENT {
            return calloc(1, layout.size());
        }
        let pointer = self.alloc(layout);
        if !pointer.is_null() {
            pointer.write_bytes(0, layout.size());
        }
        pointer
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if layout.align() <= ALIGNMENT {
            return realloc(pointer, size);
        }
        let moved = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
        if !moved.is_null() {
            moved.copy_from_nonoverlapping(pointer, size.min(layout.size()));
            self.dealloc(pointer, layout);
        }
        moved
    }

    unsafe fn dealloc(&self, pointer: *mut u8, _: Layout) {
        free(pointer)
    }
}
