// Resident memory of the secure heap over the release heap, for blocks of one size after the other:
//
//     node bench/heaps/resident.mjs [bytes ...]        in a Node that knows two memories; prints a line a size, and JSON last
//
// A process for each heap and size allocates 32 MB of blocks and writes every byte of them. What its resident memory rises by is what both
// memories of the heap touch, page by page.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const kTotal = 32 << 20;
const kSizes = [64, 256, 600, 1000, 2000, 3000, 4000, 8000, 20000];

/** How much of this process is resident. */
const resident = () => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;

/** What the blocks take, in bytes. @param {string} heap @param {number} size */
function measure(heap, size) {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const module = new WebAssembly.Module(readFileSync(new URL(`../../dist/${heap}.wasm`, import.meta.url)));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const { malloc, memset, heap_check } = /** @type {any} */ (exports);
  memset(malloc(size), 1, size); // what the engine takes for its own is there before
  heap_check();
  const before = resident();
  for (let left = kTotal; left > 0; left -= size) memset(malloc(size), 1, size);
  return resident() - before;
}

if (process.argv[2] === '--one') {
  console.log(measure(process.argv[3], Number(process.argv[4])));
} else {
  const bytesOf = (heap, size) => Number(spawnSync(process.execPath, [fileURLToPath(import.meta.url), '--one', heap, `${size}`], { encoding: 'utf8' }).stdout);
  const ratios = {};
  for (const size of process.argv.length > 2 ? process.argv.slice(2).map(Number) : kSizes) {
    ratios[size] = Number((bytesOf('memory.secure', size) / bytesOf('memory', size)).toFixed(2));
    console.log(`blocks of ${size} bytes: ${ratios[size]} x`);
  }
  console.log(JSON.stringify(ratios));
}
