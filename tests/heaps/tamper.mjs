// node tests/heaps/tamper.mjs [--trials N] [--seed S], in a Node that knows modules with two memories: overwrites words of the program's memory where
// memory.wasm would have its metadata, and the words behind blocks, over memory.secure.wasm; then the program goes on. Counts what came of it.

import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { metadata } from '../attacks/tamper.js';
import { isCorrupt, outcomeOf, randomNumbers, use, warmUp, World } from '../attacks/world.js';

const kKey = 12345;

class SecureWorld extends World {
  constructor() {
    super({ key: kKey, file: 'memory.secure.wasm' });
  }

  get #metadata() {
    return new Uint8Array(this.heap.heap_secure_memory.buffer);
  }

  save() {
    return { ...super.save(), metadata: this.#metadata.slice() };
  }

  restore(saved) {
    super.restore(saved);
    this.#metadata.set(saved.metadata);
    this.#metadata.fill(0, saved.metadata.length);
  }
}

/** How many trials came to what. @param {{ trials: number, seed: number }} options */
export function tamperSecure({ trials, seed }) {
  const plain = new World({ key: kKey });
  warmUp(plain);
  const world = new SecureWorld();
  const blocks = warmUp(world);
  const ends = [...world.blocks.keys()].map((block) => ({ address: block + world.heap.malloc_usable_size(block) }));
  const words = [...metadata(plain), ...ends];
  const saved = world.save();
  const random = randomNumbers(seed);
  const counts = { corrupt: 0, broken: 0, trap: 0, nothing: 0 };
  for (let i = 0; i < trials; i++) {
    for (let left = 1 + random(3); left; left--) {
      const { address } = words[random(words.length)];
      world.write(address, random(2) ? random(2 ** 32) : words[random(words.length)].address);
    }
    const result = outcomeOf(() => use(world, [...blocks], i));
    if (world.heap.heap_check() !== 0) counts.broken++;
    else if (isCorrupt(result)) counts.corrupt++;
    else counts[result.outcome]++;
    world.restore(saved);
  }
  return counts;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { trials: { type: 'string', default: '3000' }, seed: { type: 'string', default: '1' } } });
  const { corrupt, broken, trap, nothing } = tamperSecure({ trials: Number(values.trials), seed: Number(values.seed) });
  console.log(`${values.trials} trials: ${corrupt} corrupt, ${broken} with a broken heap, ${trap} trapped, ${nothing} without effect`);
}
