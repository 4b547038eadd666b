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

/** What a `using` declaration does, for engines that don't know it. */
export function using(block, run) {
  try {
    run(block);
  } finally {
    block[kDispose]();
  }
}
