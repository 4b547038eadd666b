// Subresource Integrity for files that are no subresources of a page: the same hashes, checked in every host.

import { concatenate } from './binary.js';
import { MemoryWasmError } from './errors.js';

/**
 * Passes a file on once it has arrived whole and has one of the hashes.
 * @param {AsyncGenerator<Uint8Array>} chunks
 * @param {string} name
 * @param {string} integrity like the attribute of <script>: 'sha256-...', 'sha384-...' or 'sha512-...', several with spaces between
 */
export async function* verified(chunks, name, integrity) {
  const parts = [];
  for await (const chunk of chunks) parts.push(chunk);
  const bytes = concatenate(parts);
  const expected = integrity.trim().split(/\s+/);
  const found = await Promise.all([...new Set(expected.map((hash) => hash.split('-')[0]))].map((kind) => hashOf(kind, bytes)));
  if (!expected.some((hash) => found.includes(hash))) {
    throw new MemoryWasmError('IntegrityError', `${name} is not the file that was expected: expected ${integrity}, found ${found.join(' ')}. Was it rebuilt, or tampered with?`);
  }
  yield bytes;
}

/**
 * @param {string} kind
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
async function hashOf(kind, bytes) {
  const algorithm = /** @type {Record<string, string>} */ ({ sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512' })[kind];
  if (!algorithm) throw new MemoryWasmError('IntegrityError', `integrity must be sha256-, sha384- or sha512- and a hash in base64; found '${kind}-'`);
  if (!globalThis.crypto?.subtle) throw new MemoryWasmError('IntegrityError', 'integrity can be checked only in a secure context: serve the page by https or from localhost');
  const digest = new Uint8Array(await crypto.subtle.digest(algorithm, bytes));
  return `${kind}-${btoa(String.fromCharCode(...digest))}`;
}
