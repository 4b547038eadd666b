// Bytes of code of an allocator alone: malloc, free, calloc, realloc, aligned_alloc and what they need.
import { readFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';

/** @typedef {{ raw: number, gzip: number, brotli: number }} Size */

/** @param {import('./candidates.js').Built[]} built @returns {Record<string, Record<string, Size>>} by name and level */
export function codeSizes(built) {
  return Object.fromEntries(built.filter(({ alone }) => alone).map(({ name, alone, levels }) =>
    [name, Object.fromEntries(Object.entries(levels ?? { 'as shipped': alone }).map(([level, path]) => [level, sizeOf(String(path))]))]));
}

/** @param {string} path @returns {Size} */
function sizeOf(path) {
  const bytes = readFileSync(path);
  return { raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length, brotli: brotliCompressSync(bytes).length };
}
