// What is wrong with a program, or could be better, and what cures it. One function a finding: it returns what was found, or
// nothing.

/** @typedef {import('./describe.js').Description} Program */
/** @typedef {{ id: string, problem: string, cure: string }} Finding */

const kHeapModule = 'env';

/** @param {Program} program @param {Set<string>} offered names of the heap's functions */
const wanted = ({ imports }, offered) => imports.filter(({ module, name, kind }) => module === kHeapModule && kind === 'function' && offered.has(name));

/** Where the stack begins: it grows down from there. @param {Program} program */
export function stackPointer({ globals, names }) {
  const named = globals.find(({ index }) => names.globals.get(index) === '__stack_pointer');
  return (named ?? globals.find(({ mutable }) => mutable))?.value;
}

/** Where the data lies. @param {Program} program @returns {{ start: number, end: number } | undefined} */
export function dataRange({ data }) {
  const placed = data.flatMap(({ at, bytes }) => at === undefined || !bytes ? [] : [{ start: at, end: at + bytes }]);
  return placed.length ? { start: Math.min(...placed.map(({ start }) => start)), end: Math.max(...placed.map(({ end }) => end)) } : undefined;
}

/**
 * The function that a linker's wrapper around each export calls first, which runs the constructors.
 * @param {Program} program
 */
function wrapper({ imports, exports, functions, firstCalls, names }) {
  const imported = imports.filter(({ kind }) => kind === 'function').length;
  const own = exports.filter(({ kind, index }) => kind === 'function' && index >= imported);
  if (own.some(({ index }) => names.functions.get(index)?.endsWith('.command_export'))) return true;
  const first = own.map(({ index }) => firstCalls[index - imported]);
  return own.length > 1 && first[0] !== undefined && first.every(index => index === first[0]) && functions[first[0]] === '() -> nothing';
}

