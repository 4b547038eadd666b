// Every error that the loader and the heap throw, and what each one teaches: what happened, to which file or pointer,
// what was found, what to do. Errors are told apart by `name`; a caller's plain mistakes are TypeError and RangeError.

import { kHeaps } from './heaps.js';
/*
 * | `FetchError` | no answer, or the connection broke off | check address, server and CORS; try again |
 * | `HttpError` | the server answered 404 or the like | put the file there, under this name |
 * | `IntegrityError` | the file isn't the one whose hash was given, the hash is not understood, or hashes can't be computed here | deploy the right file; serve by https |
 * | `NotWebAssemblyError` | something else arrived, often an HTML page | the address is wrong, or the server answers every address with a page |
 * | `InvalidModuleError` | the engine refuses to compile it | compare the file's size; check the engine's features and the page's policy |
 * | `MissingImportError` | imports that nobody provides: all are named | pass them in `imports`, or link the library |
 * | `ImportMismatchError` | an import is declared with another type | declare `void *malloc(size_t)`; check the memory's limits |
 * | `NoMemoryError` | the program has no memory to share | export it, or link with `--import-memory` |
 * | `MemoryKindError` | shared or 64-bit memory, and a heap for the other kind | pass the matching heap in `heap` |
 * | `WrongHeapError` | the heap is not memory.wasm, or one of another version; or a program does not export what a function needs | pass the right file; `-Wl,--export=...` |
 * | `MallocBeforeLinkError` | the start function allocated, with link `'table'` or `'trampoline'` | use `'direct'` or `'merge'`, or move it to `_initialize` |
 * | `LinkModeError` | this link mode needs the program's bytes, or can't take its memories | pass a URL or bytes; choose `'trampoline'` |
 * | `MergeError` | the merger refuses the program | choose `'direct'`; `'auto'` does so by itself |
 * | `OutOfMemoryError` | the memory may not grow any more | free something; give the program a larger `--max-memory` |
 * | `ReleasedError` | a block, scope or arena was used after its end | free once, and don't use it afterwards |
 * | `SnapshotError` | the snapshot is of a heap with another layout or key | take it anew |
 * | `AdoptError` | the malloc inside the program can't be replaced: with the reason | `memory.wasm adopt` says what was found; watch it instead |
 * | `TableError` | C is to call a JavaScript function, but the program exports no table, or one that can't grow | link with `-Wl,--export-table,--growable-table` |
 */

/**
 * @typedef {'FetchError' | 'HttpError' | 'IntegrityError' | 'NotWebAssemblyError' | 'InvalidModuleError' | 'MissingImportError' | 'ImportMismatchError' | 'NoMemoryError' | 'MemoryKindError' | 'WrongHeapError' | 'MallocBeforeLinkError' | 'LinkModeError' | 'MergeError' | 'OutOfMemoryError' | 'ReleasedError' | 'SnapshotError' | 'TableError' | 'AdoptError' | import('./debug/findings.js').FindingName | import('./debug/access.js').CheckName} ErrorName
 */

/** An error of memory.wasm. `name` says which; the message says what to do. */
export class MemoryWasmError extends Error {
  /**
   * @param {ErrorName} name
   * @param {string} message
   * @param {unknown} [cause] the error of the host or engine behind it
   */
  constructor(name, message, cause) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = name;
  }
}

/** Characters of a name, and of a reason that a host or engine gives, that a message repeats. */
const kNameLength = 200;
const kReasonLength = 500;

/**
 * A text from outside, fit for a message: without control characters, and its middle left out if it is long.
 * @param {string} text
 * @param {number} [length]
 */
export function short(text, length = kNameLength) {
  const plain = text.slice(0, length).replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
  return text.length > length ? `${plain}... (${text.length} characters)` : plain;
}

/** @param {unknown} error */
export const messageOf = (error) => short(isError(error) ? error.message : String(error), kReasonLength);

/**
 * Errors of other realms are errors too.
 * @param {any} value
 * @returns {value is Error}
 */
const isError = (value) => value instanceof Error || typeof value?.message === 'string';

/**
 * The hosts abort with a DOMException or with the signal's own reason: those pass through unchanged.
 * @param {unknown} error
 * @param {AbortSignal | undefined} signal
 */
