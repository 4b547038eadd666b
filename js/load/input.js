// A module on its way in: from a URL, a Response, bytes, or compiled already. Its header is known as soon as enough of it has
// arrived; the rest streams into the compiler. Nothing is linked here.

import { asBytes, concatenate, isBytes } from '../wasm/bytes.js';
import { MemoryWasmError, isAbort, messageOf } from '../errors.js';
import { failure, needMore } from './later.js';
import { fetchFile } from './fetch-file.js';
import { readHeader } from '../wasm/header.js';

/**
 * @typedef {string | URL | Response | ArrayBuffer | ArrayBufferView | WebAssembly.Module} Source
 *
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
 * @property {(head?: Uint8Array, through?: Through) => Promise<WebAssembly.Module>} compile once, or again after `bytes`; `head` replaces
 *   the bytes of the head, and all behind them go through `through`
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
  const given = await Promise.resolve(source).catch(async (error) => {
    // What `fetch` rejects with when there is no answer. Other errors are the caller's own.
    throw error instanceof TypeError ? await failure('FetchError', [options.label, messageOf(error)], error) : error;
  });
  options.signal?.throwIfAborted();
  if (given instanceof WebAssembly.Module) return compiled(given, options.label);
  return receive(await fileOf(given, options), options);
}

/** @param {File} file */
function totalOf({ response, bytes }) {
  const headers = response?.headers;
  // The length of a compressed body says nothing about the bytes that come out of it.
  const length = headers?.get('content-encoding') ? undefined : headers?.get('content-length');
  return bytes?.length ?? (length ? Number(length) : undefined);
}

/**
 * @param {WebAssembly.Module} module
 * @param {string} name
 * @returns {Input}
 */
function compiled(module, name) {
  return {
    name,
    compile: async () => module,
    async bytes() {
      throw await failure('LinkModeError', [name, 'is compiled'], undefined, 'NoBytes');
    },
  };
}

/**
 * @typedef {{ name: string, response?: Response, bytes?: Uint8Array }} File
 * @param {any} source a Source that is no Module
 * @param {OpenOptions} options
 * @returns {Promise<File>}
 */
async function fileOf(source, { label, signal }) {
  if (typeof source === 'string' || source instanceof URL) return fetchFile(source, signal);
  if (source instanceof Response) return { name: source.url || label, response: source };
  if (isBytes(source)) return { name: label, bytes: asBytes(source) };
  throw new TypeError(
    `${label} must be a URL, a Response, bytes or a WebAssembly.Module; found ${Object.prototype.toString.call(source)}`,
  );
}

/** @typedef {() => Promise<Uint8Array | undefined>} Read the next piece of a file; undefined behind the last */

/**
 * @param {File} file
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<Read>}
 */
async function readerOf({ name, response, bytes }, signal) {
  if (response?.ok === false) {
    await response.body?.cancel();
    throw await failure('HttpError', [name, `${response.status} ${response.statusText}`]);
  }
  const reader = response?.body?.getReader();
  if (!reader) {
    return async () => {
      const all = bytes;
      bytes = undefined;
      return all;
    };
  }
  // A Response that the caller made knows nothing of the caller's signal.
  const cancel = () => void reader.cancel(signal?.reason).catch(() => {});
  signal?.addEventListener('abort', cancel);
  return async () => {
    const { done, value } = await reader.read();
    signal?.throwIfAborted();
    if (done) signal?.removeEventListener('abort', cancel);
    return value;
  };
}

/**
 * @param {File} file
 * @param {OpenOptions} options
 * @returns {Promise<Input>}
 */
async function receive(file, { signal, onProgress, integrity }) {
  const { name } = file;
  const read = await readerOf(file, signal);
  const total = totalOf(file);
  /** @type {Uint8Array[] | undefined} what has arrived, while somebody may still ask for it */
  let arrived = [];
  let received = 0;
  let complete = false;

  /** Why the file is not read further, as the caller will see it. @type {unknown} */
  let problem;

  /** @type {Read} */
  const reported = async () => {
    const piece = await read();
    received += piece?.length ?? 0;
    try {
      if (piece) onProgress?.({ file: name, loaded: received, total });
    } catch (error) {
      throw (problem = error);
    }
    return piece;
  };
  const checked = integrity ? (await needMore()).verified(failure, reported, name, integrity) : reported;
  /** @type {Read} */
  const pull = async () => {
    try {
      const piece = await checked();
      complete = !piece;
      if (piece) arrived?.push(piece);
      return piece;
    } catch (error) {
      throw (problem ??= isAbort(error, signal) || error instanceof MemoryWasmError
        ? error
        : await failure('FetchError', [name, messageOf(error), received], error, 'BrokenOff'));
    }
  };
  /** @param {unknown} error */
  const invalid = (error) => problem ?? failure('InvalidModuleError', [name, messageOf(error), received], error);

  let head = new Uint8Array();
  let header;
  do {
    await pull();
    // A head that comes in many pieces is not put together anew for each of them.
    if (!complete && received < head.length * 1.1 + 4) continue;
    head = concatenate(arrived);
    await checkMagic(head, name);
    try {
      header = readHeader(head, complete);
    } catch (error) {
      throw await invalid(error);
    }
  } while (!header);

  const bytes = async () => {
    problem = undefined; // what a `compile` before this refused is no reason not to read on
    while (await pull());
    return concatenate(/** @type {Uint8Array[]} */ (arrived));
  };
  return {
    name,
    header,
    head,
    total,
    bytes,
    async compile(start = head, through) {
      /** @param {Uint8Array} chunk @param {boolean} last */
      const change = (chunk, last) => {
        try {
          return through ? through(chunk, last) : chunk;
        } catch (error) {
          throw (problem = error);
        }
      };
      try {
        if (complete || !WebAssembly.compileStreaming) {
          const rest = (await bytes()).subarray(head.length);
          return await WebAssembly.compile(/** @type {BufferSource} */ (concatenate([start, change(rest, true)])));
        }
        if (!through) arrived = undefined;
        let ended = false;
        const next = async () => {
          for (;;) {
            const chunk = ended ? undefined : await pull();
            if (!chunk && (ended || !through)) return undefined;
            ended = !chunk;
            const changed = change(chunk ?? new Uint8Array(), ended);
            if (changed.length) return changed;
          }
        };
        // A Response of our own: what MIME type the server gave the file doesn't matter.
        const stream = streamOf(start, next);
        const module = await WebAssembly.compileStreaming(new Response(stream, { headers: { 'content-type': 'application/wasm' } }));
        if (problem) throw problem;
        return module;
      } catch (error) {
        throw await invalid(error);
      }
    },
  };
}

/**
 * @param {Uint8Array} start
 * @param {() => Promise<Uint8Array | void>} pull
 */
function streamOf(start, pull) {
  return new ReadableStream({
    start: (controller) => void (start.length && controller.enqueue(start)),
    async pull(controller) {
      // A failure ends the stream like an end; `compile` sees to it. Firefox would report an error of the stream as unhandled.
      const chunk = await pull().catch(() => {});
      if (chunk) controller.enqueue(chunk);
      else controller.close();
    },
  });
}

/**
 * @param {Uint8Array} bytes
 * @param {string} name
 */
async function checkMagic(bytes, name) {
  const found = [...bytes.subarray(0, 4)];
  if (found.join() === '0,97,115,109') return;
  const hex = found.map((byte) => byte.toString(16).padStart(2, '0')).join(' ') || 'an empty file';
  throw await failure('NotWebAssemblyError', [name, hex, new TextDecoder().decode(bytes.subarray(0, 99))]);
}
