// node tests/fuzz/replay.js FILE|FOLDER...: the fuzzer's inputs on what ships: dist/memory.wasm, also in a memory that ends at 4 GiB, and
// dist/libmemory.a. The model of tests/seeded sees whether anything is wrong. What only the world on the host can do is left out.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { buildPrograms } from '../wasm/seeded-programs.js';
import { newWorld } from '../wasm/seeded-world.js';

const programs = buildPrograms();
const kWorlds = [[programs.direct, {}], [programs.direct, { last: true }], [programs.static, {}]];

/** Replays one input in every world. Throws if the heap is broken. */
export function replay(input) {
  if (input.length < 4) return;
  for (const [program, where] of kWorlds) {
    const world = newWorld(program, BigInt(input[0]), where);
    new Uint8Array(world.memory.buffer, world.input_buffer(), input.length).set(input);
    world.replay(input.length);
  }
}

const files = (path) => (statSync(path).isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [path]);

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const inputs = process.argv.slice(2).flatMap(files);
  for (const file of inputs) {
    try {
      replay(readFileSync(file));
    } catch (error) {
      console.error(`${file}: ${error.message}`);
      process.exitCode = 1;
    }
  }
  console.log(`${inputs.length} inputs in ${kWorlds.length} worlds`);
}
