// The mistakes of unsafe Rust: one a function, marked as in misuse.c.
use std::alloc::{GlobalAlloc, Layout};
use std::ptr::{read_volatile, write_volatile};

extern "C" {
    fn malloc(size: usize) -> *mut u8;
    fn free(pointer: *mut u8);
}

struct Heap;

unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        malloc(layout.size())
    }
    unsafe fn dealloc(&self, pointer: *mut u8, _: Layout) {
        free(pointer)
    }
}

#[global_allocator]
static HEAP: Heap = Heap;

// Out of the compiler's sight: it may leave out what it knows to be wrong.
fn hide<T>(value: T) -> T {
    unsafe {
        let hidden = read_volatile(&value);
        std::mem::forget(value);
        hidden
    }
}

// Box::new is always inlined: its line would be one of the library's.
#[inline(never)]
fn boxed<T>(value: T) -> Box<T> {
    Box::new(value)
}

#[no_mangle]
pub unsafe extern "C" fn rust_write_past() {
    let mut items: Vec<u32> = vec![1, 2, 3]; // ALLOCATED
    let first = hide(items.as_mut_ptr());
    write_volatile(first.wrapping_add(3), 4); // WRONG
}

#[no_mangle]
pub unsafe extern "C" fn rust_read_before() -> u8 {
    let items = boxed([7u8; 20]); // ALLOCATED
    let first = hide(items.as_ptr());
    read_volatile(first.wrapping_sub(1)) // WRONG
}

#[no_mangle]
pub unsafe extern "C" fn rust_dangling() -> u32 {
    let number = boxed(42u32); // ALLOCATED
    let pointer: *const u32 = hide(&*number as *const u32);
    drop(number); // FREED
    read_volatile(pointer) // WRONG
}

#[no_mangle]
pub unsafe extern "C" fn rust_dropped_twice() {
    let pointer = Box::into_raw(boxed(42u64)); // ALLOCATED
    drop(Box::from_raw(hide(pointer))); // FREED
    drop(Box::from_raw(hide(pointer))); // WRONG
}

#[no_mangle]
pub extern "C" fn rust_clean() -> u32 {
    let mut items: Vec<u32> = (0..100).collect();
    items.reverse();
    items.iter().zip(1..).map(|(item, i)| item * i).sum()
}
