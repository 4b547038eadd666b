// Every error that the loader and the heap throw, and what each one teaches: what happened, to which file or pointer,
// what was found, what to do. Errors are told apart by `name`; a caller's plain mistakes are TypeError and RangeError.

/*
 * | `FetchError` | no answer, or the connection broke off | check address, server and CORS; try again |
 * | `HttpError` | the server answered 404 or the like | put the file there, under this name |
 * | `IntegrityError` | the file isn't the one whose hash was given, or hashes can't be computed here | deploy the right file; serve by https |
 * | `NotWebAssemblyError` | something else arrived, often an HTML page | the address is wrong, or the server answers every address with a page |
 * | `InvalidModuleError` | the engine refuses to compile it | compare the file's size; check the engine's features and the page's policy |
 * | `MissingImportError` | imports that nobody provides: all are named | pass them in `imports`, or link the library |
 * | `ImportMismatchError` | an import is declared with another type | declare `void *malloc(size_t)`; check the memory's limits |
 * | `NoMemoryError` | the program has no memory to share | export it, or link with `--import-memory` |
 * | `MemoryKindError` | shared or 64-bit memory, and a heap for the other kind | pass the matching heap in `heap` |
 * | `WrongHeapError` | the heap is not memory.wasm, or one of another version; or a program does not export what a function needs | pass the right file; `-Wl,--export=...` |
 * | `MallocBeforeLinkError` | the start function allocated, with link `'table'` or `'trampoline'` | use `'direct'` or `'merge'`, or move it to `_initialize` |
 * | `LinkModeError` | this link mode needs the program's bytes, or can't take its types | pass a URL or bytes; choose `'trampoline'` |
 * | `MergeError` | the merger is missing or refuses the program | choose `'direct'`; `'auto'` does so by itself |
 * | `OutOfMemoryError` | the memory may not grow any more | free something; give the program a larger `--max-memory` |
 * | `ReleasedError` | a block, scope or arena was used after its end | free once, and don't use it afterwards |
 * | `SnapshotError` | the snapshot is of a heap with another layout or key | take it anew |
 * | `TableError` | C is to call a JavaScript function, but the program exports no table, or one that can't grow | link with `-Wl,--export-table,--growable-table` |
 */

/**
 * @typedef {'FetchError' | 'HttpError' | 'IntegrityError' | 'NotWebAssemblyError' | 'InvalidModuleError' | 'MissingImportError' | 'ImportMismatchError' | 'NoMemoryError' | 'MemoryKindError' | 'WrongHeapError' | 'MallocBeforeLinkError' | 'LinkModeError' | 'MergeError' | 'OutOfMemoryError' | 'ReleasedError' | 'SnapshotError' | 'TableError' | import('./debug/findings.js').FindingName} ErrorName
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

/** @param {unknown} error */
export const messageOf = (error) => (error instanceof Error ? error.message : String(error));

/**
 * The hosts abort with a DOMException or with the signal's own reason: those pass through unchanged.
 * @param {unknown} error
 * @param {AbortSignal | undefined} signal
 */
export const isAbort = (error, signal) =>
  (signal?.aborted && error === signal.reason) || (error instanceof Error && error.name === 'AbortError');

/** @param {number} pointer */
export const hex = (pointer) => `0x${pointer.toString(16)}`;
