// The page of the Worker that counts words: it starts the Worker, shows what it reports, and its heap as it last was.

import { counted, get, hideProblem, onClick, open, showHeap, showProblem } from './gallery.js';

/** @type {Worker | undefined} */
let worker;

/** What <memory-heap> asks of a heap, from the last look that the Worker sent. */
const lookedAt = {
  u8: { length: 65536 },
  footprint: 0,
  heapStart: 0,
  largestFree: 0,
  exports: {},
  sites: [],
  /** @type {{ pointer: number, byteLength: number, kind: string }[]} */
  pieces: [],
  spans() {
    return this.pieces.values();
  },
};

/** Counts the words of a file, or of that many made-up bytes. @param {File | number} text */
function count(text) {
  stop('');
  worker = new Worker('./words-worker.js', { type: 'module' });
  worker.addEventListener('message', ({ data }) => show(data));
  worker.addEventListener('error', ({ message }) => end(() => showProblem(`The Worker failed: ${message}`)));
  /** @type {HTMLButtonElement} */ (get('stop')).disabled = false;
  worker.postMessage(text);
}

/** @param {any} report */
function show({ problem, read, bytes, total, different, words, heap, time }) {
  if (problem) return end(() => showProblem(problem));
  /** @type {HTMLProgressElement} */ (get('progress')).value = bytes ? read / bytes : 1;
  if (heap) Object.assign(lookedAt, heap, { u8: { length: heap.memory } });
  get('status').textContent = `${counted(total, 'word')}, ${different.toLocaleString('en')} different, in ${(read / 1e6).toFixed(1)} of ${(bytes / 1e6).toFixed(1)} MB${words ? `; it took ${time.toFixed(0)} ms` : ''}.`;
  if (words) end(() => get('words').replaceChildren(...words.map(rowOf)));
}

/** The Worker stays until the next text, with its heap. @param {() => void} last */
function end(last) {
  /** @type {HTMLButtonElement} */ (get('stop')).disabled = true;
  last();
}

/** Ends the Worker; its memory goes with it. @param {string} status */
function stop(status) {
  worker?.terminate();
  worker = undefined;
  hideProblem();
  get('words').replaceChildren();
  /** @type {HTMLProgressElement} */ (get('progress')).value = 0;
  Object.assign(lookedAt, { u8: { length: 65536 }, footprint: 0, largestFree: 0, pieces: [] });
  end(() => (get('status').textContent = status));
}

/** @param {{ word: string, count: number }} line */
function rowOf({ word, count }) {
  const row = document.createElement('tr');
  row.append(Object.assign(document.createElement('th'), { scope: 'row', textContent: word }), Object.assign(document.createElement('td'), { className: 'number', textContent: count.toLocaleString('en') }));
  return row;
}

open(() => {
  onClick('count', () => count(20_000_000));
  onClick('stop', () => stop('Stopped: the Worker is gone, and its heap with it.'));
  get('file').addEventListener('change', ({ target }) => {
    const [file] = /** @type {HTMLInputElement} */ (target).files ?? [];
    if (file) count(file);
  });
  showHeap(lookedAt);
});
