// Records what the debug heap allocates and frees, as a trace.

import { exportsOf } from './survey.js';
import { TraceWriter } from './trace.js';

const kAllocated = 1;
const kFreed = 2;

/** A function of five i32 for the heap's table. @param {(payload: number, size: number, front: number, end: number, state: number) => void} callback */
function asBlockCallback(callback) {
  // (module (import "e" "f" (func (param i32 i32 i32 i32 i32))) (export "f" (func 0)))
  const module = new WebAssembly.Module(
    Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 9, 1, 96, 5, 127, 127, 127, 127, 127, 0, 2, 7, 1, 1, 101, 1, 102, 0, 0, 7, 5, 1, 1, 102, 0, 0),
  );
  return /** @type {() => void} */ (new WebAssembly.Instance(module, { e: { f: callback } }).exports.f);
}

/**
 * Begins to record. Returns the trace and what ends the recording.
 * @param {import('./survey.js').AnyHeap} heap a debug heap
 */
export function record(heap) {
  const exports = exportsOf(heap);
  const trace = new TraceWriter();
  const table = /** @type {WebAssembly.Table} */ (exports.__indirect_function_table);
  const index = table.grow(1);
  /** Checked memory listens too. @type {Function | null} */
  let other = null;
  table.set(
    index,
    asBlockCallback((payload, size, front, end, state) => {
      other?.(payload, size, front, end, state);
      if (state === kAllocated) trace.allocated(payload >>> 0, size >>> 0, front);
      else if (state === kFreed) trace.freed(payload >>> 0);
    }),
  );
  const before = exports.heap_debug_on_block(index);
  if (before) other = table.get(before);
  return { trace, stop: () => void exports.heap_debug_on_block(before) };
}
