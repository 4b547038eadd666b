// A module on its way in: from a URL, a Response, bytes, or compiled already. Its header is known as soon as enough of it has
// arrived; the rest streams into the compiler. Nothing is linked here.

import { asBytes, concatenate, isBytes } from './binary.js';
import { MemoryWasmError, isAbort, messageOf } from './errors.js';
import { failure, needMore } from './failure.js';
import { fetchFile } from './fetch-file.js';
import { readHeader } from './header.js';

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
 * @property {import('./header.js').Header} [header] unless the source was a compiled module
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
  const file = await fileOf(given, options);
  const chunks = file.bytes ? once(file.bytes) : await bodyOf(file, options.signal);
  const total = totalOf(file);
  /** @type {Fault} */
  const fault = {};
  const seen = reported(chunks, file.name, total, options.onProgress, fault);
  return { ...(await receive(file.name, options.integrity ? (await needMore()).verified(failure, seen, file.name, options.integrity) : seen, options.signal, fault)), total };
}

/**
 * Why a file is not read further, and whether that is the caller's own exception, which reaches the caller as it is.
 * @typedef {{ error?: unknown, isCallers?: boolean }} Fault
 */

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

/** @param {Uint8Array} bytes */
async function* once(bytes) {
  yield bytes;
}

/**
 * @param {File} file
 * @param {AbortSignal | undefined} signal
 */
async function bodyOf({ name, response }, signal) {
  const { ok, status, statusText, body } = /** @type {Response} */ (response);
  if (!ok) {
    await body?.cancel();
    throw await failure('HttpError', [name, `${status} ${statusText}`]);
  }
  return body ? chunksOf(body, signal) : once(new Uint8Array());
}

/**
 * @param {ReadableStream<Uint8Array>} body
 * @param {AbortSignal | undefined} signal
 */
async function* chunksOf(body, signal) {
  const reader = body.getReader();
  // A Response that the caller made knows nothing of the caller's signal.
  const cancel = () => void reader.cancel(signal?.reason).catch(() => {});
  signal?.addEventListener('abort', cancel);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      signal?.throwIfAborted();
      if (done) return;
      yield value;
    }
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

/**
 * @param {AsyncGenerator<Uint8Array>} chunks
 * @param {string} name
 * @param {number | undefined} total
 * @param {((progress: Progress) => void) | undefined} onProgress
 * @param {Fault} fault
 */
async function* reported(chunks, name, total, onProgress, fault) {
  let loaded = 0;
  for await (const chunk of chunks) {
    loaded += chunk.length;
    try {
      onProgress?.({ file: name, loaded, total });
    } catch (error) {
      fault.isCallers = true;
      throw error;
    }
    yield chunk;
  }
}

/**
 * @param {string} name
 * @param {AsyncGenerator<Uint8Array>} chunks
 * @param {AbortSignal | undefined} signal
 * @param {Fault} fault
 * @returns {Promise<Input>}
 */
async function receive(name, chunks, signal, fault) {
  /** @type {Uint8Array[] | undefined} what has arrived, while somebody may still ask for it */
  let arrived = [];
  let received = 0;
  let complete = false;

  const pull = async () => {
    try {
      const { done, value } = await chunks.next();
      complete = !!done;
      received += value?.length ?? 0;
      if (value) arrived?.push(value);
      return value;
    } catch (error) {
      fault.error = fault.isCallers || isAbort(error, signal) || error instanceof MemoryWasmError
        ? error
        : await failure('FetchError', [name, messageOf(error), received], error, 'BrokenOff');
      throw fault.error;
    }
  };
  /** @param {unknown} error */
  const invalid = (error) =>
    fault.error ?? failure('InvalidModuleError', [name, messageOf(error), received], error);

  let head, header;
  do {
    await pull();
    head = concatenate(arrived);
    if (head.length < 4 && !complete) continue;
    await checkMagic(head, name);
    try {
      header = readHeader(head, complete);
    } catch (error) {
      throw await invalid(error);
    }
  } while (!header);

  const bytes = async () => {
    while (await pull());
    return concatenate(/** @type {Uint8Array[]} */ (arrived));
  };
  return {
    name,
    header,
    head,
    bytes,
    async compile(start = head, through) {
      fault.error = undefined;
      /** @param {Uint8Array} chunk @param {boolean} last */
      const change = (chunk, last) => {
        try {
          return through ? through(chunk, last) : chunk;
        } catch (error) {
          fault.error = error;
          throw error;
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
        if (fault.error) throw fault.error;
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
