// A list of blocks from memory.wasm, in AssemblyScript, which has no heap of its own here.
@external("env", "malloc") declare function malloc(bytes: usize): usize;
@external("env", "free") declare function free(pointer: usize): void;

export function run(): u32 {
  let first: usize = 0, sum: u32 = 0;
  for (let i: u32 = 0; i < 10000; i++) {
    const block = malloc(8 + i % 200);
    store<usize>(block, first);
    store<u32>(block, i, 4);
    first = block;
    if (i % 3 == 0) {
      const next = load<usize>(first);
      free(first);
      first = next;
    }
  }
  while (first) {
    const next = load<usize>(first);
    sum = sum * 31 + load<u32>(first, 4);
    free(first);
    first = next;
  }
  return sum;
}
