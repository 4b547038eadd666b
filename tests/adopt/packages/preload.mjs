// `node --import preload.mjs jobs.mjs NAME`: adopts every program that the job loads, with the release heap, and keeps what was found and how the
// heap is at the end for the job to print.

import { readFileSync } from 'node:fs';
import { adopt } from '../../../js/adopt/index.js';
import { apart } from '../../../js/wasm/prefix.js';
import { patch } from '../../../js/watch/patch.js';

const heap = new Uint8Array(readFileSync(new URL('../../../dist/memory.wasm', import.meta.url)));
const wasm = Object.fromEntries(Object.getOwnPropertyNames(WebAssembly).map((name) => [name, WebAssembly[name]]));
const recipes = new Map();
const all = [];

/** Programs that are too small to have a malloc: feature tests. */
const kSmallest = 2000;

function adopted({ module, bytes }) {
  if (!bytes || bytes.length < kSmallest || WebAssembly.Module.imports(module).some(({ name }) => name === 'malloc')) return undefined;
  const began = process.cpuUsage();
  const { bytes: changed, mode, roles, reasons, recipe } = adopt(bytes, heap, { wasm, recipe: recipes.get(module) });
  const { user, system } = process.cpuUsage(began);
  recipes.set(module, recipe);
  const one = { byteLength: bytes.length, mode, kind: recipe.kind, by: [...new Set(roles.map(({ by }) => by))].join(', '), roles: roles.length, reasons, adoptMs: Math.round((user + system) / 1000) };
  all.push({ one, exports: undefined });
  const entry = all.at(-1);
  return { bytes: changed, instantiated: (instance) => dress(entry, instance) };
}

/** The program's JavaScript sees what the program exports, and nothing else. */
function dress(entry, instance) {
  const { own, heap } = apart(instance.exports);
  Object.defineProperty(instance, 'exports', { value: Object.freeze(own), enumerable: true });
  entry.exports = heap;
}

/** Blocks in use, by the heap's own walk. */
function blocksIn(exports) {
  let blocks = 0;
  for (let at = exports.heap_span_next(0); at; at = exports.heap_span_next(at)) if (exports.heap_span_kind(at) === 1) blocks++;
  return blocks;
}

globalThis.adoptedPrograms = () =>
  all.map(({ one, exports }) => ({
    ...one,
    pages: exports?.memory && exports.memory.buffer.byteLength / 65536,
    ...(one.mode === 'replaced' && exports && { check: exports.heap_check(), blocks: blocksIn(exports) }),
  }));

patch([adopted], () => {});
