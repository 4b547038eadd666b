// Blocks that AssemblyScript's garbage collector manages: arrays come, change and go at random, and each is checked for its bytes.

const slots = new StaticArray<Uint8Array | null>(200);
let seed: u32 = 0;
let sum: u32 = 0;

function next(below: u32): u32 {
  seed = seed * 1103515245 + 12345;
  return (seed >> 8) % below;
}

export function run(start: u32, rounds: u32): u32 {
  seed = start;
  sum = 1;
  for (let round: u32 = 0; round < rounds; round++) {
    const index = next(200);
    const old = slots[index];
    if (old !== null) {
      for (let i = 0; i < old.length; i++) if (old[i] !== u8(index)) return 0;
      slots[index] = null;
      continue;
    }
    const block = new Uint8Array(1 + next(3000));
    block.fill(u8(index));
    slots[index] = block;
    sum = sum * 31 + block.length;
  }
  return sum;
}
