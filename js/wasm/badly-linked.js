// Programs that can be loaded, but were linked in a way that goes wrong later: what to say of each. `memory.wasm inspect` and load() find
// them in ways of their own, and say the same.

/**
 * What each text is made of.
 * @typedef {object} Facts
 * @property {undefined} no-exports
 * @property {{ pages: number, base: boolean }} memory-cannot-grow `base`: whether the program exports __heap_base
 * @property {string[]} own-malloc the names of the functions
 * @property {boolean} wrapped-exports whether the program is a command, with a _start
 * @property {{ start: number, end: number, stack: number }} stack-into-data
 * @property {number} small-stack its bytes
 */

/** @param {number} address */
const hex = (address) => `0x${address.toString(16)}`;

/** What leaves malloc to the heap. */
export const kLeaveMallocUndefined =
  "Leave malloc undefined: link without libc's (-nostdlib, or without dlmalloc.o) and with --allow-undefined; in Rust set a #[global_allocator] that calls extern malloc and free; AssemblyScript's runtime is replaced as examples/assemblyscript shows.";

/** @type {{ [Id in keyof Facts]: (facts: Facts[Id]) => { problem: string, cure: string } }} */
const kTexts = {
  'no-exports': () => ({
    problem: 'exports no function: there is nothing to call.',
    cure: 'Link with --export=name for each, or mark them __attribute__((export_name("name"))).',
  }),
  'memory-cannot-grow': ({ pages, base }) => ({
    problem: `has a memory that can't grow beyond its first ${pages} ${pages === 1 ? 'page' : 'pages'} of 64 KiB: malloc ${
      base ? 'returns NULL when they are full' : 'always returns NULL, because the heap takes only what it grows or what __heap_base names'
    }.`,
    cure: 'Link with a larger --max-memory, or without it and without --no-growable-memory; in WAT (memory 1), not (memory 1 1).',
  }),
  'own-malloc': (names) => ({
    problem: `has a heap of its own (${names.join(', ')}), which knows nothing of memory.wasm's.`,
    cure: kLeaveMallocUndefined,
  }),
  'wrapped-exports': (command) => ({
    problem: 'runs its constructors anew in every call of an export: the linker wrapped them, because it saw no other caller.',
    cure: command
      ? 'Link it as a reactor: crt1-reactor.o and --entry=_initialize instead of crt1-command.o (clang: -mexec-model=reactor). load() calls _initialize once.'
      : 'Link with --export=__wasm_call_ctors: load() calls it once. Or export an _initialize that calls it, which load() calls too: ' +
        '__attribute__((export_name("_initialize"))) void _initialize(void) { __wasm_call_ctors(); }',
  }),
  'stack-into-data': ({ start, end, stack }) => ({
    problem: `has its stack above its data (${hex(start)} - ${hex(end)}; the stack grows down from ${hex(stack)}): when it overflows, it overwrites data silently.`,
    cure: 'Link with --stack-first: then an overflow traps.',
  }),
  'small-stack': (bytes) => ({
    problem: `has a stack of ${bytes.toLocaleString('en')} bytes: printf alone needs up to 8 KiB.`,
    cure: 'Link with -z stack-size=65536 (through clang: -Wl,-z,stack-size=65536), or leave that option out.',
  }),
};

/**
 * @template {keyof Facts} Id
 * @param {Id} id
 * @param {Facts[Id]} facts
 */
export const problemInWords = (id, facts) => ({ id, ...kTexts[id](facts) });
