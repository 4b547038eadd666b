// Blocks that are forgotten: a garbage collection reports them, and only them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from '../../js/index.js';
import { kOut } from '../e2e/build-programs.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');
const program = () => load(readFileSync(join(kOut, 'no-malloc.wasm')), { heap: new URL('../../dist/memory.wasm', import.meta.url) });

/** Collects garbage until there is a report, or long enough to know that there is none. */
async function settle(reported = () => false) {
  for (let round = 0; round < 12 && !reported(); round++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    collectGarbage();
  }
}

/** What console.warn gets while `run` runs. */
async function warnings(run) {
  const { warn } = console;
  const texts = [];
  console.warn = (text) => texts.push(text);
  try {
    await run(texts);
  } finally {
    console.warn = warn;
  }
  return texts;
}

test('a forgotten block is reported; one that was freed, released or taken away is not', async () => {
  const { heap } = await program();
  const leaks = [];
  heap.addEventListener('leak', (event) => (event.preventDefault(), leaks.push([event.pointer, event.byteLength])));
  const texts = await warnings(async () => {
    heap.alloc(1);
    heap.reset();
    const copy = heap.snapshot();
    heap.alloc(2);
    heap.restore(copy);
    heap.alloc(3);
    heap.restore(structuredClone(copy));
    const pointer = (() => {
      heap.alloc(4).free();
      heap.alloc(5).release();
      heap.free(heap.alloc(6));
      heap.free(heap.alloc(7).pointer);
      heap.realloc(heap.alloc(8).pointer, 100);
      heap.scope((scope) => scope.adopt(heap.alloc(9)));
      heap.alloc(10)[Symbol.dispose ?? Symbol.for('Symbol.dispose')]();
      return heap.alloc(11).pointer;
    })();
    await settle(() => leaks.length);
    await settle();
    assert.deepEqual(leaks, [[pointer, 11]]);
  });
  assert.deepEqual(texts, [], 'the listener prevented it');
});

test('without a listener, console.warn reports it', async () => {
  const { heap } = await program();
  const texts = await warnings(async (texts) => {
    heap.alloc(10);
    await settle(() => texts.length);
  });
  assert.match(texts.join(), /^memory\.wasm: a block of 10 bytes at 0x[\da-f]+ was never freed\. Use 'using' or a scope\.$/);
  assert.ok(heap.inUse > 0, 'it is still allocated');
});

test('a program that is dropped with its blocks has leaked nothing', async () => {
  const texts = await warnings(async () => {
    for (let round = 0; round < 3; round++) {
      await (async () => void (await program()).heap.alloc(10))();
      collectGarbage(); // the block goes at once, the heap a little later
      await settle();
    }
  });
  assert.deepEqual(texts, []);
});
