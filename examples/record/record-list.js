// The table of the records. Only the rows in view are in the document, and the one that Tab goes to; gaps take the place of the others:
//
//     gap | the row that Tab goes to | gap | rows in view | gap
//
// So a click costs the same with ten records as with ten thousand. A screen reader learns the number of the rows, and which each is, from
// aria-rowcount and aria-rowindex.

import { addressText, floatText, kFields } from './record.js';

const kRowsBeyond = 15; // rows above and below the view, as many as it holds: there when a person scrolls

/**
 * @param {HTMLElement} frame what scrolls
 * @param {HTMLTableElement} table
 * @param {{
 *   read(pointer: number): import('./record.js').Record,
 *   remove(pointer: number): void,
 *   look(pointer: number): void,
 *   lookAway(): void,
 *   select(pointer: number): void,
 * }} actions what the rows show, and what a person does to them
 */
export function makeRecordList(frame, table, actions) {
  const body = table.tBodies[0];
  /** @type {number[]} */
  let pointers = [];
  /** The rows in the document by the address of their record. @type {Map<number, HTMLTableRowElement>} */
  let rows = new Map();
  let rowHeight = 0;
  let stop = 0; // the index of the row that Tab goes to; the arrow keys lead to the others

  /** Takes the records at `newPointers`, in this order. The next `select` shows them as they are in memory then. @param {number[]} newPointers */
  function set(newPointers) {
    pointers = newPointers;
    table.setAttribute('aria-rowcount', String(pointers.length + 1)); // the column titles are a row
  }

  /** Marks the row of the record at `pointer`, or none, and scrolls it into view. @param {number} pointer */
  function select(pointer) {
    const index = pointers.indexOf(pointer);
    stop = Math.max(0, index);
    render();
    for (const [of, row] of rows) row.classList.toggle('selected', of === pointer);
    if (index >= 0 && !frame.contains(document.activeElement)) bringIntoSight(index);
  }

  /** Puts the focus on the row at `index`, which need not be in view; that selects it. Returns whether there is one. @param {number} index */
  function focus(index) {
    if (!(index in pointers)) return false;
    if (!rows.has(pointers[index])) {
      stop = index;
      render();
    }
    buttonIn(rows.get(pointers[index]))?.focus();
    return true;
  }

  /** Brings the rows in the document up to date. Rows that stay are not touched: the focus may be in one of them. */
  function render() {
    const before = rows;
    const shown = indicesShown();
    rows = new Map(shown.map((index) => [pointers[index], before.get(pointers[index]) ?? makeRow(pointers[index])]));
    const wanted = [];
    let next = 0;
    for (const index of shown) {
      if (index > next) wanted.push(makeGap(index - next));
      const row = /** @type {HTMLTableRowElement} */ (rows.get(pointers[index]));
      fillRow(pointers[index], index, row);
      wanted.push(row);
      next = index + 1;
    }
    if (pointers.length > next) wanted.push(makeGap(pointers.length - next));

    const kept = new Set(wanted);
    for (const row of [...body.rows]) if (!kept.has(row)) row.remove();
    wanted.forEach((row, index) => {
      if (body.rows[index] !== row) body.insertBefore(row, body.rows[index] ?? null);
    });
    if (!rowHeight) measureRows();
  }

  /** The first rows ever in the document give the height of all: only now is it known which are in view. */
  function measureRows() {
    const [row] = rows.values();
    rowHeight = row?.getBoundingClientRect().height ?? 0;
    if (rowHeight) render();
  }

  /** In ascending order. */
  function indicesShown() {
    const { first, last } = view();
    const indices = Array.from({ length: Math.max(0, last - first) }, (_, index) => first + index);
    if (stop >= pointers.length || (stop >= first && stop < last)) return indices;
    return stop < first ? [stop, ...indices] : [...indices, stop];
  }

  /** The range of the rows that are in view, or just beyond. */
  function view() {
    const top = frame.scrollTop - body.offsetTop;
    const at = (/** @type {number} */ y) => (rowHeight ? Math.round(y / rowHeight) : 0);
    const within = (/** @type {number} */ index) => Math.min(pointers.length, Math.max(0, index));
    return { first: within(at(top) - kRowsBeyond), last: within(at(top + frame.clientHeight) + kRowsBeyond) };
  }

  /** Scrolls the list alone, not the page. @param {number} index */
  function bringIntoSight(index) {
    const titles = table.tHead?.offsetHeight ?? 0; // they cover the top
    const top = body.offsetTop + index * rowHeight;
    frame.scrollTop = Math.min(top - titles, Math.max(frame.scrollTop, top + rowHeight - frame.clientHeight));
    render();
  }

  /** @param {number} count */
  function makeGap(count) {
    const gap = document.createElement('tr');
    gap.ariaHidden = 'true';
    gap.style.height = `${count * rowHeight}px`;
    return gap;
  }

  /** @param {number} pointer */
  function makeRow(pointer) {
    const row = document.createElement('tr');
    row.insertCell().textContent = addressText(pointer);
    kFields.forEach(() => (row.insertCell().className = 'number'));
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = '✕';
    button.addEventListener('click', () => {
      const index = pointers.indexOf(pointer);
      actions.remove(pointer);
      if (!focus(Math.min(index, pointers.length - 1))) document.querySelector('form')?.querySelector('button')?.focus();
    });
    row.insertCell().append(button);
    row.addEventListener('pointermove', () => actions.look(pointer)); // not pointerenter: the keyboard may scroll rows under a resting mouse
    row.addEventListener('pointerleave', () => actions.lookAway());
    row.addEventListener('focusin', () => actions.select(pointer));
    return row;
  }

  /**
   * @param {number} pointer
   * @param {number} index
   * @param {HTMLTableRowElement} row
   */
  function fillRow(pointer, index, row) {
    const { id, x, y } = actions.read(pointer);
    [String(id), floatText(x), floatText(y)].forEach((text, field) => {
      const cell = row.cells[field + 1];
      if (cell.textContent !== text) cell.textContent = text;
    });
    row.ariaRowIndex = String(index + 2);
    const button = /** @type {HTMLButtonElement} */ (buttonIn(row));
    button.ariaLabel = `Delete record ${id} at ${addressText(pointer)}`;
    button.tabIndex = index === stop ? 0 : -1;
  }

  body.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && focus(stop + step)) event.preventDefault();
  });
  frame.addEventListener('scroll', render);
  new ResizeObserver(render).observe(frame);
  return { set, select };
}

/** @param {HTMLTableRowElement | undefined} row */
const buttonIn = (row) => row?.querySelector('button');
