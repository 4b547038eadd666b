// Gets a file by its URL: over the network by fetch, from disk in Node (whose fetch knows no file: URLs).

import { isAbort, messageOf } from '../errors.js';
import { failure } from './later.js';

/** @type {{ document?: Document, location?: Location, process?: any }} the parts of the host that not every host has */
const host = globalThis;

/** What relative names are relative to: the page, the worker's script, or the working directory. */
const base = () =>
  host.document?.baseURI ?? host.location?.href ?? `file://${host.process?.cwd()}/`;

/**
 * @param {string | URL} source
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<{ name: string, response?: Response, bytes?: Uint8Array }>}
 */
export async function fetchFile(source, signal) {
  const url = resolve(source);
  try {
    const bytes = url.protocol === 'file:' && (await readFromDisk(url, signal));
    return bytes ? { name: url.href, bytes } : { name: url.href, response: await fetch(url, { signal }) };
  } catch (error) {
    if (isAbort(error, signal)) throw error;
    throw await failure('FetchError', [url.href, messageOf(error)], error);
  }
}

/** @param {string | URL} source */
function resolve(source) {
  try {
    return new URL(source, base());
  } catch (error) {
    throw new TypeError(`'${source}' is not a URL, nor a path relative to ${base()}`, { cause: error });
  }
}

/**
 * @param {URL} url
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<Uint8Array> | undefined}
 */
function readFromDisk(url, signal) {
  // Not `import('node:fs')`: bundlers for browsers would stumble over it.
  return host.process?.getBuiltinModule?.('node:fs').promises.readFile(url, { signal });
}
