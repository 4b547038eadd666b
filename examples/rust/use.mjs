import { load } from '../../dist/memory.js';

const { exports, heap } = await load(new URL('../../build/examples/rust.wasm', import.meta.url));
console.log(`different squares: ${exports.different_squares(10000, 1009)}`);
console.log(`misalignment of a block aligned to 256: ${exports.misalignment()}`);

const before = heap.inUse;
const text = exports.greeting(3) >>> 0;
const start = exports.text_of(text) >>> 0;
console.log(new TextDecoder().decode(heap.u8.subarray(start, start + exports.length_of(text))).trim());
exports.release(text);
console.log(`in use more than before: ${heap.inUse - before} bytes`);
console.log(`the heap is sound: ${heap.check() === null}`);
