// AssemblyScript's garbage collector over our malloc: `asc --runtime runtime.ts`. The collector expects a word in front of each block that
// says how large the block is. A block of malloc has no room there, so each gets 16 bytes more and starts after them.
//
//    malloc's pointer                 the collector's pointer
//    | 12 bytes, not used | mmInfo    | object header and fields ...

import "rt/itcms";
import { BLOCK, BLOCK_MAXSIZE, BLOCK_OVERHEAD } from "rt/common";

@external("env", "malloc") declare function malloc(size: usize): usize;
@external("env", "realloc") declare function realloc(mem: usize, size: usize): usize;
@external("env", "free") declare function free(mem: usize): void;

const kHead: usize = 16;

/** The collector keeps two flags in the lowest bits. */
function rounded(size: usize): usize {
  if (size > BLOCK_MAXSIZE) unreachable();
  return (size + 3) & ~3;
}

/** Stops the program when there is no memory, as AssemblyScript's own runtime does. */
function withHead(mem: usize, size: usize): usize {
  if (!mem) unreachable();
  changetype<BLOCK>(mem + kHead - BLOCK_OVERHEAD).mmInfo = size;
  return mem + kHead;
}

@global @unsafe
export function __alloc(size: usize): usize {
  size = rounded(size);
  return withHead(malloc(kHead + size), size);
}

/** Static objects, below __heap_base, are copied. */
@global @unsafe
export function __realloc(ptr: usize, size: usize): usize {
  size = rounded(size);
  if (ptr >= __heap_base) return withHead(realloc(ptr - kHead, kHead + size), size);
  const copy = __alloc(size);
  memory.copy(copy, ptr, min(size, changetype<BLOCK>(ptr - BLOCK_OVERHEAD).mmInfo));
  return copy;
}

@global @unsafe
export function __free(ptr: usize): void {
  if (ptr >= __heap_base) free(ptr - kHead);
}
