// memory.inspector.js: the element <memory-heap>, and one line to attach it.
//
//     import { inspect } from 'memory.wasm/inspector';
//     inspect(heap);

import { MemoryHeapElement } from './element.js';

export { MemoryHeapElement };

if (!customElements.get('memory-heap')) customElements.define('memory-heap', MemoryHeapElement);

/**
 * Shows a heap.
 * @param {import('./survey.js').AnyHeap} heap
 * @param {Element} [into] where; default: the end of the page
 */
export function inspect(heap, into = document.body) {
  const shown = /** @type {MemoryHeapElement} */ (document.createElement('memory-heap'));
  shown.heap = heap;
  into.append(shown);
  return shown;
}
