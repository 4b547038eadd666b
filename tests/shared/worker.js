// A thread of the tests: joins the heap of the first.
import { workerData } from 'node:worker_threads';
import { load } from '../../dist/memory.js';
import { serve } from './serve.js';

serve(async () => {
  const { handle, stack } = workerData;
  const { exports, heap, thread } = await load(handle.program, { join: handle, stack });
  const own = { check: () => heap.check(), leave: () => thread.leave(), inUse: () => (heap.trim(), heap.inUse), hasOverflowed: () => thread.hasOverflowed, malloc: (size) => heap.malloc(size), free: (pointer) => heap.free(pointer) };
  return { calls: { ...own, ...exports }, first: thread.number };
});
