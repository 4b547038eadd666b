// Rust's standard library on our heap.

use std::collections::HashMap;

mod memory_wasm;

#[global_allocator]
static HEAP: memory_wasm::MemoryWasm = memory_wasm::MemoryWasm;

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
