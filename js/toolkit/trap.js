// memory.explain.js: words for what went wrong, loaded when there is something to explain.
//
// Why the heap trapped: which of its functions was called, on which pointer if that is known, and what that pointer is now.

import { unsigned } from './wide.js';

export { problemInWords } from '../wasm/badly-linked.js';
export { wrapsExports } from '../wasm/wrapped.js';

/** @typedef {import('./heap.js').Heap} Heap */

/**
 * @typedef {object} Trap
 * @property {string} name of the heap's function that trapped: 'free'
 * @property {number} [pointer] its argument, if the call came through JavaScript
 * @property {string} message what happened, in words
 */

const kWasmFrame = /((?:wasm:|https?:|file:|blob:)[^\s@()]*?|):?wasm-function\[(\d+)\]/;

/** The wasm frames of a stack: the module's address, and the function's index. @param {unknown} stack */
const wasmFrames = (stack) =>
  String(stack)
    .split('\n')
    .flatMap((line) => {
      const [, module, index] = kWasmFrame.exec(line) ?? [];
      return index === undefined ? [] : [{ module, index }];
    });

/**
 * Where the heap's code is: in a stack of it. Freeing 1 traps always and changes nothing. undefined where stacks don't say which function it was:
 * Deno gives each the index 0.
 * @param {Heap} heap
 */
function heapModule({ exports, functions }) {
  try {
    functions.free(1);
  } catch (error) {
    const frames = wasmFrames(/** @type {Error} */ (error).stack);
    return frames.some(({ index }) => index === exports.free.name) ? frames[0].module : undefined;
  }
}

/**
 * Why a call trapped; undefined if it was not the heap that trapped.
 * @param {Heap} heap
 * @param {unknown} error that the call threw
 * @param {unknown} first argument of the call, where it is known
 * @returns {Trap | undefined}
 */
export function explainTrap(heap, error, first) {
  if (!(error instanceof WebAssembly.RuntimeError)) return undefined;
  const frames = wasmFrames(error.stack);
  if (!frames.length || frames[0].module !== heapModule(heap)) return undefined;
  // An exported function's name is its index.
  const names = new Map(Object.entries(heap.exports).flatMap(([name, value]) => (typeof value === 'function' ? [[value.name, name]] : [])));
  const called = frames.find(({ index }) => names.has(index));
  const name = called && names.get(called.index);
  if (!name) return undefined;
  const pointer = typeof first === 'number' || typeof first === 'bigint' ? unsigned(Number(first)) : undefined;
  const what =
    pointer === undefined
      ? `a pointer that is not a block in use. To see which, load the program with link: 'trampoline', or with heap: 'debug', which has its history too`
      : `0x${pointer.toString(16)}, which is ${placeOf(heap, pointer)}`;
  return { name, ...(pointer !== undefined && { pointer }), message: `${name} trapped: it was called with ${what}` };
}

/** What a pointer is now. @param {Heap} heap @param {number} pointer */
function placeOf(heap, pointer) {
  const { byteLength } = heap.u8;
  if (pointer >= byteLength) return `beyond the memory, which ends at 0x${byteLength.toString(16)}`;
  for (const { pointer: start, byteLength, kind } of heap.spans()) {
    if (pointer < start || pointer >= start + byteLength) continue;
    const at = `0x${start.toString(16)}`;
    if (kind === 'overhead') return "in the heap's own data";
    if (kind !== 'used') return `in free memory (${byteLength} bytes at ${at}): freed before, or never handed out`;
    if (pointer > start) return `${pointer - start} bytes into a block in use, of ${byteLength} bytes at ${at}`;
    return `a block in use, of ${byteLength} bytes: its neighbour or its size was overwritten, or the size that was given is wrong`;
  }
  return "not in the heap: in the program's data or stack, or in memory that another grew";
}
