// Draws the heap on two canvases: all of it as one strip, and its used part in rows, like a dump of memory. Both to scale. Knows how to find the
// piece under a point; what a piece means, and who looks at it, is the page's business.

import { layOut } from './heap-rows.js';
import { addressText } from './record.js';

/**
 * @typedef {import('./heap-rows.js').Span} Span
 * @typedef {import('./heap-rows.js').Rows} Rows
 */

const kMaxRows = 16;
const kRowHeight = 15;
const kRowDistance = 20;
const kRegionDistance = 10;
const kMargin = 3; // room for the outline of the chosen piece
const kNarrow = 480;
const kOutlined = 8; // a free piece that is narrower is hatched, and that's all

/**
 * @param {HTMLCanvasElement} map
 * @param {HTMLCanvasElement} overview
 */
export function makeHeapMap(map, overview) {
  /** @type {Rows} */
  let rows = { bytesPerRow: 1, rows: [], shownBytes: 0, allBytes: 0 };
  /** @type {Span[]} */
  let spans = [];
  /** @type {number | undefined} */
  let chosen;
  let frame = 0; // the request for the next frame in which to draw

  /** Lays out `newSpans`, which must be in the order of their addresses, and draws them. Returns the layout. */
  function show(/** @type {Span[]} */ newSpans) {
    spans = newSpans;
    resize();
    return rows;
  }

  /** Outlines the piece at `pointer`, or none. */
  function choose(/** @type {number | undefined} */ pointer) {
    chosen = pointer;
    draw();
  }

  function resize() {
    const width = map.parentElement?.clientWidth ?? 0;
    if (!width) return;
    rows = layOut(spans, { maxRows: kMaxRows, minBytesPerRow: width < kNarrow ? 512 : 1024 });
    map.style.height = `${rowTop(rows, rows.rows.length) + kMargin}px`;
    draw();
  }

  /** Draws in the next frame: once, however much changes before it. */
  function draw() {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      const { clientWidth: width, clientHeight: height } = map;
      if (!width) return;
      drawOverview(prepare(overview, width, overview.clientHeight), width, overview.clientHeight, spans, rows);
      drawRows(prepare(map, width, height), width, rows, chosen);
    });
  }

  /**
   * The piece under a point of the map, in CSS pixels from its corner.
   * @param {number} x
   * @param {number} y
   */
  function spanAt(x, y) {
    const index = rows.rows.findIndex((_, row) => y >= rowTop(rows, row) && y < rowTop(rows, row) + kRowDistance);
    if (index < 0) return undefined;
    const { left, scale } = measures(map.clientWidth, rows);
    const address = rows.rows[index].start + (x - left) / scale;
    return rows.rows[index].segments.find(({ from, to }) => address >= from && address < to)?.span;
  }

  new ResizeObserver(resize).observe(/** @type {Element} */ (map.parentElement));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  return { show, choose, spanAt, get bytesPerRow() { return rows.bytesPerRow; } };
}

/**
 * Where row `index` begins: every region but the first has some room above it.
 * @param {Rows} rows
 * @param {number} index
 */
function rowTop({ rows }, index) {
  const regions = rows.slice(0, index + 1).filter(({ opensRegion }) => opensRegion).length;
  return kMargin + index * kRowDistance + Math.max(0, regions - 1) * kRegionDistance;
}

/**
 * The room for addresses at the left, and pixels per byte.
 * @param {number} width
 * @param {Rows} rows
 */
function measures(width, { bytesPerRow }) {
  const left = width < kNarrow ? 62 : 84;
  return { left, scale: (width - left - kMargin) / bytesPerRow };
}

/**
 * A canvas of that size, cleared, whose unit is a CSS pixel.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 */
function prepare(canvas, width, height) {
  canvas.width = Math.round(width * devicePixelRatio);
  canvas.height = Math.round(height * devicePixelRatio);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  context.scale(devicePixelRatio, devicePixelRatio);
  return context;
}

function colours() {
  const style = getComputedStyle(document.documentElement);
  const colour = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim();
  return {
    used: colour('used'), free: colour('free'), top: colour('top'), overhead: colour('overhead'),
    ink: colour('ink'), muted: colour('muted'), surface: colour('surface'), mono: colour('mono'),
  };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} width
 * @param {Rows} rows
 * @param {number | undefined} chosen
 */
