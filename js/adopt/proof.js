// Tries the new module before anybody has it: in a scratch instance, malloc and free at random, and the heap's own check at the end.

import { readModule } from './module.js';
import { scratchMaker } from './scratch.js';

/** @typedef {import('./names.js').Role} Role */

const kRounds = 400;
const kSizes = [8, 24, 100, 500, 3000, 40000];

/**
 * @param {Uint8Array} bytes
 * @param {Record<string, number>} heapFunctions by name
 * @param {Map<number, Role>} roles
 * @param {import('./scratch.js').StubOptions} surroundings
 * @param {typeof WebAssembly} [wasm]
 */
export function isSound(bytes, heapFunctions, roles, surroundings, wasm) {
  const indexOf = (/** @type {Role} */ role) => [...roles].find(([, other]) => other === role)?.[0];
  const malloc = indexOf('malloc') ?? indexOf('rust_alloc');
  const free = indexOf('free') ?? indexOf('rust_dealloc');
  if (malloc === undefined || free === undefined) return false;
  const module = readModule(bytes, 'the adopted program');
  const check = heapFunctions.heap_check;
  try {
    const scratch = scratchMaker(module, [malloc, free, check], wasm).fresh(surroundings);
    return churns(scratch, malloc, free) && scratch.call(check) === 0;
  } catch {
    return false;
  }
}

/**
 * Whether blocks keep their bytes while others come and go.
 * @param {import('./scratch.js').Scratch} scratch
 * @param {number} malloc
 * @param {number} free
 */
function churns({ call, u8 }, malloc, free) {
  /** @type {{ pointer: number, size: number, byte: number }[]} */
  const blocks = [];
  let seed = 1;
  const random = (/** @type {number} */ below) => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) % below;
  for (let round = 0; round < kRounds; round++) {
    if (blocks.length > 60 || (blocks.length && random(3) === 0)) {
      const [{ pointer, size, byte }] = blocks.splice(random(blocks.length), 1);
      if (u8()[pointer] !== byte || u8()[pointer + size - 1] !== byte) return false;
      call(free, pointer, size, 8);
      continue;
    }
    const size = kSizes[random(kSizes.length)] + random(16);
    const pointer = call(malloc, size, 8) >>> 0;
    if (!pointer || pointer + size > u8().length) return false;
    const byte = round & 0xff;
    u8().fill(byte, pointer, pointer + size);
    blocks.push({ pointer, size, byte });
  }
  return true;
}
