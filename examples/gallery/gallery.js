// What the pages of the gallery share: they load a program, show its heap, and say what is wrong if it can't start.

import { load } from './memory.js';
import { inspect } from './memory.inspector.js';

/** @template {Element} [T=HTMLElement] @param {string} id @returns {T} */
export const get = (id) => /** @type {T} */ (/** @type {unknown} */ (document.getElementById(id)));

/** Says that something went wrong, where a screen reader announces it. @param {unknown} error */
export function showProblem(error) {
  const text = error instanceof Error ? error.message : String(error);
  get('problem').textContent = text;
  get('problem').hidden = false;
}

export const hideProblem = () => (get('problem').hidden = true);

/**
 * Loads `file` and calls `use` with the exports and the heap, which the page then shows.
 * @param {string} file
 * @param {(program: import('./memory.js').Loaded) => void} use
 */
export async function start(file, use) {
  try {
    const program = await load(file);
    open(() => use(program));
    showHeap(program.heap);
  } catch (error) {
    showProblem(error);
    get('loading').hidden = true;
  }
}

/** Shows the page's working part, so that canvases have a size, and lets `use` fill it. @param {() => void} use */
export function open(use) {
  get('demo').hidden = false;
  use();
  get('loading').hidden = true;
}

/** @param {any} heap */
export const showHeap = (heap) => inspect(heap, get('heap'));

/** `action` at a click; what it throws is shown. @param {string} id @param {() => unknown} action */
export function onClick(id, action) {
  get(id).addEventListener('click', async () => {
    hideProblem();
    try {
      await action();
    } catch (error) {
      showProblem(error);
    }
  });
}

/** How long `work` takes, in milliseconds, and what it returns. @template T @param {() => T} work @returns {[T, number]} */
export function timed(work) {
  const began = performance.now();
  const result = work();
  return [result, performance.now() - began];
}

/** @param {number} count @param {string} thing */
export const counted = (count, thing) => `${count.toLocaleString('en')} ${thing}${count === 1 ? '' : 's'}`;
