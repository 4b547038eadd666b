// Everything that reads a program, each as it is called for one: a result, or an error in words.

import { readFileSync } from 'node:fs';
import { adopt } from '../../js/adopt/index.js';
import { instrument } from '../../js/check/instrument.js';
import { describe } from '../../js/cli/describe.js';
import { heapIn } from '../../js/cli/heap.js';
import { inspectProgram, inWords } from '../../js/cli/inspect.js';
import { linkProgram } from '../../js/cli/link.js';
import { load } from '../../js/index.js';
import { merge } from '../../js/merge/index.js';
import { readHeader } from '../../js/wasm/header.js';

export const heap = new Uint8Array(readFileSync(new URL('../../dist/memory.wasm', import.meta.url)));
const heapOfCommand = heapIn(heap, 'memory.wasm');

/** Whatever a program imports, but a function for what it imports as a global, and so on. */
const anything = new Proxy({}, { get: (_, name) => (name === 'g' ? 0 : () => 0) });

/** @type {Record<string, (bytes: Uint8Array) => unknown>} */
export const tools = {
  merge: (bytes) => merge(bytes, heap).bytes.length,
  header: (bytes) => readHeader(bytes, true).types.length,
  inspect: (bytes) => inWords(inspectProgram(describe(bytes, 'program.wasm'), heapOfCommand)),
  link: (bytes) => linkProgram(bytes, describe(bytes, 'program.wasm'), heapOfCommand, { exports: [], exportHeap: true }).bytes.length,
  check: (bytes) => instrument(bytes, { mode: 'import', contexts: true, uninitialized: true }).bytes.length,
  adopt: (bytes) => adopt(bytes, heap, { hooks: 'always' }).mode,
};

/** `load` takes its time, too. @param {Uint8Array} bytes */
export const loaded = (bytes) => load(bytes, { heap, onWarning() {}, imports: { o: anything, env: { other: () => 0 } } });
