// A module on its way in. Its header is known as soon as enough of it has arrived; the rest streams into the compiler. Nothing is
// linked here.

import { concatenate } from '../wasm/bytes.js';
import { MemoryWasmError, failure, isAbort, messageOf } from '../errors.js';
import { kFeatures } from '../features.js';
import { readerOf, totalOf } from './download.js';
import { checkMagic, invalidModule, SectionWalk } from './form.js';
import { readHeader } from '../wasm/header.js';
import { fileOf } from './source.js';

/** @typedef {import('./source.js').File} File */
/** @typedef {import('./source.js').Source} Source */

/**
 * @typedef {object} Progress
 * @property {string} file its address
 * @property {number} loaded bytes that have arrived
 * @property {number | undefined} total bytes of the whole file, undefined if the server doesn't say
 *
 * @typedef {object} OpenOptions
 * @property {string} label what to call a source that has no address
 * @property {AbortSignal} [signal]
 * @property {(progress: Progress) => void} [onProgress]
 * @property {string} [integrity]
 *
 * @typedef {object} Input
 * @property {string} name
 * @property {import('../wasm/header.js').Header} [header] unless the source was a compiled module
 * @property {Uint8Array} [head] the bytes the header was read from
 * @property {number} [total] bytes of the whole file, where it is known before they are here
 * @property {() => Promise<Uint8Array>} bytes all of the file; not after a `compile` without `through`, not for a compiled module
 * @property {(head?: Uint8Array, through?: Through) => Promise<WebAssembly.Module> | WebAssembly.Module} compile once, or again after `bytes`; `head`
 *   replaces the bytes of the head, and all behind them go through `through`
 *
 * @typedef {(chunk: Uint8Array, last: boolean) => Uint8Array} Through takes a file piece by piece and returns the bytes to compile; what
 *   it throws, `compile` throws. The last piece is empty, or the only one.
 */

/**
 * @param {Source | Promise<Source>} source
 * @param {OpenOptions} options
 * @returns {Promise<Input>}
 */
export async function open(source, options) {
  const file = await fileOf(source, options.label, options.signal);
  if (!file.module) return receive(file, options);
  if (options.integrity) throw failure('IntegrityError compiled', [file.name]);
  return compiled(file.name, file.module);
}

/**
 * @param {string} name
 * @param {WebAssembly.Module} module
 * @returns {Input}
 */
export function compiled(name, module) {
  return {
    name,
    compile: () => module,
    async bytes() {
      throw failure('LinkModeError no-bytes', [name]);
    },
  };
}

/**
 * @param {File} file
 * @param {OpenOptions} options
 * @returns {Promise<Input>}
 */
async function receive(file, options) {
  const { name } = file;
  const total = totalOf(file);
  const arrival = new Arrival(name, await piecesOf(file, total, options), options.signal);
  const { head, header } = await readHead(arrival);
  if (file.bytes) await arrival.pull(); // there are no more
  /** @type {Input['compile']} */
  const compile = (start = head, through) => compileFrom(arrival, head, start, through);
  return { name, head, header, total, bytes: () => arrival.all(), compile };
}

/**
 * @param {File} file
 * @param {number | undefined} total
 * @param {OpenOptions} options
 * @returns {Promise<import('./download.js').Read>}
 */
async function piecesOf(file, total, { signal, onProgress, integrity }) {
  const read = await readerOf(file, signal);
  let loaded = 0;
  const reported = async () => {
    const piece = await read();
    loaded += piece?.length ?? 0;
    if (piece) report(onProgress, { file: file.name, loaded, total });
    return piece;
  };
  return integrity ? (await kFeatures.integrity()).verified(failure, reported, file.name, integrity) : reported;
}

/** What a function of the caller's has thrown. */
class Thrown {
  /** @param {unknown} error */
  constructor(error) {
    this.error = error;
  }
}

/**
 * @param {OpenOptions['onProgress']} onProgress
 * @param {Progress} progress
 */
function report(onProgress, progress) {
  try {
    onProgress?.(progress);
  } catch (error) {
    throw new Thrown(error);
  }
}

/** What has arrived of a file, and why no more will. */
class Arrival {
  /** Bytes that have arrived. */
  received = 0;
  complete = false;
  /** Why the file is not read further, as the caller will see it. @type {unknown} */
  problem;
  /** What has arrived, while somebody may still ask for it. @type {Uint8Array[] | undefined} */
  #pieces = [];
  #walk = new SectionWalk();
  #read;
  #signal;

  /**
   * @param {string} name
   * @param {import('./download.js').Read} read
   * @param {AbortSignal | undefined} signal
   */
  constructor(name, read, signal) {
    this.name = name;
    this.#read = read;
    this.#signal = signal;
  }