export const isAbort = (error, signal) => (signal?.aborted && error === signal.reason) || (isError(error) && error.name === 'AbortError');

/**
 * A value in a message.
 * @param {unknown} value
 */
export function shown(value) {
  if (typeof value === 'string') return value.length > 40 ? `'${value.slice(0, 40)}'... (${value.length} characters)` : `'${value}'`;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return `the function ${value.name || 'without a name'}`;
  if (typeof value !== 'object' || value === null) return String(value);
  const { constructor, [Symbol.toStringTag]: tag } = /** @type {{ constructor?: { name?: string }, [Symbol.toStringTag]?: string }} */ (value);
  return tag ?? constructor?.name ?? 'an object';
}

/** @param {number} pointer */
export const hex = (pointer) => `0x${pointer.toString(16)}`;

/**
 * Some names of a list, and how many there are.
 * @param {string[]} names
 */
export const listed = (names) =>
  names
    .slice(0, 10)
    .map((name) => short(name, 80))
    .join(', ') + (names.length > 10 ? ` and ${names.length - 10} more` : '');

/**
 * The heap for a kind of memory, by the word that `load` takes, if it is here.
 * @param {{ is64: boolean, shared: boolean }} memory
 */
function wordFor({ is64, shared }) {
  if (is64 && shared) return undefined;
  const word = is64 ? 'memory64' : shared ? 'shared' : 'release';
  return Object.hasOwn(kHeaps, word) ? word : undefined;
}

/**
 * What errors say: by the error's name, with a word behind it where a name has several texts.
 * @typedef {Record<string, (...facts: any[]) => string>} Texts
 */