/** @type {((program: Program, offered: Map<string, string>) => Finding | undefined)[]} the heap's functions with their types */
export const checks = [
  ({ customs }) => customs.has('linking') ? {
    id: 'object-file', problem: 'is an object file: it is compiled, but not linked.',
    cure: 'Link it: wasm-ld --no-entry --allow-undefined --export=... program.o -o program.wasm',
  } : undefined,

  ({ memories }) => memories.length ? undefined : {
    id: 'no-memory', problem: 'has no memory, so there is nothing that a heap could manage.',
    cure: 'In WAT: (memory (export "memory") 1). Linkers make one by default; did the options leave it out?',
  },

  ({ memories, imports, exports }) => !memories.length || imports.some(({ kind }) => kind === 'memory') || exports.some(({ kind }) => kind === 'memory') ? undefined : {
    id: 'hidden-memory', problem: 'does not export its memory: JavaScript and trampolines (link \'js\', \'wasm\') can\'t reach it.',
    cure: 'Export it: (memory (export "memory") 1); wasm-ld does unless told --no-export-memory. Link \'merge\' and \'direct\' work as it is.',
  },

  (program, offered) => {
    const names = [...program.exports.filter(({ kind }) => kind === 'function').map(({ name }) => name), ...program.names.functions.values()];
    const own = ['malloc', 'dlmalloc', '__rust_alloc', 'emmalloc_malloc'].filter(name => names.includes(name) && !program.imports.some(entry => entry.name === name));
    return wanted(program, new Set(offered.keys())).length || !own.length ? undefined : {
      id: 'own-malloc', problem: `has a heap of its own (${own.join(', ')}), which knows nothing of memory.wasm's.`,
      cure: 'Leave malloc undefined: link without libc\'s (-nostdlib, or without dlmalloc.o) and with --allow-undefined; in Rust set a #[global_allocator] that calls extern malloc and free.',
    };
  },

  (program, offered) => {
    const wrong = wanted(program, new Set(offered.keys())).filter(({ name, type }) => type !== offered.get(name));
    return wrong.length ? {
      id: 'wrong-type', problem: `imports ${wrong.map(({ name, type }) => `${name} as ${type}, which is ${offered.get(name)}`).join('; ')}.`,
      cure: 'Declare it as the C standard does (#include <stdlib.h>), or give your own function of that name in options.imports.',
    } : undefined;
  },

  (program, offered) => {
    const others = program.imports.filter(({ module, name, kind }) => kind !== 'memory' && !(module === kHeapModule && offered.has(name)));
    return others.length ? {
      id: 'other-imports', problem: `imports what memory.wasm does not have: ${others.slice(0, 8).map(({ module, name }) => `${module}.${name}`).join(', ')}${others.length > 8 ? ` and ${others.length - 8} more` : ''}.`,
      cure: others.some(({ module }) => module.startsWith('wasi')) ? 'It was linked for WASI: pass a WASI implementation\'s functions in options.imports, or build it for --target=wasm32 without libc.' :
        'Pass them in options.imports of load(), or link the library that defines them. A misspelt function looks like this too.',
    } : undefined;
  },

  program => wrapper(program) ? {
    id: 'wrapped-exports', problem: 'runs its constructors anew in every call of an export: the linker wrapped them, because it saw no other caller.',
    cure: 'Let the program have an entry: define void _initialize(void) that calls __wasm_call_ctors(), or link with --export=__wasm_call_ctors. load() calls either once.',
  } : undefined,

  program => {
    const stack = stackPointer(program), data = dataRange(program);
    return stack !== undefined && data && stack > data.end && data.start < stack ? {
      id: 'stack-into-data', problem: `has its stack above its data (0x${data.start.toString(16)} - 0x${data.end.toString(16)}; the stack grows down from 0x${stack.toString(16)}): when it overflows, it overwrites data silently.`,
      cure: 'Link with --stack-first: then an overflow traps.',
    } : undefined;
  },

  ({ exports, memories }) => memories.length && !exports.some(({ name }) => name === '__heap_base') ? {
    id: 'no-heap-base', problem: 'does not tell where its data and stack end, so the heap leaves the rest of its first pages unused.',
    cure: 'Link with --export=__heap_base.',
  } : undefined,

  ({ memories: [memory] }) => memory?.most !== undefined && memory.most === memory.least ? {
    id: 'memory-cannot-grow', problem: `has a memory that can't grow beyond its first ${memory.least} pages of 64 KiB: malloc returns NULL when they are full.`,
    cure: 'Link with a larger --max-memory, or without it.',
  } : undefined,

  ({ memories: [memory] }) => memory?.shared ? {
    id: 'shared-memory', problem: 'has a shared memory: memory.wasm itself is for one thread.',
    cure: 'Pass memory.shared.wasm in options.memory, or build it without -pthread and --shared-memory.',
  } : undefined,

  ({ memories: [memory] }) => memory?.bits === 64 ? {
    id: 'memory64', problem: 'has 64-bit addresses.',
    cure: 'Pass memory64.wasm in options.memory, or build it for --target=wasm32.',
  } : undefined,

  ({ exports }) => exports.some(({ kind }) => kind === 'function') ? undefined : {
    id: 'no-exports', problem: 'exports no function: there is nothing to call.',
    cure: 'Link with --export=name for each, or mark them __attribute__((export_name("name"))).',
  },

  ({ start }) => start === undefined ? undefined : {
    id: 'start-function', problem: 'has a start function, which runs before trampolines are bound: if it allocates, link \'js\' and \'wasm\' fail.',
    cure: 'Link \'merge\' and \'direct\' work as it is; or rename it to _initialize, which load() calls when everything is linked.',
  },
];

/** The link modes that a program can take. @param {Program} program */
export function modes({ memories, imports, exports, customs }) {
  if (!memories.length || customs.has('linking')) return [];
  const reachable = imports.some(({ kind }) => kind === 'memory') || exports.some(({ kind }) => kind === 'memory');
  return ['merge', 'direct', ...(reachable ? ['wasm', 'js'] : [])];
}
