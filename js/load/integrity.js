// Subresource Integrity for files that are no subresources of a page: the same hashes, in every host.

import { concatenate } from '../wasm/bytes.js';

/**
 * Passes a file on once it has arrived whole and has one of the hashes.
 * @param {typeof import('./later.js').failure} failure
 * @param {import('./input.js').Read} read
 * @param {string} name
 * @param {string} integrity like the attribute of <script>: 'sha256-...', 'sha384-...' or 'sha512-...', several with spaces between
 * @returns {import('./input.js').Read}
 */
export function verified(failure, read, name, integrity) {
  /** @type {Uint8Array<ArrayBuffer> | undefined} */
  let bytes;
  return async () => {
    if (bytes) return undefined;
    const parts = [];
    for (let part; (part = await read()); ) parts.push(part);
    const whole = (bytes = concatenate(parts));
    const expected = integrity.trim().split(/\s+/);
    const kinds = [...new Set(expected.map((hash) => hash.split('-')[0]))];
    const found = await Promise.all(kinds.map((kind) => hashOf(failure, kind, whole)));
    if (!expected.some((hash) => found.includes(hash))) throw await failure('IntegrityError', [name, found.join(' '), integrity]);
    return bytes;
  };
}

/**
 * @param {typeof import('./later.js').failure} failure
 * @param {string} kind
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
async function hashOf(failure, kind, bytes) {
  const algorithm = /** @type {Record<string, string>} */ ({ sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512' })[kind];
  if (!algorithm) throw await failure('IntegrityError', ['integrity', kind], undefined, 'HashKind');
  if (!globalThis.crypto?.subtle) throw await failure('IntegrityError', ['integrity', 'no crypto.subtle'], undefined, 'NoHashes');
  const digest = new Uint8Array(await crypto.subtle.digest(algorithm, bytes));
  return `${kind}-${btoa(String.fromCharCode(...digest))}`;
}