  /** The next piece; undefined behind the last. */
  async pull() {
    try {
      const piece = await this.#read();
      this.complete = !piece;
      this.received += piece?.length ?? 0;
      if (piece) this.#pieces?.push(piece);
      if (piece) this.#walk.follow(piece);
      return piece;
    } catch (error) {
      throw (this.problem ??= this.#explained(error));
    }
  }

  /**
   * Errors of the host become ours; those of the caller's functions, and reasons to abort, stay what they are.
   * @param {unknown} error
   */
  #explained(error) {
    if (error instanceof Thrown) return error.error;
    if (isAbort(error, this.#signal) || error instanceof MemoryWasmError) return error;
    return failure('FetchError broken-off', [this.name, messageOf(error), this.received], error);
  }

  /** All that is here. */
  soFar() {
    return concatenate(this.#pieces ?? []);
  }

  /** All of the file. */
  async all() {
    this.problem = undefined; // an error of a `compile` before this is no reason not to read on
    while (await this.pull());
    return this.soFar();
  }

  /** From now on nobody asks for what has arrived. */
  forget() {
    this.#pieces = undefined;
  }

  /** @param {unknown} error of the engine, or of the reader of the header */
  invalid(error) {
    // Of a file that is still arriving it can't be said that it is cut short.
    return this.problem ?? invalidModule(this.name, error, this.received, this.complete ? this.#walk : undefined, this.soFar());
  }
}

/** @param {Arrival} arrival */
async function readHead(arrival) {
  let head = new Uint8Array();
  for (;;) {
    await arrival.pull();
    // A head that comes in many pieces is not put together anew for each of them.
    if (!arrival.complete && arrival.received < head.length * 1.1 + 8) continue;
    head = arrival.soFar();
    checkMagic(head, arrival.name);
    try {
      const header = readHeader(head, arrival.complete);
      if (header) return { head, header };
    } catch (error) {
      throw arrival.invalid(error);
    }
  }
}

/**
 * @param {Arrival} arrival
 * @param {Uint8Array} head
 * @param {Uint8Array} start what is compiled instead of the head
 * @param {Through | undefined} through
 */
async function compileFrom(arrival, head, start, through) {
  try {
    const module = arrival.complete ? undefined : await compileStream(arrival, start, through);
    if (module) return module;
    const rest = (await arrival.all()).subarray(head.length);
    return await WebAssembly.compile(concatenate([start, through ? changed(arrival, through, rest, true) : rest]));
  } catch (error) {
    throw arrival.problem ?? arrival.invalid(error);
  }
}

/**
 * @param {Arrival} arrival
 * @param {Through} through
 * @param {Uint8Array} chunk
 * @param {boolean} last
 */
function changed(arrival, through, chunk, last) {
  try {
    return through(chunk, last);
  } catch (error) {
    throw (arrival.problem = error);
  }
}

/**
 * Compiles what arrives while it arrives. Returns undefined if the host can't, or if something else has taken the place of its Response: nothing
 * has been read then.
 * @param {Arrival} arrival
 * @param {Uint8Array} start
 * @param {Through | undefined} through
 */
async function compileStream(arrival, start, through) {
  if (!WebAssembly.compileStreaming || !globalThis.Response || !globalThis.ReadableStream) return undefined;
  const { next, hasBegun } = changedPieces(arrival, through);
  // A Response of our own: what MIME type the server gave the file doesn't matter.
  const response = new Response(streamOf(start, next), { headers: { 'content-type': 'application/wasm' } });
  let module;
  try {
    module = await WebAssembly.compileStreaming(response);
  } catch (error) {
    if (error instanceof TypeError && !hasBegun()) return undefined;
    throw error;
  }
  if (arrival.problem) throw arrival.problem;
  return module;
}

/**
 * The pieces of a file after `through`. Until the first is asked for, all that has arrived stays.
 * @param {Arrival} arrival
 * @param {Through | undefined} through
 */
function changedPieces(arrival, through) {
  let begun = false;
  let ended = false;
  async function next() {
    begun = true;
    if (!through) arrival.forget();
    while (!ended) {
      const chunk = await arrival.pull();
      ended = !chunk;
      const result = through ? changed(arrival, through, chunk ?? new Uint8Array(), ended) : chunk;
      if (result?.length) return result;
    }
    return undefined;
  }
  return { next, hasBegun: () => begun };
}

/**
 * @param {Uint8Array} start
 * @param {() => Promise<Uint8Array | void>} next
 */
function streamOf(start, next) {
  return new ReadableStream({
    start: (controller) => void (start.length && controller.enqueue(start)),
    async pull(controller) {
      // A failure ends the stream like an end; `compile` sees to it. Firefox would report an error of the stream as unhandled.
      const chunk = await next().catch(() => {});
      if (chunk) controller.enqueue(chunk);
      else controller.close();
    },
  });
}
