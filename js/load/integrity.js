// memory.integrity.js: Subresource Integrity for files that are no subresources of a page: the same hashes, in every host.

import { short } from '../errors.js';

/** What its errors say. @type {import('../errors.js').Texts} */
export const kTexts = {
  IntegrityError: (file, found, expected) =>
    `${file} is not the file that was expected: expected ${expected}, found ${found}. Was it rebuilt, or tampered with?`,
  'IntegrityError unknown': (hash) => `integrity must be sha256-, sha384- or sha512- and a hash in base64; found '${short(hash)}'`,
  'IntegrityError insecure': () => 'integrity can be checked only in a secure context: serve the page by https or from localhost',
};

/** The algorithms, from weak to strong. @type {Record<string, string>} */
const kAlgorithms = { sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512' };
const kStrength = Object.keys(kAlgorithms);

/** A hash as `<script integrity>` has it: algorithm, base64 (the URL-safe alphabet too), and options behind a question mark, which say nothing yet. */
const kHash = /^([a-z\d]+)-([\w+/-]+={0,2})(?:\?[\x21-\x7e]*)?$/i;

/**
 * The hashes for each file. What isn't understood is an error: a check that was asked for and not made is worse than none.
 * @param {unknown} integrity
 * @returns {{ program?: string, heap?: string }}
 */
export function hashesOf(integrity) {
  const wrong = new TypeError("options.integrity must be a string like 'sha384-...' for the program, or { program, heap } with such strings");
  if (typeof integrity === 'string') return hashesOf({ program: integrity });
  if (typeof integrity !== 'object' || integrity === null || Array.isArray(integrity)) throw wrong;
  const entries = Object.entries(integrity);
  if (!entries.length) throw wrong;
  for (const [file, hashes] of entries) {
    if (file !== 'program' && file !== 'heap') throw new TypeError(`options.integrity has hashes for 'program' and 'heap'; found '${file}'`);
    if (typeof hashes !== 'string' || !hashes.trim()) throw wrong;
  }
  return Object.fromEntries(entries);
}

/**
 * Passes a file on once it has arrived whole and has one of the hashes.
 * @param {typeof import('../errors.js').failure} failure
 * @param {import('./download.js').Read} read
 * @param {string} name
 * @param {string} integrity 'sha256-...', 'sha384-...' or 'sha512-...', several with spaces between: only those of the strongest algorithm count
 * @returns {import('./download.js').Read}
 */
export function verified(failure, read, name, integrity) {
  const expected = strongest(failure, integrity);
  let done = false;
  return async () => {
    if (done) return undefined;
    done = true;
    const whole = new Uint8Array(await new Blob(await allOf(read)).arrayBuffer());
    const found = await hashOf(failure, expected.algorithm, whole);
    if (!expected.hashes.includes(found)) {
      throw failure('IntegrityError', [name, `${expected.algorithm}-${found}`, integrity.trim()]);
    }
    return whole;
  };
}

/** @param {import('./download.js').Read} read */
async function allOf(read) {
  /** @type {BlobPart[]} */
  const parts = [];
  for (let part; (part = await read());) parts.push(/** @type {any} */ (part));
  return parts;
}

/**
 * @param {typeof import('../errors.js').failure} failure
 * @param {string} integrity
 */
function strongest(failure, integrity) {
  const hashes = integrity
    .trim()
    .split(/\s+/)
    .map((hash) => parse(failure, hash));
  const algorithm = kStrength[Math.max(...hashes.map((hash) => kStrength.indexOf(hash.algorithm)))];
  return { algorithm, hashes: hashes.filter((hash) => hash.algorithm === algorithm).map(({ base64 }) => base64) };
}

/**
 * @param {typeof import('../errors.js').failure} failure
 * @param {string} hash
 */
function parse(failure, hash) {
  const [, word = '', digits = ''] = kHash.exec(hash) ?? [];
  const algorithm = word.toLowerCase();
  if (!Object.hasOwn(kAlgorithms, algorithm)) {
    throw failure('IntegrityError unknown', [hash]);
  }
  const base64 = digits.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
  return { algorithm, base64: base64.padEnd(Math.ceil(base64.length / 4) * 4, '=') };
}

/**
 * @param {typeof import('../errors.js').failure} failure
 * @param {string} algorithm
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
async function hashOf(failure, algorithm, bytes) {
  if (!globalThis.crypto?.subtle) throw failure('IntegrityError insecure', []);
  const digest = new Uint8Array(await crypto.subtle.digest(kAlgorithms[algorithm], bytes));
  return btoa(String.fromCharCode(...digest));
}
