// Rust with its own allocator, beside our heap in the same memory. What C or JavaScript is to own comes from malloc; everything else stays
// where Rust puts it. The two never meet: each uses only pages that it grew itself.

use std::collections::HashMap;

extern "C" {
    fn malloc(size: usize) -> *mut u32;
}

/// The first `count` numbers of the Collatz sequence that begins with `number`, in a block of malloc's that the caller frees. Null if
/// there is no memory.
#[no_mangle]
pub unsafe extern "C" fn collatz(number: u32, count: usize) -> *mut u32 {
    let mut next: HashMap<u32, u32> = HashMap::new(); // Rust's own heap
    let block = malloc(count * 4);
    if block.is_null() {
        return block;
    }
    let mut current = number;
    for index in 0..count {
        block.add(index).write(current);
        current = *next.entry(current).or_insert_with(|| if current % 2 == 0 { current / 2 } else { 3 * current + 1 });
    }
    block
}
