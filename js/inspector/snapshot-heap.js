// A snapshot of a heap, as the inspector's button saves it, for the inspector to show: its pieces, and who allocated, but no bytes.

/**
 * @param {{ format: string, memory: number, footprint: number, heapStart: number, spans: [pointer: number, byteLength: number, kind: string][], sites: import('../debug/leaks.js').Site[] }} snapshot
 * @returns {any} what the inspector needs of a heap
 */
export function snapshotHeap({ format, memory, footprint, heapStart, spans, sites }) {
  if (format !== 'memory.wasm heap') throw new TypeError("not a snapshot of a heap: the inspector's button Snapshot writes one");
  const pieces = spans.map(([pointer, byteLength, kind]) => ({ pointer, byteLength, kind }));
  return {
    u8: { length: memory },
    footprint,
    heapStart,
    largestFree: pieces.reduce((most, { kind, byteLength }) => (kind === 'free' || kind === 'top' ? Math.max(most, byteLength) : most), 0),
    exports: {},
    spans: () => pieces.values(),
    sites,
  };
}
