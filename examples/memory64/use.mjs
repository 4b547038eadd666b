// Loads the program with the heap for 64-bit memories, and with the heap linked in. Needs an engine with 64-bit memories: Node 24 or newer.
import { readFileSync } from 'node:fs';
import { load } from '../../dist/memory.js';

const here = (file) => new URL(`../../build/examples/memory64/${file}`, import.meta.url);
const kEntries = 6n * 2n ** 30n;

function use({ create, put, get, destroy }) {
  if (!create(kEntries)) throw new Error('this machine gives no memory of 6 GiB');
  put(kEntries - 1n, 42);
  put(0n, 7);
  const found = [get(0n), get(kEntries - 1n), get(kEntries / 2n)];
  destroy();
  return found.join(' ');
}

const { exports, heap } = await load(here('beside.wasm'), { heap: 'memory64' });
console.log(`heap beside the program: ${use(exports)}; the heap holds ${(heap.footprint / 2 ** 30).toFixed(2)} GiB`);
const { instance } = await WebAssembly.instantiate(readFileSync(here('linked.wasm')));
console.log(`heap linked in: ${use(instance.exports)}`);
