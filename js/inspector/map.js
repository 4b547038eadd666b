// The map of the memory: rows of cells, to scale, from all of it down to the bytes of one block. Knows addresses and pixels; what a block is,
// others know.

import { kSizeClasses } from './survey.js';

/** @typedef {import('./survey.js').Survey} Survey */
/** @typedef {import('./survey.js').Viewport} Viewport */

export const kRowHeight = 9;
const kGap = 2;
const kLeast = 64; // bytes in a row when the map is closest

/** Where the map looks, and how it moves. */
export class Camera {
  start = 0;
  bytesPerRow = kLeast;
  columns = 1;
  rows = 1;

  /** @returns {Viewport} */
  get viewport() {
    const { start, bytesPerRow, columns, rows } = this;
    return { start, bytesPerRow, columns, rows };
  }

  get bytes() {
    return this.bytesPerRow * this.rows;
  }

  /** So that [from, to) fills the map. @param {number} from @param {number} to */
  show(from, to) {
    const wanted = Math.max(1, to - from) / this.rows;
    const step = Math.max(kLeast, 2 ** (Math.ceil(Math.log2(wanted)) - 3));
    this.bytesPerRow = Math.ceil(wanted / step) * step;
    this.start = Math.floor(from / this.bytesPerRow) * this.bytesPerRow;
  }

  /** Halves or doubles a row's bytes, around an address. @param {number} steps positive: closer @param {number} around */
  zoom(steps, around) {
    const before = this.bytesPerRow;
    this.bytesPerRow = Math.min(2 ** 32 / this.rows, Math.max(kLeast, before / 2 ** steps));
    const row = Math.floor((around - this.start) / before);
    this.start = Math.max(0, Math.floor((around - row * this.bytesPerRow) / this.bytesPerRow) * this.bytesPerRow);
  }

  /** @param {number} rows */
  scroll(rows) {
    this.start = Math.max(0, this.start + rows * this.bytesPerRow);
  }

  /** The address under a point, in CSS pixels from the corner. @param {number} x @param {number} y */
  addressAt(x, y) {
    const row = Math.min(this.rows - 1, Math.max(0, Math.floor(y / kRowHeight)));
    return Math.floor(this.start + (row + Math.min(0.9999, Math.max(0, x / this.columns))) * this.bytesPerRow);
  }
}

/** Colours as the page has them: [red, green, blue] by name. @typedef {Record<string, [number, number, number]>} Palette */

/** Small blocks are blue, large ones red. @param {number} size class @param {boolean} dark @returns {[number, number, number]} */
function colourOf(size, dark) {
  const t = Math.min(1, size / 20);
  return dark ? [90 + 150 * t, 150 - 50 * t, 235 - 165 * t] : [40 + 180 * t, 105 - 45 * t, 200 - 150 * t];
}

/** @type {Record<string, Uint8ClampedArray>} */
const kTables = {};
const tableFor = (/** @type {boolean} */ dark) =>
  (kTables[String(dark)] ??= new Uint8ClampedArray(Array.from({ length: kSizeClasses }, (_, size) => colourOf(size, dark)).flat()));

/**
 * Draws a survey.
 * @param {CanvasRenderingContext2D} context
 * @param {Survey} survey
 * @param {{ heapStart: number, memoryEnd: number, dark: boolean, palette: Palette, chosen?: { pointer: number, byteLength: number } }} options
 */
export function drawMap(context, { viewport, used, freed, overhead, classes }, { heapStart, memoryEnd, dark, palette, chosen }) {
  const { start, bytesPerRow, columns, rows } = viewport;
  const image = context.createImageData(columns, rows * kRowHeight);
  const pixels = new Uint32Array(image.data.buffer);
  const table = tableFor(dark);
  const bytesPerCell = bytesPerRow / columns;
  const free = palette.free,
    quarantine = palette.freed,
    own = palette.overhead;
  for (let row = 0, cell = 0; row < rows; row++) {
    const line = row * kRowHeight * columns;
    for (let column = 0; column < columns; column++, cell++) {
      const address = start + row * bytesPerRow + column * bytesPerCell;
      const ground = address >= memoryEnd ? palette.surface : address < heapStart ? palette.program : free;
      const u = Math.min(1, used[cell]),
        q = Math.min(1 - u, freed[cell]),
        o = Math.min(1 - u - q, overhead[cell]),
        g = 1 - u - q - o;
      const colour = classes[cell] * 3;
      const red = table[colour] * u + quarantine[0] * q + own[0] * o + ground[0] * g;
      const green = table[colour + 1] * u + quarantine[1] * q + own[1] * o + ground[1] * g;
      const blue = table[colour + 2] * u + quarantine[2] * q + own[2] * o + ground[2] * g;
      pixels[line + column] = (255 << 24) | (blue << 16) | (green << 8) | red;
    }
    for (let y = 1; y < kRowHeight - kGap; y++) pixels.copyWithin(line + y * columns, line, line + columns);
  }
  context.putImageData(image, 0, 0);
  if (chosen) outline(context, viewport, chosen, palette.ink);
}

/** @param {CanvasRenderingContext2D} context @param {Viewport} viewport @param {{ pointer: number, byteLength: number }} block @param {[number, number, number]} ink */
function outline(context, { start, bytesPerRow, columns, rows }, { pointer, byteLength }, ink) {
  context.strokeStyle = `rgb(${ink})`;
  context.lineWidth = 2;
  const scale = columns / bytesPerRow;
  const first = Math.max(0, Math.floor((pointer - start) / bytesPerRow));
  const last = Math.min(rows - 1, Math.floor((pointer + Math.max(1, byteLength) - 1 - start) / bytesPerRow));
  for (let row = first; row <= last; row++) {
    const rowStart = start + row * bytesPerRow;
    const from = Math.max(0, (pointer - rowStart) * scale),
      to = Math.min(columns, (pointer + Math.max(1, byteLength) - rowStart) * scale);
    context.strokeRect(from - 1, row * kRowHeight - 1, Math.max(3, to - from + 2), kRowHeight);
  }
}
