// The Worker: loads words.wasm, gives it a text piece by piece, and reports. A page can't look into the memory of a Worker, so the report has the
// pieces of the heap with it.

import { load, pointerTo, struct } from './memory.js';

/** The Word of words.c, up to its letters. */
const Word = struct({ next: pointerTo(() => Word), hash: 'u32', count: 'u32' });
const kPiece = 1 << 18;
const kMostWords = 20;
const kLookEvery = 500;

addEventListener('message', async ({ data }) => {
  try {
    await count(data);
  } catch (error) {
    postMessage({ problem: /** @type {Error} */ (error).message });
  }
});

/** @param {File | number} text a file, or how many bytes to make up */
async function count(text) {
  const { exports, heap } = await load('./words.wasm');
  const bytes = typeof text === 'number' ? text : text.size;
  const piece = heap.alloc(kPiece);
  let read = 0;
  let nextLook = 0;
  let time = 0;
  const report = (/** @type {object} */ more) => postMessage({ read, bytes, total: exports.totalWords(), different: exports.differentWords(), time, ...more });
  for await (const part of typeof text === 'number' ? madeUp(text) : partsOf(text)) {
    piece.set(part);
    const began = performance.now();
    if (!exports.readPiece(piece.pointer, part.length)) throw new Error('malloc returned NULL: no memory is left for more words.');
    time += performance.now() - began;
    read += part.length;
    if (performance.now() < nextLook) continue;
    nextLook = performance.now() + kLookEvery;
    report({ heap: look(heap) });
  }
  if (!exports.endWord()) throw new Error('malloc returned NULL: no memory is left for the last word.');
  piece.free();
  report({ words: mostFrequent(exports, heap), heap: look(heap) });
}

/** @param {any} exports @param {import('./memory.js').Heap} heap */
function mostFrequent(exports, heap) {
  const list = exports.sortedWords() >>> 0;
  if (!list) throw new Error('malloc returned NULL: no memory is left for the sorted list.');
  const pointers = [...heap.view(Uint32Array, list, Math.min(kMostWords, exports.differentWords()))];
  heap.free(list);
  return pointers.map((pointer) => ({ count: heap.read(Word, pointer).count, word: heap.readString(pointer + Word.size) }));
}

/** @param {import('./memory.js').Heap} heap */
function look(heap) {
  const { footprint, largestFree } = heap;
  const pieces = Array.from(heap.spans(), ({ pointer, byteLength, kind }) => ({ pointer, byteLength, kind }));
  return { memory: heap.u8.length, footprint, largestFree, heapStart: pieces[0].pointer, pieces };
}

/** @param {File} file */
async function* partsOf(file) {
  for (let at = 0; at < file.size; at += kPiece) yield new Uint8Array(await file.slice(at, at + kPiece).arrayBuffer());
}

/** Words of one to four syllables, the short ones more often than the long ones, always the same. @param {number} bytes */
function* madeUp(bytes) {
  const syllables = Array.from('bdfgklmnprstvz').flatMap((consonant) => Array.from('aeiou', (vowel) => consonant + vowel));
  const encoder = new TextEncoder();
  let state = 12345;
  const next = (/** @type {number} */ most) => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0), Math.floor((state / 2 ** 32) * most));
  for (let made = 0; made < bytes;) {
    let text = '';
    while (text.length < kPiece - 16) {
      for (let count = Math.min(4, 1 + Math.floor(-Math.log((next(1000) + 1) / 1001))); count > 0; count--) text += syllables[next(syllables.length)];
      text += ' ';
    }
    const part = encoder.encode(text).subarray(0, bytes - made);
    made += part.length;
    yield part;
  }
}
