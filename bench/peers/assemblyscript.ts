// AssemblyScript's TLSF (its runtime's allocator) under C's names. Blocks are 16-byte aligned; there is no aligned_alloc,
// so that more than 16 is refused.
export function malloc(bytes: usize): usize { return heap.alloc(bytes); }
export function free(block: usize): void { if (block) heap.free(block); }
export function calloc(count: usize, bytes: usize): usize {
  const block = heap.alloc(count * bytes);
  memory.fill(block, 0, count * bytes);
  return block;
}
export function realloc(block: usize, bytes: usize): usize { return block ? heap.realloc(block, bytes) : heap.alloc(bytes); }
export function aligned_alloc(alignment: usize, bytes: usize): usize { return alignment <= 16 ? heap.alloc(bytes) : 0; }
