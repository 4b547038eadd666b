// node tests/wasm/seeded.js [--operations N] [--seed S] [--static]: the random operations of tests/seeded on dist/memory.wasm, or on
// dist/libmemory.a. Prints each history's digest, as build/host/tests/seeded does.

import { parseArgs } from 'node:util';
import { buildPrograms } from './seeded-programs.js';
import { digests } from './seeded-world.js';

const { values } = parseArgs({
  options: {
    operations: { type: 'string', default: '300000' },
    seed: { type: 'string', default: '1' },
    static: { type: 'boolean', default: false },
  },
});

console.log(`seeds from ${values.seed}, ${values.operations} operations`);
const program = buildPrograms()[values.static ? 'static' : 'direct'];
for (const { seed, digest } of digests(program, values.seed, Number(values.operations))) console.log(`seed ${seed}: ${digest}`);
