// Gets a file by its URL: over the network by fetch, from disk in Node (whose fetch knows no file: URLs).

import { failure, isAbort, messageOf, short } from '../errors.js';

/** @type {{ document?: Document, location?: Location, process?: any }} the parts of the host that not every host has */
const host = globalThis;

/** A module of Node's own. Not `import('node:fs')`: bundlers for browsers would stumble over it. @param {string} name */
const builtin = (name) => host.process?.getBuiltinModule?.(name);

/**
 * @param {string | URL} source
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<import('./source.js').File>}
 */
export async function fetchFile(source, signal) {
  const url = resolve(source);
  const name = short(url.href);
  try {
    const fs = url.protocol === 'file:' && builtin('node:fs');
    return fs ? { name, bytes: await fs.promises.readFile(url, { signal }) } : { name, response: await fetch(url, { signal }) };
  } catch (error) {
    if (isAbort(error, signal)) throw error;
    throw failure(['FetchError', ...wordFor(url)].join(' '), [name, messageOf(error)], error);
  }
}

/** Which text says why a file did not come. @param {URL} url */
function wordFor({ protocol }) {
  if (protocol !== 'file:') return [];
  return [host.location?.protocol === 'file:' ? 'page-from-disk' : 'disk'];
}

/** A path of Windows looks like a URL whose scheme is one letter. */
const kWindowsPath = /^(?:[a-z]:[\\/]|\\\\)/i;
const kScheme = /^[a-z][a-z\d+.-]+:/i;

/**
 * Relative names are relative to the page or the worker's script; in Node they are paths, relative to the working directory.
 * @param {string | URL} source
 */
function resolve(source) {
  const name = String(source);
  const base = host.document?.baseURI ?? host.location?.href;
  const url = base === undefined && !kScheme.test(name) ? builtin('node:url') : undefined;
  if (url && (!kWindowsPath.test(name) || host.process.platform === 'win32')) return url.pathToFileURL(name);
  if (kWindowsPath.test(name)) {
    throw new TypeError(`'${short(name)}' is a path of Windows, not a URL. Its URL is file:///${short(name.replaceAll('\\', '/'))}, which only Node can open.`);
  }
  try {
    return new URL(source, base);
  } catch (error) {
    throw new TypeError(`'${short(name)}' is not a URL, nor a path relative to ${base ?? 'the working directory'}`, { cause: error });
  }
}
