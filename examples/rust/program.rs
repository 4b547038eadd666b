// Rust over memory.wasm: a global allocator that imports malloc and its kin. Vec, String, HashMap and the rest then live on the
// same heap as C's blocks.

use std::alloc::{GlobalAlloc, Layout};
use std::collections::HashMap;

#[link(wasm_import_module = "env")]
extern "C" {
    fn malloc(size: usize) -> *mut u8;
    fn calloc(count: usize, size: usize) -> *mut u8;
    fn realloc(pointer: *mut u8, size: usize) -> *mut u8;
    fn aligned_alloc(alignment: usize, size: usize) -> *mut u8;
    fn free(pointer: *mut u8);
}

/// What malloc aligns to by itself.
const ALIGNMENT: usize = 16;

struct MemoryWasm;

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

#[global_allocator]
static HEAP: MemoryWasm = MemoryWasm;

#[repr(C, align(256))]
struct Aligned([u8; 256]);

/// How many different numbers there are among the first `count` squares modulo `modulus`. Allocates and frees.
#[no_mangle]
pub extern "C" fn different_squares(count: u32, modulus: u32) -> u32 {
    let mut counts: HashMap<u32, Vec<u32>> = HashMap::new();
    for number in 0..count {
        counts.entry(number * number % modulus).or_default().push(number);
    }
    counts.len() as u32
}

/// A text in a Box<String> of Rust's, to be given back to `release`.
#[no_mangle]
pub extern "C" fn greeting(times: u32) -> *mut String {
    Box::into_raw(Box::new("hello ".repeat(times as usize)))
}

#[no_mangle]
pub unsafe extern "C" fn text_of(text: *const String) -> *const u8 {
    (*text).as_ptr()
}

#[no_mangle]
pub unsafe extern "C" fn length_of(text: *const String) -> usize {
    (*text).len()
}

#[no_mangle]
pub unsafe extern "C" fn release(text: *mut String) {
    drop(Box::from_raw(text))
}

/// The address of a block aligned to 256, modulo 256.
#[no_mangle]
pub extern "C" fn misalignment() -> usize {
    let block = vec![Aligned([1; 256]), Aligned([2; 256])];
    block.as_ptr() as usize % 256 + usize::from(block[1].0[255] != 2)
}
