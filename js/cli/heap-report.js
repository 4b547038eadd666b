// `memory.wasm inspect` of a trace or of a snapshot of a heap: the inspector's figures as tables, and its picture as SVG.

import { brotliDecompressSync } from 'node:zlib';
import { inUnits } from '../inspector/charts.js';
import { kSizeClasses, sizeClass } from '../inspector/survey.js';
import { mapSvg, timelineSvg } from '../inspector/svg.js';
import { readTrace } from '../inspector/trace.js';

/**
 * @typedef {object} HeapReport
 * @property {string} text
 * @property {string} svg
 * @property {Record<string, unknown>} json
 *
 * @typedef {{ format: string, memory: number, footprint: number, heapStart: number, spans: [number, number, string][], sites: import('../debug/leaks.js').Site[] }} HeapSnapshot
 */

const kPoints = 600;
const n = (/** @type {number} */ number) => number.toLocaleString('en');

/** Tables of text, the numbers to the right. @param {string[][]} rows */
function table(rows) {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows.map((row) => `  ${row.map((cell, i) => (i ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join('  ')}`.trimEnd()).join('\n');
}

/** Whether a file is a trace or a snapshot; then its report. @param {Uint8Array} bytes @param {string} file @returns {HeapReport | undefined} */
export function heapReport(bytes, file) {
  const plain = file.endsWith('.br') ? brotliDecompressSync(bytes) : bytes;
  const start = String.fromCharCode(...plain.subarray(0, 4));
  if (start === 'WMT1') return ofTrace(plain, file);
  if (!start.startsWith('{')) return undefined;
  const snapshot = JSON.parse(new TextDecoder().decode(plain));
  if (snapshot.format !== 'memory.wasm heap') throw new Error(`${file} is JSON, but not a snapshot of a heap: the inspector's button Snapshot writes one.`);
  return ofSnapshot(snapshot, file);
}

/** @param {Uint32Array} sizes @param {Float64Array} bytes */
const histogram = (sizes, bytes) => {
  const rows = [...sizes.keys()].filter((size) => sizes[size]).map((size) => [`to ${inUnits(2 ** size)}`, n(sizes[size]), inUnits(bytes[size])]);
  return table([['size', 'blocks', 'bytes'], ...rows]);
};

/** @param {Uint8Array} bytes @param {string} file @returns {HeapReport} */
function ofTrace(bytes, file) {
  const counts = { allocate: 0, free: 0, resize: 0 };
  const sizes = new Uint32Array(kSizeClasses),
    sizeBytes = new Float64Array(kSizeClasses);
  /** @type {number[]} */
  const live = [],
    sizeOf = [];
  let inUse = 0,
    peak = 0,
    blocks = 0,
    mostBlocks = 0;
  for (const { kind, slot, byteLength } of readTrace(bytes)) {
    counts[kind]++;
    if (kind === 'free') blocks--;
    if (kind === 'allocate') blocks++;
    if (kind !== 'free') {
      sizes[sizeClass(byteLength)]++;
      sizeBytes[sizeClass(byteLength)] += byteLength;
    }
    inUse += kind === 'free' ? -sizeOf[slot] : kind === 'resize' ? byteLength - sizeOf[slot] : byteLength;
    sizeOf[slot] = byteLength;
    peak = Math.max(peak, inUse);
    mostBlocks = Math.max(mostBlocks, blocks);
    live.push(inUse);
  }
  const json = { file, operations: live.length, ...counts, peakBytes: peak, peakBlocks: mostBlocks, bytesAtEnd: inUse, blocksAtEnd: blocks };
  const text = `${file}: a trace of ${n(live.length)} operations
${table([
  ['allocations', n(counts.allocate)],
  ['frees', n(counts.free)],
  ['resizes', n(counts.resize)],
  ['in use at most', inUnits(peak)],
  ['blocks at most', n(mostBlocks)],
  ['in use at the end', inUnits(inUse)],
  ['blocks at the end', n(blocks)],
])}
what was asked for
${histogram(sizes, sizeBytes)}`;
  const step = Math.max(1, Math.floor(live.length / kPoints));
  // The most of each stretch, so that no peak is lost.
  const points = Array.from({ length: Math.ceil(live.length / step) }, (_, i) =>
    live.slice(i * step, (i + 1) * step).reduce((most, bytes) => Math.max(most, bytes), 0),
  );
  return { text, json, svg: timelineSvg(points, live.length, file) };
}

/** @param {HeapSnapshot} snapshot @param {string} file @returns {HeapReport} */
function ofSnapshot({ memory, footprint, spans, sites }, file) {
  const sizes = new Uint32Array(kSizeClasses),
    sizeBytes = new Float64Array(kSizeClasses);
  /** @type {Record<string, { pieces: number, bytes: number }>} */
  const kinds = {};
  let largestFree = 0;
  for (const [, byteLength, kind] of spans) {
    const sums = (kinds[kind] ??= { pieces: 0, bytes: 0 });
    sums.pieces++;
    sums.bytes += byteLength;
    if (kind === 'used') {
      sizes[sizeClass(byteLength)]++;
      sizeBytes[sizeClass(byteLength)] += byteLength;
    } else if (kind !== 'overhead') largestFree = Math.max(largestFree, byteLength);
  }
  const free = (kinds.free?.bytes ?? 0) + (kinds.top?.bytes ?? 0);
  const fragmentation = free ? 1 - largestFree / free : 0;
  const json = { file, memory, footprint, kinds, largestFree, fragmentation, sites };
  const who = sites.slice(0, 20).map(({ byteLength, count, stack }) => [
    stack
      .slice(0, 3)
      .map(({ name, place }) => name || place)
      .join(' < ') || '(no stack)',
    n(count),
    n(byteLength),
  ]);
  const text = `${file}: a heap of ${inUnits(footprint)} in a memory of ${inUnits(memory)}
${table([['kind', 'pieces', 'bytes'], ...Object.entries(kinds).map(([kind, { pieces, bytes }]) => [kind, n(pieces), n(bytes)])])}
  fragmentation ${(100 * fragmentation).toFixed(0)} %: the largest free piece has ${n(largestFree)} of ${n(free)} free bytes
blocks in use
${histogram(sizes, sizeBytes)}${who.length ? `\nallocated by\n${table([['call', 'blocks', 'bytes'], ...who])}` : ''}`;
  return { text, json, svg: mapSvg(spans, file) };
}
