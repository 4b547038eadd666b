// The inspector's pictures as SVG files: what is in use over a trace, and the map of a snapshot.

import { inUnits } from './charts.js';
import { sizeClass } from './survey.js';

const kWidth = 900;
const kStyle =
  '<style>svg{background:#fff;color:#16191d;font:12px system-ui,sans-serif}text{fill:currentColor}@media(prefers-color-scheme:dark){svg{background:#16191d;color:#eceff3}}</style>';

/** @param {number} height @param {string} title @param {string} contents */
const svg = (height, title, contents) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${kWidth} ${height}" role="img"><title>${title}</title>${kStyle}${contents}</svg>\n`;

/**
 * Live bytes over the operations of a trace.
 * @param {number[]} live at equal distances
 * @param {number} operations
 * @param {string} title
 */
export function timelineSvg(live, operations, title) {
  const height = 260,
    bottom = height - 30,
    top = Math.max(1, ...live);
  const points = live.map((bytes, i) => `${((i * kWidth) / Math.max(1, live.length - 1)).toFixed(1)},${(bottom - (bytes / top) * (bottom - 30)).toFixed(1)}`);
  return svg(
    height,
    title,
    `<path d="M0,${bottom} L${points.join(' L')} L${kWidth},${bottom} Z" fill="#6fa3e8"/><text x="4" y="20">${inUnits(top)} in use at most</text>
<text x="${kWidth - 4}" y="${height - 10}" text-anchor="end">${operations.toLocaleString('en')} operations</text>`,
  );
}

/** @type {Record<string, string>} */
const kColours = { free: '#b9c2cc', top: '#dfe4ea', overhead: '#8d83a3' };
const kRows = 32;
const kRowHeight = 14;

/**
 * @param {[pointer: number, byteLength: number, kind: string][]} spans
 * @param {string} title
 */
export function mapSvg(spans, title) {
  const sorted = [...spans].sort((a, b) => a[0] - b[0]);
  const start = sorted[0]?.[0] ?? 0,
    end = sorted.reduce((end, [pointer, byteLength]) => Math.max(end, pointer + byteLength), start + 1);
  const bytesPerRow = Math.ceil((end - start) / kRows / 64) * 64,
    left = 80,
    scale = (kWidth - left) / bytesPerRow;
  /** Neighbours of one colour are one piece: a picture of a million blocks is no larger than one of a thousand. @type {Map<string, string[]>} */
  const paths = new Map();
  let last = { row: -1, colour: '', to: -1 };
  const add = (/** @type {string} */ colour, /** @type {number} */ row, /** @type {number} */ from, /** @type {number} */ to) => {
    const list = paths.get(colour) ?? [];
    paths.set(colour, list);
    if (last.row === row && last.colour === colour && from - last.to < 0.5 / scale && to - from < 0.5 / scale) return;
    list.push(
      `M${(left + from * scale).toFixed(1)},${row * kRowHeight + 24}h${Math.max(0.4, (to - from) * scale - 0.3).toFixed(1)}v${kRowHeight - 4}H${(left + from * scale).toFixed(1)}z`,
    );
    last = { row, colour, to };
  };
  for (const [pointer, byteLength, kind] of sorted) {
    const t = Math.min(1, sizeClass(byteLength) / 20);
    const colour = kColours[kind] ?? `hsl(${Math.round(215 - 215 * t)} 62% 50%)`;
    for (let at = pointer; at < pointer + byteLength;) {
      const row = Math.floor((at - start) / bytesPerRow),
        rowStart = start + row * bytesPerRow,
        to = Math.min(pointer + byteLength, rowStart + bytesPerRow);
      add(colour, row, at - rowStart, to - rowStart);
      at = to;
    }
  }
  const labels = Array.from({ length: kRows }, (_, row) =>
    row % 4 ? '' : `<text x="4" y="${row * kRowHeight + 33}">0x${(start + row * bytesPerRow).toString(16)}</text>`,
  ).join('');
  const pieces = [...paths].map(([colour, list]) => `<path fill="${colour}" d="${list.join('')}"/>`).join('\n');
  return svg(
    kRows * kRowHeight + 34,
    title,
    `<text x="4" y="14">${title}: ${inUnits(bytesPerRow)} a row; in use blue (small) to red (large), free grey</text>${labels}\n${pieces}`,
  );
}
