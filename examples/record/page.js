// The page: what the buttons do, and what they show. The two lines that matter are in `start`: load the program, call its functions.

import { load } from './memory.js';
import { makeHeapMap } from './heap-map.js';
import { byAddress, sumsByKind } from './heap-rows.js';
import { makeRecordList } from './record-list.js';
import { addressText, bytesInWords, bytesText, floatText, integerText, kFieldBytes, kFields, readRecord } from './record.js';

/**
 * @typedef {import('./heap-rows.js').Span} Span
 * @typedef {{ createRecord(id: number, x: number, y: number): number, deleteRecord(pointer: number): void }} Program
 */

const kMany = 100;
const kKinds = /** @type {const} */ (['used', 'free', 'top', 'overhead']);
const kKindNames = { used: 'In use', free: 'Free', top: 'Top', overhead: 'Overhead' };
const kKindMeanings = {
  used: 'handed out by malloc',
  free: 'between or beside blocks, used first',
  top: 'free, at the end: used when nothing else fits',
  overhead: "the heap's bookkeeping",
};

/** @template {HTMLElement} [T=HTMLElement] */
const element = (/** @type {string} */ id) => /** @type {T} */ (document.getElementById(id));
const form = /** @type {HTMLFormElement} */ (element('create'));
const map = /** @type {HTMLCanvasElement} */ (element('map'));

addEventListener('error', ({ message }) => showProblem('Something went wrong', message));
addEventListener('unhandledrejection', ({ reason }) => showProblem('Something went wrong', reason?.message ?? String(reason)));

start().catch((error) => {
  element('loading').hidden = true;
  showProblem('The demo could not start', error.message, 'examples/record/run builds every file that the page needs and serves them.');
});

async function start() {
  const { exports, heap } = await /** @type {typeof load<Program>} */ (load)('./program.wasm');
  element('loading').hidden = true;
  element('demo').hidden = false;
  run(exports, heap);
}

/**
 * @param {Program} program
 * @param {import('./memory.js').Heap} heap
 */
