// What is wrong with a program, or could be better, and what cures it. One function a finding: it returns what was found, or
// nothing.

import { kMallocs, kSmallStack } from '../load/warnings.js';
import { least, most } from '../wasm/extremes.js';
import { problemInWords, kLeaveMallocUndefined } from '../wasm/badly-linked.js';

/** @typedef {import('./describe.js').Description} Program */
/** @typedef {import('./heap.js').Heap} Heap */
/** @typedef {{ id: string, problem: string, cure: string, blocks?: boolean }} Finding `blocks`: it can't be linked before that is cured */

const kHeapModule = 'env';

/** The functions that a program imports under a name that the heap has. @param {Program} program @param {Heap} heap */
const wanted = ({ imports }, { offered }) => imports.filter(({ name, kind }) => kind === 'function' && offered.has(name));
const inHeapModule = (/** @type {{ module: string }} */ { module }) => module === kHeapModule;

/** Where the stack begins: it grows down from there. Without names, the linker's own global is the first. @param {Program} program */
export function stackPointer({ globals, names }) {
  if (names.globals.size) return globals.find(({ index }) => names.globals.get(index) === '__stack_pointer')?.value;
  const first = globals.find(({ mutable }) => mutable)?.value;
  return first && first % 16 === 0 ? first : undefined;
}

/** The memory that the heap lives in: as js/merge chooses it. @param {Program} program */
export function heapMemory({ memories, imports, exports }) {
  const imported = imports.find(({ module, name, kind }) => kind === 'memory' && module === kHeapModule && name === 'memory');
  const exported = exports.find(({ name, kind }) => kind === 'memory' && name === 'memory');
  return imported?.memory ?? memories[exported?.index ?? 0];
}

/** Where the data lies. @param {Program} program @returns {{ start: number, end: number } | undefined} */
export function dataRange({ data }) {
  const placed = data.flatMap(({ at, bytes }) => (at === undefined || !bytes ? [] : [{ start: at, end: at + bytes }]));
  return placed.length ? { start: least(placed.map(({ start }) => start)), end: most(placed.map(({ end }) => end)) } : undefined;
}

/**
 * The function that a linker's wrapper around each export calls first, which runs the constructors.
 * @param {Program} program
 */
function wrapper({ imports, exports, functions, bodies, names }) {
  const imported = imports.filter(({ kind }) => kind === 'function').length;
  const own = exports.filter(({ kind, index }) => kind === 'function' && bodies[index - imported]);
  if (own.every(({ name }) => name === '_start')) return false; // a command's only call
  if (own.some(({ index }) => names.functions.get(index)?.endsWith('.command_export'))) return true;
  const of = own.map(({ index }) => bodies[index - imported]),
    first = of[0].first;
  return (
    first !== undefined &&
    of.every((body) => body.first === first) &&
    functions[first] === '() -> nothing' &&
    (names.functions.get(first) ?? '__wasm_call_ctors') === '__wasm_call_ctors' &&
    (own.length > 1 || of[0].passesOn)
  );
}

