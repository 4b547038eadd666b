// Subresource Integrity for files that are no subresources of a page: the same hashes, in every host.

/**
 * The hashes that `integrity` wants, and those of the same kinds that `bytes` has.
 * @param {typeof import('../failure.js').failure} failure
 * @param {string} integrity
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
export async function hashesOf(failure, integrity, bytes) {
  const expected = integrity.trim().split(/\s+/);
  const kinds = [...new Set(expected.map((hash) => hash.split('-')[0]))];
  return { expected, found: await Promise.all(kinds.map((kind) => hashOf(failure, kind, bytes))) };
}

/**
 * @param {typeof import('../failure.js').failure} failure
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