function run(program, heap) {
  const picture = makeHeapMap(map, /** @type {HTMLCanvasElement} */ (element('overview')));
  const list = makeRecordList(element('records-frame'), /** @type {HTMLTableElement} */ (element('records-table')), {
    read: (pointer) => readRecord(heap, pointer),
    remove: (pointer) => removeAll([pointer]),
    look,
    lookAway: () => look(selected),
    select,
  });
  /** The addresses of the records, in the order of their creation. @type {Set<number>} */
  const records = new Set();
  /** @type {Span[]} */
  let spans = [];
  let selected = 0; // the address of the piece that the keyboard is at

  // What the program does ----------------------------------------------------------------------------------------------------------

  /**
   * @param {number} id
   * @param {number} x
   * @param {number} y
   */
  function create(id, x, y) {
    const pointer = program.createRecord(id, x, y) >>> 0; // wasm's i32 is signed, addresses are not
    if (pointer === 0) {
      showProblem('createRecord returned NULL', `No memory is left: the heap holds ${bytesInWords(heap.footprint)} and the memory can't grow.`);
      return 0;
    }
    records.add(pointer);
    return pointer;
  }

  /** @param {number} pointer */
  function remove(pointer) {
    program.deleteRecord(pointer);
    records.delete(pointer);
  }

  /** @param {number[]} pointers */
  function removeAll(pointers) {
    pointers.forEach(remove);
    refresh(`Deleted ${countOf(pointers.length)}.`);
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const number = (/** @type {string} */ name) => Number(new FormData(form).get(name));
    const pointer = create(number('id'), number('x'), number('y'));
    if (!pointer) return;
    selected = pointer;
    refresh(`Created record ${number('id')} at ${addressText(pointer)}.`);
    /** @type {HTMLInputElement} */ (form.elements.namedItem('id')).value = String((number('id') + 1) | 0);
  });

  element('create-many').addEventListener('click', () => {
    const id = /** @type {HTMLInputElement} */ (form.elements.namedItem('id'));
    let created = 0;
    for (let next = Number(id.value) | 0; created < kMany; created++, next++) {
      const pointer = create(next, created * 1.1, created * 2.2);
      if (!pointer) break;
      selected = pointer;
    }
    id.value = String((Number(id.value) + created) | 0);
    refresh(`Created ${countOf(created)}.`);
  });

  element('delete-every-other').addEventListener('click', () => {
    removeAll([...records].sort((a, b) => a - b).filter((_, index) => index % 2 === 1));
  });

  element('delete-all').addEventListener('click', () => removeAll([...records]));

  element('piece-delete').addEventListener('click', () => {
    removeAll([selected]);
    map.focus();
  });

  // The map ------------------------------------------------------------------------------------------------------------------------

  /** Goes to a piece, for the keyboard. @param {number} pointer */
  function select(pointer) {
    selected = pointer;
    look(pointer);
    list.select(pointer);
    const index = spans.findIndex((span) => span.pointer === pointer);
    map.setAttribute('aria-valuenow', String(index + 1));
    map.setAttribute('aria-valuetext', inWords(spans[index]));
  }

  /** Shows a piece, without going there. @param {number} pointer */
  function look(pointer) {
    const span = spans.find((candidate) => candidate.pointer === pointer);
    if (!span) return;
    picture.choose(pointer);
    element('piece').dataset.kind = span.kind;
    element('piece-kind').replaceChildren(swatch(span.kind), kKindNames[span.kind]);
    element('piece-address').textContent = addressText(span.pointer);
    element('piece-bytes').textContent = bytesInWords(span.byteLength);
    element('piece-delete').hidden = !records.has(pointer);
    element('piece-content').replaceChildren(...(records.has(pointer) ? fieldsOf(pointer) : [kKindMeanings[span.kind]]));
  }

  /** Each field of a record: its bytes in memory, and what they mean. @param {number} pointer */
  function fieldsOf(pointer) {
    const { id, x, y } = readRecord(heap, pointer);
    const values = { id: String(id), x: floatText(x), y: floatText(y) };
    return kFields.map(({ name, offset }) => {
      const field = document.createElement('span');
      const meaning = document.createElement('small');
      meaning.textContent = `${name} = ${values[name]}`;
      field.append(bytesText(heap, pointer + offset, kFieldBytes), meaning);
      return field;
    });
  }

  /** @param {Span} span */
  function inWords({ pointer, byteLength, kind }) {
    const words = `${kKindNames[kind]}, ${bytesInWords(byteLength)} at ${addressText(pointer)}`;
    if (!records.has(pointer)) return words;
    const { id, x, y } = readRecord(heap, pointer);
    return `${words}: record ${id}, x ${floatText(x)}, y ${floatText(y)}`;
  }

  const spanUnder = (/** @type {PointerEvent | MouseEvent} */ { offsetX, offsetY }) => picture.spanAt(offsetX, offsetY)?.pointer;
  map.addEventListener('pointermove', (event) => look(spanUnder(event) ?? selected));
  map.addEventListener('pointerleave', () => look(selected));
  map.addEventListener('click', (event) => select(spanUnder(event) ?? selected));

  map.addEventListener('keydown', (event) => {
    const index = spans.findIndex(({ pointer }) => pointer === selected);
    const target = keyTarget(event.key, index);
    if (event.key === 'Delete' && records.has(selected)) removeAll([selected]);
    else if (target) select(target.pointer);
    else return;
    event.preventDefault();
  });

  /**
   * @param {string} key
   * @param {number} index
   * @returns {Span | undefined}
   */
  function keyTarget(key, index) {
    const last = spans.length - 1;
    const at = (/** @type {number} */ target) => spans[Math.min(last, Math.max(0, target))];
    const inRow = (/** @type {number} */ rows) => {
      const address = selected + rows * picture.bytesPerRow;
      return at(spans.findLastIndex(({ pointer }) => pointer <= address));
    };
    switch (key) {
      case 'ArrowRight': return at(index + 1);
      case 'ArrowLeft': return at(index - 1);
      case 'ArrowDown': return inRow(1);
      case 'ArrowUp': return inRow(-1);
      case 'PageDown': return at(index + 10);
      case 'PageUp': return at(index - 10);
      case 'Home': return at(0);
      case 'End': return at(last);
    }
  }

  // All of it ----------------------------------------------------------------------------------------------------------------------

  /** Shows the records, the figures and the map as they are in memory now. @param {string} [message] */
  function refresh(message) {
    element('record-count').textContent = integerText(records.size);
    element('records-table').hidden = records.size === 0;
    element('no-records').hidden = records.size > 0;
    list.set([...records]);
    for (const id of ['delete-every-other', 'delete-all']) /** @type {HTMLButtonElement} */ (element(id)).disabled = records.size < (id === 'delete-all' ? 1 : 2);

    spans = byAddress(heap.spans());
    const { bytesPerRow, shownBytes, allBytes } = picture.show(spans);
    element('map-caption').textContent =
      `A row is ${bytesInWords(bytesPerRow)}` + (shownBytes < allBytes ? `; ${bytesInWords(shownBytes)} of ${integerText(allBytes)} are shown in rows, the rest is top.` : '.');
    element('in-use').replaceChildren(...figure(heap.inUse));
    element('footprint').replaceChildren(...figure(heap.footprint));
    element('largest-free').replaceChildren(...figure(heap.largestFree));
    showKinds(spans);

    map.setAttribute('aria-valuemin', '1');
    map.setAttribute('aria-valuemax', String(spans.length));
    select((spans.findLast(({ pointer }) => pointer <= selected) ?? spans[0]).pointer);
    if (message) element('status').textContent = message;
  }

  refresh();
}

/** @param {Span[]} spans */
function showKinds(spans) {
  const sums = sumsByKind(spans);
  element('kinds').replaceChildren(
    ...kKinds.map((kind) => {
      const row = document.createElement('tr');
      row.dataset.kind = kind;
      const name = document.createElement('th');
      name.scope = 'row';
      const meaning = document.createElement('small');
      meaning.textContent = ` ${kKindMeanings[kind]}`;
      name.append(swatch(kind), kKindNames[kind], meaning);
      row.append(name, cell(integerText(sums[kind].pieces), 'number'), cell(integerText(sums[kind].bytes), 'number'));
      return row;
    }),
  );
  element('all-pieces').textContent = integerText(spans.length);
  element('all-bytes').textContent = integerText(spans.reduce((sum, { byteLength }) => sum + byteLength, 0));
}

/** @param {number} count */
const countOf = (count) => (count === 1 ? '1 record' : `${integerText(count)} records`);

/** @param {number} bytes */
function figure(bytes) {
  const unit = document.createElement('small');
  unit.textContent = bytes === 1 ? ' byte' : ' bytes';
  return [integerText(bytes), unit];
}

/**
 * @param {string} text
 * @param {string} [className]
 */
function cell(text, className = '') {
  const made = document.createElement('td');
  made.className = className;
  made.textContent = text;
  return made;
}

/** @param {Span['kind']} kind */
function swatch(kind) {
  const made = document.createElement('span');
  made.className = `swatch ${kind}`;
  return made;
}

/** @param {string[]} texts the first is the heading */
function showProblem(...texts) {
  const [heading, ...rest] = texts;
  const strong = document.createElement('strong');
  strong.textContent = heading;
  element('problem').replaceChildren(strong, ...rest.flatMap((text) => [text, ' ']));
  element('problem').hidden = false;
}