/** Those of memory.js. A file that is loaded later brings its own. @type {Texts} */
const kTexts = {
  FetchError: (file, reason) =>
    `${file} could not be fetched: ${reason}. Is the address right, is the server running, and does it allow requests from here (CORS)?`,
  'FetchError disk': (file, reason) => `${file} can't be read: ${reason}. Is the path right? Relative paths start in the working directory.`,
  'FetchError page-from-disk': (file, reason) =>
    `${file} could not be fetched: ${reason}. This page was opened from disk (file:), and browsers let such a page fetch nothing. Serve the folder, or pass the bytes of both files.`,
  'FetchError broken-off': (file, reason, received) => `${file} broke off after ${received} bytes: ${reason}. Try again.`,
  'FetchError opaque': (file) =>
    `${file} is an opaque response, whose bytes nobody may read: it was fetched with mode 'no-cors'. Leave that out, and let the server allow requests from here (CORS).`,
  'FetchError read-before': (file) => `${file} is a Response whose body was read before. Pass a fresh one, or response.clone().`,
  'FetchError feature': (file, reason) =>
    `${file} could not be loaded: ${reason}. Put it beside memory.js, or use memory.inline.js, which has everything inside.`,
  HttpError: (file, answer) => `${file}: the server answered ${answer}`.trimEnd() + '. Is the file there, under this name?',
  NotWebAssemblyError: (file, found, advice) => `${file} is not WebAssembly: expected magic word 00 61 73 6d, found ${found}.${advice}`,
  'NotWebAssemblyError component': (file) =>
    `${file} is a component, and load takes core modules. Take the core module that it was made of (wasm-tools component unbundle).`,
  'NotWebAssemblyError version': (file, found) => `${file} is of a version of WebAssembly that is not 1: ${found}.`,
  InvalidModuleError: (file, reason, received) =>
    `${file} can't be compiled: ${reason} (${received} bytes arrived). Is the file whole, does this engine know all its features, does the page's Content-Security-Policy have 'wasm-unsafe-eval'?`,
  'InvalidModuleError cut-short': (file, reason, received, section, missing) =>
    `${file} is cut short: it ends after ${received} bytes, inside its ${section}, of which ${missing} ${missing === 1 ? 'byte is' : 'bytes are'} missing (${reason}). Take the file anew: did the build, the download or the upload break off?`,
  'InvalidModuleError line-ends': (file, reason, received) =>
    `${file} can't be compiled: ${reason} (${received} bytes arrived). Every line feed in it follows a carriage return: something treated it as text and converted its line ends. Mark *.wasm as binary (in .gitattributes: *.wasm binary) and take the file anew.`,
  'InvalidModuleError text': (file, reason, received) =>
    `${file} can't be compiled: ${reason} (${received} bytes arrived). It has U+FFFD in it: something read it as text. Read it as bytes (arrayBuffer(), readFile without an encoding).`,
  'IntegrityError compiled': (file) => `${file} is a compiled WebAssembly.Module: its bytes can't be compared with a hash. Pass its URL or its bytes.`,
  MissingImportError: (file, names) => `${file} imports what nobody provides: ${names}. Pass it in options.imports, or link the library that defines it.`,
  ImportMismatchError: (file, reason) =>
    `${file} declares an import with another type than what is provided: ${reason}. Is malloc declared as void *malloc(size_t), and does the program's memory fit?`,
  LinkModeError: (file, link) =>
    `${file} is a compiled WebAssembly.Module: link '${link}' must read its bytes and may have to rewrite them. Pass its URL or bytes, or choose link 'trampoline'.`,
  'LinkModeError no-bytes': (file) => `${file} is a compiled WebAssembly.Module, whose bytes nobody can read. Pass its URL or its bytes.`,
  'LinkModeError two-memories': (file) =>
    `${file} has a memory of its own, so a program merged with it has two: this engine knows only one. Choose link 'direct' (with the option adopt: heap 'release'), or an engine with the feature multi-memory.`,
  'LinkModeError later-memory': (file, index) =>
    `${file} defines the heap's memory as number ${index}, and link 'direct' can only make the first an import. Choose 'merge', 'table' or 'trampoline'.`,
  'LinkModeError own-heap': (file, option) =>
    `${file} brings its heap: it was linked with -lmemory, or merged with memory.wasm. options.${option} is for a heap that is loaded. Link the program without the heap.`,
  NoMemoryError: (file) =>
    `${file} has no memory that can be shared with the heap. Let it export one (clang and wasm-ld do by default; in WAT: (memory (export "memory") 1)) or import one (wasm-ld --import-memory).`,
  'NoMemoryError which': (file, count) =>
    `${file} has ${count} memories, and none of them is imported as env.memory or exported as "memory": which is the heap's? Export that one as "memory".`,
  MemoryKindError(file, heapFile, program, heap) {
    const kind = (/** @type {any} */ { is64, shared }) => `${is64 ? '64-bit' : '32-bit'}, ${shared ? 'shared' : 'unshared'}`;
    const word = wordFor(program);
    const cure = word ? `Load with heap: '${word}'` : 'No heap for a memory that is both ships';
    const other = wordFor(heap);
    const build = other && word !== other ? `, or build the program for this heap: clang $(memory.wasm flags --dynamic --heap ${other})` : '';
    return `${file} has a memory that is ${kind(program)}, but ${heapFile} serves one that is ${kind(heap)}. ${cure}${build}.`;
  },
  'MemoryKindError own': (file) =>
    `${file} keeps its data in a memory of its own, and this engine knows no modules with two memories (multi-memory). Load with heap: 'release', whose seals find what a program overwrites, or take an engine with that feature.`,
  OutOfMemoryError: (file, reason, pages) => `${file} wants a memory of ${pages} pages of 64 KiB, which this engine refuses: ${reason}`,
  WrongHeapError: (file, reason) => `${file} ${reason}: it is not memory.wasm, or one of another version. Pass the right file in options.heap.`,
  'WrongHeapError version': (file, found, wanted) =>
    `${file} is version ${found} of the heap's interface, and this memory.js needs ${wanted}: take both files from one release.`,
  MallocBeforeLinkError: (name) =>
    `the program called ${name} from its start function, before the heap was linked: the late-bound link modes 'table' and 'trampoline' can't serve it yet. Use link 'direct' or 'merge', or move the call into _initialize.`,
  MergeError: (reason) => `${reason}. Link 'direct' needs to know less of the files: try it.`,
};

/** @param {Texts} [texts] of a file that was loaded */
export const addTexts = (texts) => void Object.assign(kTexts, texts);

/**
 * @param {string} text the key of a text in the table above
 * @param {unknown[]} facts that it is made of
 * @param {unknown} [cause]
 */
export const failure = (text, facts, cause) => new MemoryWasmError(/** @type {ErrorName} */ (text.split(' ')[0]), kTexts[text](...facts), cause);
