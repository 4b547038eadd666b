// The timeline, the histogram and the flame graph of the inspector. They draw what they are given.

import { heapProfile } from '../debug/profiles.js';

/** @typedef {{ time: number, bytes: number, footprint: number, blocks: number }} Sample */

const kUnits = ['B', 'KiB', 'MiB', 'GiB'];

/** @param {number} byteLength */
export function inUnits(byteLength) {
  const unit = Math.min(kUnits.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, byteLength)) / 10)));
  const value = byteLength / 1024 ** unit;
  return `${unit && value < 100 ? value.toFixed(1) : Math.round(value)} ${kUnits[unit]}`;
}

/**
 * Footprint as an area, bytes in use as a line over it; the scale is that of the largest.
 * @param {CanvasRenderingContext2D} context
 * @param {Sample[]} samples
 * @param {number} width
 * @param {number} height
 * @param {Record<string, string>} colours
 */
export function drawTimeline(context, samples, width, height, { line, area, muted }) {
  context.clearRect(0, 0, width, height);
  if (samples.length < 2) return;
  const top = Math.max(1, ...samples.map(({ footprint }) => footprint));
  const [{ time: start }] = samples,
    end = samples[samples.length - 1].time;
  const x = (/** @type {number} */ time) => ((time - start) / Math.max(1, end - start)) * width;
  const y = (/** @type {number} */ bytes) => height - 2 - (bytes / top) * (height - 16);
  const trace = (/** @type {'footprint' | 'bytes'} */ what) => {
    context.beginPath();
    samples.forEach((sample, i) => context[i ? 'lineTo' : 'moveTo'](x(sample.time), y(sample[what])));
  };
  trace('footprint');
  context.lineTo(width, height);
  context.lineTo(0, height);
  context.fillStyle = area;
  context.fill();
  trace('bytes');
  context.strokeStyle = line;
  context.lineWidth = 2;
  context.stroke();
  context.fillStyle = muted;
  context.font = '11px system-ui, sans-serif';
  context.fillText(inUnits(top), 4, 11);
  const seconds = `${((end - start) / 1000).toFixed(0)} s`;
  context.fillText(seconds, width - context.measureText(seconds).width - 4, 11);
}

/**
 * @param {HTMLElement} into
 * @param {Uint32Array} sizes blocks by size class
 * @param {Float64Array} bytes
 */
export function showHistogram(into, sizes, bytes) {
  const used = [...sizes.keys()].filter((size) => sizes[size]);
  const most = Math.max(1, ...used.map((size) => bytes[size]));
  into.replaceChildren(
    ...used.map((size) => {
      const row = element('div', 'bar');
      const label = `to ${inUnits(2 ** size)}`;
      row.title = `${label}: ${sizes[size].toLocaleString('en')} blocks, ${inUnits(bytes[size])}`;
      const bar = element('span', 'fill');
      bar.style.inlineSize = `${Math.max(1, (100 * bytes[size]) / most)}%`;
      const track = element('span', 'track');
      track.append(bar);
      row.append(element('span', 'label', label), track, element('span', 'number', sizes[size].toLocaleString('en')));
      return row;
    }),
  );
}

const kMostNodes = 300;

/**
 * Who allocated what is in use: the outermost call at the top, as wide as its bytes.
 * @param {HTMLElement} into
 * @param {import('../debug/leaks.js').Site[]} sites
 */
export function showFlames(into, sites) {
  const total = Math.max(
    1,
    sites.reduce((sum, { byteLength }) => sum + byteLength, 0),
  );
  const { head } = heapProfile(sites);
  /** @type {HTMLElement[]} */
  const nodes = [];
  let depth = 0;
  /** @param {import('../debug/profiles.js').ProfileNode} node @returns {number} */
  const bytesOf = (node) => node.selfSize + node.children.reduce((sum, child) => sum + bytesOf(child), 0);
  /** @param {import('../debug/profiles.js').ProfileNode} node @param {number} left @param {number} level */
  const place = (node, left, level) => {
    for (const child of [...node.children].sort((a, b) => bytesOf(b) - bytesOf(a))) {
      const bytes = bytesOf(child),
        share = bytes / total;
      if (share < 0.002 || nodes.length >= kMostNodes) continue;
      const { functionName: name, url, lineNumber } = child.callFrame;
      const flame = element('div', 'flame', name || url.split('/').pop());
      flame.title = `${name || '(top level)'}\n${url}${lineNumber ? `:${lineNumber + 1}` : ''}\n${inUnits(bytes)}, ${(100 * share).toFixed(1)} % of what is in use`;
      flame.tabIndex = 0;
      flame.setAttribute('role', 'listitem');
      flame.style.cssText = `inset-inline-start:${100 * left}%;inline-size:${100 * share}%;inset-block-start:${level * 20}px;--warmth:${(name.length * 37) % 40}`;
      nodes.push(flame);
      depth = Math.max(depth, level + 1);
      place(child, left, level + 1);
      left += share;
    }
  };
  place(head, 0, 0);
  into.replaceChildren(...nodes);
  into.style.blockSize = `${depth * 20}px`;
}

/** @param {string} tag @param {string} className @param {string} [text] */
export function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}
