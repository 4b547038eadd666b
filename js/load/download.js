// A file on its way, piece by piece: from a Response as it arrives, from bytes all at once.

import { failure } from '../errors.js';

/** @typedef {import('./source.js').File} File */
/** @typedef {() => Promise<Uint8Array | undefined>} Read the next piece of a file; undefined behind the last */

/** @param {File} file */
export function totalOf({ response, bytes }) {
  const headers = response?.headers;
  // The length of a compressed body says nothing about the bytes that come out of it.
  const length = headers?.get('content-encoding') ? undefined : headers?.get('content-length');
  return bytes?.length ?? (length ? Number(length) : undefined);
}

/**
 * @param {File} file
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<Read>}
 */
export async function readerOf({ name, response, bytes }, signal) {
  if (!response) return once(bytes);
  if (response.type === 'opaque') throw failure('FetchError opaque', [name]);
  if (response.ok === false) {
    await response.body?.cancel();
    throw failure('HttpError', [name, `${response.status} ${response.statusText}`]);
  }
  if (response.bodyUsed) throw failure('FetchError read-before', [name]);
  const { body } = response;
  if (typeof body?.getReader !== 'function') return once(new Uint8Array(await response.arrayBuffer()));
  return pieces(body.getReader(), signal);
}

/** @param {Uint8Array | undefined} bytes */
const once = (bytes) => async () => {
  const all = bytes;
  bytes = undefined;
  return all;
};

/**
 * @param {ReadableStreamDefaultReader<Uint8Array>} reader
 * @param {AbortSignal | undefined} signal
 * @returns {Read}
 */
function pieces(reader, signal) {
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
