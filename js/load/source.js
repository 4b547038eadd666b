// What the caller gives as a file: a URL, a Response, bytes, a compiled module, or a promise of one. Objects of another realm (a frame, a
// vm context) and Responses that are not the host's own count, too: they are known by what they can do.

import { asBytes, isBytes } from '../wasm/bytes.js';
import { failure, messageOf, short } from '../errors.js';
import { fetchFile } from './fetch-file.js';

/**
 * @typedef {string | URL | Response | Blob | ArrayBuffer | ArrayBufferView | WebAssembly.Module} Source
 *
 * @typedef {object} File
 * @property {string} name for errors
 * @property {Response} [response]
 * @property {Uint8Array} [bytes] all of it
 * @property {WebAssembly.Module} [module] that it was compiled to before
 */

/** @param {unknown} value */
const tagOf = (value) => Object.prototype.toString.call(value).slice(8, -1);

/**
 * @param {Source | Promise<Source>} source
 * @param {string} label what to call a file that has no address
 * @param {AbortSignal} [signal]
 * @returns {Promise<File>}
 */
export async function fileOf(source, label, signal) {
  /** @type {any} */
  const given = await Promise.resolve(source).catch((error) => {
    // What `fetch` rejects with when there is no answer. Other errors are the caller's own.
    throw error instanceof TypeError ? failure('FetchError', [label, messageOf(error)], error) : error;
  });
  signal?.throwIfAborted();
  if (typeof given === 'string' || tagOf(given) === 'URL') return fetchFile(given, signal);
  if (isResponse(given)) return { name: short(given.url || label), response: given };
  if (typeof given?.arrayBuffer === 'function') return { name: label, bytes: asBytes(await given.arrayBuffer()) };
  return bytesOrModule(given, label);
}

/**
 * @param {any} given
 * @param {string} label
 * @param {string} [kinds] what the caller takes, in words
 * @returns {File}
 */
export function bytesOrModule(given, label, kinds = 'a URL, a Response, bytes or a WebAssembly.Module') {
  if (tagOf(given) === 'WebAssembly.Module') return { name: label, module: given };
  if (isBytes(given)) return { name: label, bytes: asBytes(given) };
  throw new TypeError(`${label} must be ${kinds}; found ${given === Object(given) ? `an object, ${tagOf(given)}` : String(given)}`);
}

/** @param {any} value */
const isResponse = (value) => tagOf(value) === 'Response' || (typeof value?.body?.getReader === 'function' && 'ok' in value);
