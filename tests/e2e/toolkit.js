// What the scenarios of the toolkit share.

import { assert } from './assert.js';

export const kDispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');

/** The error that `run` throws. */
export function thrown(run) {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('expected an exception');
}

/** Bytes in use before and after `run` must be the same. */
export async function leavesNothing(heap, run) {
  heap.free(heap.malloc(1));
  const before = heap.inUse;
  await run();
  assert.equal(heap.inUse, before);
  assert.isNull(heap.check());
}

// (module (import "e" "f" (func)) (func (export "g") (call 0)))
const kCallsBack = '0061736d01000000010401600000020701016501660000030201000705010167000' + '10a0601040010000b';

/** The stack of a call from wasm, as this engine writes it. */
function stackThroughWasm() {
  const bytes = Uint8Array.from(kCallsBack.match(/../g), (byte) => parseInt(byte, 16));
  let stack;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { e: { f: () => void ({ stack } = new Error()) } });
  exports.g();
  return stack;
}

/** What a stack says of a wasm function: its index and with that its name; its name alone (Deno, where each has the index 0); or nothing (Bun). */
export function framesSay() {
  const stack = stackThroughWasm();
  return /wasm-function\[1\]/.test(stack) ? 'index' : /wasm/.test(stack) ? 'name' : 'nothing';
}

/** What a `using` declaration does, for engines that don't know it. */
export function using(block, run) {
  try {
    run(block);
  } finally {
    block[kDispose]();
  }
}
