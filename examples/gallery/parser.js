// A text goes into the heap of parser.wasm; the tree that the program makes of it is read where it is.

import { enumOf, pointerTo, struct } from './memory.js';
import { counted, get, onClick, showProblem, start, timed } from './gallery.js';

/** The Kind and the Value of parser.c. */
const kKinds = { null: 0, false: 1, true: 2, number: 3, text: 4, array: 5, object: 6 };
const Value = struct({
  kind: enumOf(kKinds), count: 'u32', name: 'pointer', text: 'pointer', number: 'f64', first: pointerTo(() => Value), next: pointerTo(() => Value),
});

const kMostLines = 40;
const kMostLetters = 60;

start('./parser.wasm', ({ exports, heap }) => {
  const input = /** @type {HTMLTextAreaElement} */ (get('text'));
  /** A text that is too long to show; what is typed takes its place. */
  let large = '';
  let tree = 0;

  function free() {
    const [, time] = timed(() => exports.deleteValue(tree));
    tree = 0;
    get('kinds').replaceChildren();
    get('tree').textContent = '';
    /** @type {HTMLButtonElement} */ (get('free')).disabled = true;
    return time;
  }

  /** @param {string} text */
  function parse(text) {
    if (tree) free();
    const block = heap.allocString(text);
    const [root, time] = timed(() => exports.parse(block.pointer, block.byteLength - 1) >>> 0);
    block.free();
    if (!root) throw new Error(`${heap.readString(exports.errorText())}, ${placeOf(text, exports.errorOffset() >>> 0)}`);
    tree = root;
    const [, itsTime] = timed(() => JSON.parse(text));
    show(text, time, itsTime);
  }

  /** @param {string} text @param {number} time @param {number} itsTime */
  function show(text, time, itsTime) {
    const counts = Object.entries(kKinds).map(([name, kind]) => /** @type {[string, number]} */ ([name, exports.countOf(tree, kind)]));
    const values = counts.reduce((sum, [, count]) => sum + count, 0);
    get('status').textContent = `${counted(values, 'value')} of ${(text.length / 1e6).toFixed(2)} MB in ${time.toFixed(0)} ms; JSON.parse takes ${itsTime.toFixed(0)} ms. The numbers' sum is ${exports.sumOf(tree)}.`;
    get('kinds').replaceChildren(...counts.filter(([, count]) => count).map(([name, count]) => rowOf(name, count.toLocaleString('en'))));
    get('tree').textContent = linesOf(heap.at(Value, tree)).join('\n');
    /** @type {HTMLButtonElement} */ (get('free')).disabled = false;
  }

  /** What the tree begins with, a line a value. @param {any} root */
  function linesOf(root) {
    /** @type {string[]} */
    const lines = [];
    const visit = (/** @type {any} */ value, /** @type {number} */ depth) => {
      for (; value; value = value.next) {
        if (lines.length === kMostLines) return;
        lines.push(`${'  '.repeat(depth)}${value.name ? `${heap.readString(value.name)}: ` : ''}${textOf(value)}`);
        visit(value.first, depth + 1);
      }
    };
    visit(root, 0);
    return lines.length === kMostLines ? [...lines, '…'] : lines;
  }

  /** @param {any} value */
  function textOf({ kind, count, text, number }) {
    if (kind === 'number') return String(number);
    if (kind === 'text') return JSON.stringify(heap.readString(text)).slice(0, kMostLetters);
    return kind === 'array' || kind === 'object' ? `${kind} of ${count}` : kind;
  }

  onClick('parse', () => parse(large || input.value));
  onClick('free', () => (get('status').textContent = `Freed in ${free().toFixed(0)} ms.`));
  onClick('fill', () => showLarge(JSON.stringify(cities(14_000), undefined, 1)));
  input.addEventListener('input', () => (large = ''));
  get('file').addEventListener('change', async ({ target }) => {
    const [file] = /** @type {HTMLInputElement} */ (target).files ?? [];
    if (file) showLarge(await file.text().catch((error) => (showProblem(error), '')));
  });

  /** A text area with megabytes in it takes a browser seconds: it gets the beginning. @param {string} text */
  function showLarge(text) {
    large = text;
    input.value = text.length > 10_000 ? `${text.slice(0, 1000)}\n…` : text;
    get('status').textContent = `${(text.length / 1e6).toFixed(2)} MB to parse.`;
  }

  input.value = JSON.stringify({ name: 'memory.wasm', heaps: ['release', 'debug', 'small'], pages: 17, alignment: 1.6e1, shared: false, note: 'Grüße \u{1f44b}' }, undefined, 2);
});

/** @param {string} text @param {number} offset in bytes of UTF-8 */
function placeOf(text, offset) {
  const before = new TextDecoder().decode(new TextEncoder().encode(text).subarray(0, offset)).split('\n');
  return `line ${before.length}, column ${/** @type {string} */ (before.at(-1)).length + 1}`;
}

/** @param {string} name @param {string} number */
function rowOf(name, number) {
  const row = document.createElement('tr');
  const head = Object.assign(document.createElement('th'), { scope: 'row', textContent: name });
  row.append(head, Object.assign(document.createElement('td'), { className: 'number', textContent: number }));
  return row;
}

/** @param {number} count */
const cities = (count) =>
  Array.from({ length: count }, (_, i) => ({
    id: i, name: `City ${i.toString(36)}`, at: [((i * 7919) % 180_000) / 1000 - 90, ((i * 104_729) % 360_000) / 1000 - 180], people: (i * 2_654_435) % 9_000_000, port: i % 3 === 0, twin: i % 5 ? null : `City ${(i + 5).toString(36)}`,
  }));