function drawRows(context, width, rows, chosen) {
  const { left, scale } = measures(width, rows);
  const colour = colours();
  const hatch = hatching(context, colour.free);
  context.font = `${width < kNarrow ? 10 : 12}px ${colour.mono}`;
  context.textBaseline = 'middle';
  rows.rows.forEach((row, index) => {
    const y = rowTop(rows, index);
    context.fillStyle = colour.muted;
    context.fillText(addressText(row.start).replace(/^0x00/, '0x'), kMargin, y + kRowHeight / 2 + 1);
    for (const { kind, from, to, gap } of bars(row, scale)) {
      const box = /** @type {const} */ ([left + (from - row.start) * scale, y, (to - from) * scale - gap, kRowHeight]);
      context.fillStyle = kind === 'free' ? hatch : colour[kind];
      context.fillRect(...box);
      if (kind === 'free' && box[2] >= kOutlined) outline(context, box, colour.free, 1);
    }
  });
  // On top of everything, so that no neighbour covers it.
  const boxes = rows.rows.flatMap((row, index) =>
    row.segments
      .filter(({ span }) => span.pointer === chosen)
      .map(({ from, to }) => /** @type {const} */ ([left + (from - row.start) * scale - 2, rowTop(rows, index) - 2, (to - from) * scale + 3, kRowHeight + 4])),
  );
  for (const box of boxes) outline(context, box, colour.surface, 5);
  for (const box of boxes) outline(context, box, colour.ink, 2);
}

/**
 * What to draw of a row. There is a hair's breadth between pieces, where there is room for one; pieces of a kind without it are one bar, since
 * ten thousand bars take too long to draw.
 * @param {import('./heap-rows.js').Row} row
 * @param {number} scale
 */
function bars({ segments }, scale) {
  /** @type {{ kind: Span['kind'], from: number, to: number, gap: number }[]} */
  const made = [];
  for (const { span, from, to } of segments) {
    const ends = to === span.pointer + span.byteLength; // what goes on in the next row has no end here
    const gap = ends && (to - from) * scale > 3 ? 1 : 0;
    const last = made.at(-1);
    if (last?.kind === span.kind && !last.gap && !gap) last.to = to;
    else made.push({ kind: span.kind, from, to, gap });
  }
  return made;
}

/**
 * The whole footprint as one strip: the fuller, the more colour. A bracket below it tells which part the rows show.
 * @param {CanvasRenderingContext2D} context
 * @param {number} width
 * @param {number} height
 * @param {Span[]} spans
 * @param {Rows} rows
 */
function drawOverview(context, width, height, spans, { rows, allBytes }) {
  const colour = colours();
  const scale = width / Math.max(1, allBytes);
  const stripHeight = height - 8;
  let x = 0;
  let drawn = 0;
  const regions = joined(rows.flatMap(({ segments }) => segments));
  const offsets = new Map(regions.map(({ first }) => [first.span.pointer, 0])); // where in the strip the shown parts begin
  const colourOf = (/** @type {Span} */ { kind }) => (kind === 'free' ? colour.top : colour[kind]);
  spans.forEach((span, index) => {
    if (offsets.has(span.pointer)) offsets.set(span.pointer, x);
    x += span.byteLength * scale;
    const next = spans[index + 1];
    if (next && colourOf(next) === colourOf(span)) return; // drawn together with it
    context.fillStyle = colourOf(span);
    context.fillRect(drawn, 0, x - drawn, stripHeight);
    drawn = x;
  });
  context.strokeStyle = colour.muted;
  context.lineWidth = 1.5;
  for (const region of regions) {
    const start = (offsets.get(region.first.span.pointer) ?? 0) + (region.first.from - region.first.span.pointer) * scale;
    const end = start + (region.end - region.first.from) * scale;
    context.beginPath();
    context.moveTo(start + 1, height - 6);
    context.lineTo(start + 1, height - 1);
    context.lineTo(Math.max(start + 3, end - 1), height - 1);
    context.lineTo(Math.max(start + 3, end - 1), height - 6);
    context.stroke();
  }
}

/**
 * Segments that adjoin each other, as one.
 * @param {import('./heap-rows.js').Segment[]} segments
 */
function joined(segments) {
  /** @type {{ first: import('./heap-rows.js').Segment, end: number }[]} */
  const parts = [];
  for (const segment of segments) {
    const last = parts.at(-1);
    if (last && last.end === segment.from) last.end = segment.to;
    else parts.push({ first: segment, end: segment.to });
  }
  return parts;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {readonly [number, number, number, number]} box
 * @param {string} colour
 * @param {number} thickness
 */
function outline(context, [x, y, width, height], colour, thickness) {
  context.strokeStyle = colour;
  context.lineWidth = thickness;
  const inset = thickness === 1 ? 0.5 : 0;
  context.strokeRect(x + inset, y + inset, Math.max(0, width - 2 * inset), height - 2 * inset);
}

/**
 * Told apart from the others without colour.
 * @param {CanvasRenderingContext2D} context
 * @param {string} colour
 */
function hatching(context, colour) {
  const tile = Object.assign(document.createElement('canvas'), { width: 5, height: 5 });
  const pen = /** @type {CanvasRenderingContext2D} */ (tile.getContext('2d'));
  pen.strokeStyle = colour;
  pen.lineWidth = 1.2;
  pen.beginPath();
  for (const shift of [-5, 0, 5]) {
    pen.moveTo(shift - 1, 6);
    pen.lineTo(shift + 6, -1);
  }
  pen.stroke();
  return /** @type {CanvasPattern} */ (context.createPattern(tile, 'repeat'));
}
