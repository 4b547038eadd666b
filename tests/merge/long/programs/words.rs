// Counts words in a map, on the heap of memory.wasm.
use std::alloc::{GlobalAlloc, Layout};
use std::collections::BTreeMap;

extern "C" {
    fn aligned_alloc(alignment: usize, size: usize) -> *mut u8;
    fn malloc(size: usize) -> *mut u8;
    fn free(pointer: *mut u8);
}

struct Heap;

unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() <= 16 { malloc(layout.size()) } else { aligned_alloc(layout.align(), layout.size()) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, _: Layout) {
        free(pointer)
    }
}

#[global_allocator]
static HEAP: Heap = Heap;

#[no_mangle]
pub extern "C" fn run() -> u32 {
    let mut counts: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    let mut seed = 1u32;
    for i in 0..20000 {
        seed = seed.wrapping_mul(1664525).wrapping_add(1013904223);
        counts.entry(format!("word{}", seed >> 20)).or_default().push(i);
    }
    counts.iter().fold(0, |sum, (word, places)| sum.wrapping_mul(31).wrapping_add(word.len() as u32 * places.iter().sum::<u32>()))
}