/** @type {((program: Program, heap: Heap) => Finding | undefined)[]} */
const checks = [
  ({ customs }) =>
    customs.has('linking')
      ? {
          id: 'object-file',
          problem: 'is an object file: it is compiled, but not linked.',
          cure: 'Link it: wasm-ld --no-entry --allow-undefined --stack-first --export=__heap_base --export=... program.o -o program.wasm',
          blocks: true,
        }
      : undefined,

  ({ customs }) =>
    customs.has('dylink.0')
      ? {
          id: 'side-module',
          problem: 'is position-independent (wasm-ld -shared): it has no place of its own in a memory, but is put into that of another program.',
          cure: 'Load that program, then this one with heap.attach(). Or link it without -shared.',
          blocks: true,
        }
      : undefined,

  ({ memories }) =>
    memories.length
      ? undefined
      : {
          id: 'no-memory',
          problem: 'has no memory, so there is nothing that a heap could manage.',
          cure: 'In WAT: (memory (export "memory") 1). wasm-ld makes one by default.',
          blocks: true,
        },

  (program, heap) => {
    const memory = heapMemory(program),
      shared = heap.memory.shared;
    return memory && memory.shared !== shared
      ? {
          id: 'shared-memory',
          problem: shared ? `has a memory that is not shared, as ${heap.file} wants it.` : `has a shared memory: ${heap.file} is for one thread.`,
          cure: `${shared ? 'Link it with --shared-memory' : 'Build it without -pthread and --shared-memory'}, or take another heap: in options.heap of load(), or with --heap.`,
          blocks: true,
        }
      : undefined;
  },

  (program, heap) => {
    const memory = heapMemory(program),
      { bits } = heap.memory;
    return memory && memory.bits !== bits
      ? {
          id: 'memory64',
          problem: `has ${memory.bits}-bit addresses: ${heap.file} is for ${bits}-bit ones.`,
          cure: `Build it for --target=wasm${bits}, or take the heap for ${memory.bits}-bit ones: heap: '${memory.bits === 64 ? 'memory64' : 'release'}' in load(), or --heap ${memory.bits === 64 ? 'memory64' : 'release'}.`,
          blocks: true,
        }
      : undefined;
  },

  ({ memories, imports, exports }) =>
    !memories.length || imports.some(({ kind }) => kind === 'memory') || exports.some(({ kind }) => kind === 'memory')
      ? undefined
      : {
          id: 'hidden-memory',
          problem: "does not export its memory: JavaScript and trampolines (link 'table', 'trampoline') can't reach it.",
          cure: "Export it: in WAT (memory (export \"memory\") 1); wasm-ld does by default. Link 'merge' and 'direct' work as it is.",
        },

  (program, heap) => {
    const misplaced = wanted(program, heap).filter((entry) => !inHeapModule(entry));
    return misplaced.length
      ? {
          id: 'other-module',
          problem: `imports ${misplaced.map(({ module, name }) => `${module}.${name}`).join(', ')}: memory.wasm's functions are imported from "${kHeapModule}".`,
          cure: 'In C leave out __attribute__((import_module)); in Rust #[link(wasm_import_module = "env")]; in WAT (import "env" "malloc" ...). Or pass your own in options.imports.',
        }
      : undefined;
  },

  (program, heap) => {
    if (wanted(program, heap).length || !program.exports.some(({ kind }) => kind === 'function')) return undefined;
    const names = [...program.exports.filter(({ kind }) => kind === 'function').map(({ name }) => name), ...program.names.functions.values()];
    const own = kMallocs.filter((name) => names.includes(name));
    return own.length
      ? problemInWords('own-malloc', own)
      : {
          id: 'no-malloc',
          problem: 'imports no function of the heap: only JavaScript can use it.',
          cure: `If it was linked with -lmemory, the heap is in it, and nothing is wrong. If it brings another malloc: ${kLeaveMallocUndefined}`,
        };
  },

  (program, heap) => {
    const wrong = wanted(program, heap).filter((entry) => inHeapModule(entry) && entry.type !== heap.offered.get(entry.name));
    return wrong.length
      ? {
          id: 'wrong-type',
          problem: `imports functions with another type than the heap's: ${wrong.map(({ name, type }) => `${name} as ${type}, not ${heap.offered.get(name)}`).join('; ')}.`,
          cure: 'Declare it as the C standard does (#include <stdlib.h>), or give your own function of that name in options.imports.',
        }
      : undefined;
  },

  (program, heap) => {
    const known = new Set(wanted(program, heap)),
      others = program.imports.filter((entry) => entry.kind !== 'memory' && !known.has(entry));
    return others.length
      ? {
          id: 'other-imports',
          problem: `imports what memory.wasm does not have: ${others
            .slice(0, 8)
            .map(({ module, name }) => `${module}.${name}`)
            .join(', ')}${others.length > 8 ? ` and ${others.length - 8} more` : ''}.`,
          cure: others.some(({ module }) => module.startsWith('wasi'))
            ? "It was linked for WASI: pass a WASI implementation's functions in options.imports, or build it for --target=wasm32 without libc."
            : 'Pass them in options.imports of load(), or link the library that defines them. A misspelt function looks like this too.',
        }
      : undefined;
  },

  (program) =>
    wrapper(program)
      ? problemInWords(
          'wrapped-exports',
          program.exports.some(({ name }) => name === '_start'),
        )
      : undefined,

  (program) => {
    const stack = stackPointer(program),
      data = dataRange(program);
    return stack !== undefined && data && stack > data.end && data.start < stack ? problemInWords('stack-into-data', { ...data, stack }) : undefined;
  },

  (program) => {
    const stack = stackPointer(program),
      data = dataRange(program);
    const bytes = stack === undefined || !data || stack <= data.start ? stack : stack - data.end;
    return bytes && bytes < kSmallStack && program.exports.some(({ name }) => name === '__heap_base') ? problemInWords('small-stack', bytes) : undefined;
  },

  // A program that takes nothing from the heap leaves it nothing of its first pages either.
  (program, heap) =>
    wanted(program, heap).length && program.memories.length && !program.exports.some(({ name }) => name === '__heap_base')
      ? {
          id: 'no-heap-base',
          problem: 'does not tell where its data and stack end, so the heap leaves the rest of its first pages unused.',
          cure: 'Link with --export=__heap_base; in WAT (global (export "__heap_base") i32 (i32.const 1024)), where your own bytes end.',
        }
      : undefined,

  (program) => {
    const memory = heapMemory(program),
      base = program.exports.some(({ name }) => name === '__heap_base');
    return memory && memory.most === memory.least ? problemInWords('memory-cannot-grow', { pages: memory.least, base }) : undefined;
  },

  ({ exports }) => (exports.some(({ kind }) => kind === 'function') ? undefined : problemInWords('no-exports', undefined)),

  // That of a shared memory is the linker's, and fills in the data.
  ({ start, memories }) =>
    start === undefined || memories.some(({ shared }) => shared)
      ? undefined
      : {
          id: 'start-function',
          problem: "has a start function, which runs before trampolines are bound: if it allocates, link 'table' and 'trampoline' fail.",
          cure: "Link 'merge' and 'direct' work as it is; or rename it to _initialize, which load() calls when everything is linked.",
        },
];

/** What must be cured before anything else, or all that there is to tell. @param {Program} program @param {Heap} heap */
export function findingsOf(program, heap) {
  const all = checks.flatMap((check) => check(program, heap) ?? []),
    blocking = all.filter(({ blocks }) => blocks);
  return blocking.length ? blocking : all;
}

/** The link modes that a program can take. @param {Program} program @param {Finding[]} findings */
export function modes({ imports, exports }, findings) {
  if (findings.some(({ blocks }) => blocks)) return [];
  const reachable = imports.some(({ kind }) => kind === 'memory') || exports.some(({ kind }) => kind === 'memory');
  return ['merge', 'direct', ...(reachable ? ['table', 'trampoline'] : [])];
}
