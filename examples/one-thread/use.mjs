// A program that was built for one thread, in two Workers of Node: texts go to them and words come back, as pointers. docs/heaps.md says what is safe.
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { load } from '../../dist/memory.js';

const kTexts = ['the memory of a program that was compiled long ago', 'Workers share it, wonderfully'];
const program = fileURLToPath(new URL('../../build/examples/one-thread.wasm', import.meta.url));
const { handle, heap } = await load(program, { heap: 'shared', makeShared: true });

const longest = (text) =>
  new Promise((resolve, reject) => {
    // From now on the block is the Worker's.
    const workerData = { handle, text: heap.allocString(text).release() };
    new Worker(new URL('worker.mjs', import.meta.url), { workerData }).once('message', resolve).once('error', reject);
  });

for (const word of await Promise.all(kTexts.map(longest))) {
  console.log(`the longest word: ${heap.readString(word)}`);
  heap.free(word);
}
console.log(`the heap is sound: ${heap.check() === null}`);
