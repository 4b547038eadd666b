// Rust without its standard library: core and alloc on our heap. Nothing here knows of an operating system.
#![no_std]

extern crate alloc;

use alloc::{collections::BTreeMap, string::String, vec::Vec};

#[path = "../rust/memory_wasm.rs"]
mod memory_wasm;

#[global_allocator]
static HEAP: memory_wasm::MemoryWasm = memory_wasm::MemoryWasm;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

/// The words of a text in order, each with how often it is there: "a 2, b 1". To be given back to `release`.
#[no_mangle]
pub unsafe extern "C" fn counted(text: *const u8, length: usize) -> *mut String {
    let text = core::str::from_utf8_unchecked(core::slice::from_raw_parts(text, length));
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for word in text.split_whitespace() {
        *counts.entry(word).or_default() += 1;
    }
    let pairs: Vec<String> = counts.iter().map(|(word, count)| alloc::format!("{word} {count}")).collect();
    alloc::boxed::Box::into_raw(alloc::boxed::Box::new(pairs.join(", ")))
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
    drop(alloc::boxed::Box::from_raw(text))
}
