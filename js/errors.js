// Every error that the loader and the heap throw, and what each one teaches: what happened, to which file or pointer,
// what was found, what to do. Errors are told apart by `name`; a caller's plain mistakes are TypeError and RangeError.

/**
 * @typedef {'FetchError' | 'HttpError' | 'IntegrityError' | 'NotWebAssemblyError' | 'InvalidModuleError' | 'MissingImportError' | 'ImportMismatchError' | 'NoMemoryError' | 'MemoryKindError' | 'WrongHeapError' | 'MallocBeforeLinkError' | 'LinkModeError' | 'MergeError' | 'OutOfMemoryError' | 'ReleasedError' | 'SnapshotError' | import('./debug/findings.js').FindingName} ErrorName
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
