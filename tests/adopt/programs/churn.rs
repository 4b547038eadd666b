// churn.c in Rust: blocks of all sizes and alignments come, change and go at random, and each is checked for its bytes.

use std::alloc::{alloc, alloc_zeroed, dealloc, realloc, Layout};

const SLOTS: usize = 200;
const SIZES: [usize; 8] = [1, 8, 24, 100, 500, 3000, 20000, 100000];

#[derive(Clone, Copy)]
struct Slot {
    block: *mut u8,
    layout: Layout,
    byte: u8,
}

struct Churn {
    slots: Vec<Option<Slot>>,
    seed: u32,
    sum: u32,
}

impl Churn {
    fn next(&mut self, below: u32) -> u32 {
        self.seed = self.seed.wrapping_mul(1103515245).wrapping_add(12345);
        (self.seed >> 8) % below
    }

    fn size(&mut self) -> usize {
        SIZES[self.next(8) as usize] + self.next(16) as usize
    }

    unsafe fn fill(&mut self, mut slot: Slot) -> Slot {
        slot.byte = 1 + self.next(255) as u8;
        slot.block.write_bytes(slot.byte, slot.layout.size());
        self.sum = self.sum.wrapping_mul(31).wrapping_add(slot.layout.size() as u32 + slot.byte as u32);
        slot
    }

    unsafe fn allocate(&mut self) -> Option<Slot> {
        let alignment = [1, 8, 16, 64, 512][self.next(5) as usize];
        let layout = Layout::from_size_align_unchecked(self.size(), alignment);
        let zeroed = self.next(3) == 0;
        let block = if zeroed { alloc_zeroed(layout) } else { alloc(layout) };
        if block.is_null() || block as usize % alignment != 0 {
            return None;
        }
        let slot = Slot { block, layout, byte: 0 };
        if zeroed && !whole(slot, layout.size()) {
            return None;
        }
        Some(self.fill(slot))
    }

    unsafe fn resize(&mut self, slot: Slot) -> Option<Slot> {
        let size = self.size();
        let block = realloc(slot.block, slot.layout, size);
        let layout = Layout::from_size_align_unchecked(size, slot.layout.align());
        let resized = Slot { block, layout, byte: slot.byte };
        if block.is_null() || block as usize % layout.align() != 0 || !whole(resized, size.min(slot.layout.size())) {
            return None;
        }
        Some(self.fill(resized))
    }

    /// A round; nothing if a byte was wrong.
    unsafe fn round(&mut self) -> Option<()> {
        let index = self.next(SLOTS as u32) as usize;
        let old = self.slots[index];
        let changed = match old {
            None => Some(self.allocate()?),
            Some(slot) if !whole(slot, slot.layout.size()) => return None,
            Some(slot) if self.next(3) == 0 => Some(self.resize(slot)?),
            Some(slot) => {
                dealloc(slot.block, slot.layout);
                None
            }
        };
        self.slots[index] = changed;
        Some(())
    }
}

unsafe fn whole(slot: Slot, bytes: usize) -> bool {
    (0..bytes).all(|i| *slot.block.add(i) == slot.byte)
}

/// What lives as long as the program: a String that grows, and a map, so that the standard library allocates, too.
#[no_mangle]
pub extern "C" fn run(start: u32, rounds: u32) -> u32 {
    let mut churn = Churn { slots: vec![None; SLOTS], seed: start, sum: 1 };
    let mut words = std::collections::BTreeMap::new();
    for i in 0..rounds {
        if unsafe { churn.round() }.is_none() {
            return 0;
        }
        words.entry(churn.next(500)).or_insert_with(String::new).push_str(&i.to_string());
    }
    for slot in churn.slots.iter().flatten() {
        unsafe { dealloc(slot.block, slot.layout) };
    }
    words.values().fold(churn.sum, |sum, word| sum.wrapping_mul(31).wrapping_add(word.len() as u32))
}
