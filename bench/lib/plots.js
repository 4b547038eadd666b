// The pictures of the results, by Vega-Lite, as SVG.
import * as vega from 'vega';
import { compile } from 'vega-lite';
import { bounds } from './peers.js';
import { pageRatio, scalingAt, traceRatio, usable, workloadRatio } from './report.js';

const CONFIG = { background: 'white', font: 'sans-serif', axis: { labelFontSize: 12, titleFontSize: 12 }, legend: { labelFontSize: 12, labelLimit: 300 }, view: { stroke: null } };
const OWN = 'memory.wasm';

/** @param {any} results @returns {Promise<Record<string, string>>} SVG by the picture's name */
export async function plots(results) {
  const specs = { speed_and_pages: speedAndPages(results), workloads: workloads(results), scaling: scaling(results), latency: latency(results) };
  /** @type {Record<string, string>} */
  const pictures = {};
  for (const [name, spec] of Object.entries(specs))
    if (spec.data.values.length) pictures[name] = await draw(spec);
  return pictures;
}

/** @param {any} spec */
async function draw(spec) {
  const { spec: low } = compile({ $schema: 'https://vega.github.io/schema/vega-lite/v6.json', ...spec, config: CONFIG });
  const view = new vega.View(vega.parse(low), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  return svg;
}

/** What is shown: each allocator once, in its best way to link. @param {any} results @returns {string[]} */
const names = (results) => results.candidates.map((/** @type {any} */ { name }) => name)
  .filter((/** @type {string} */ name) => !name.includes(' ') && name !== 'fixed' && name !== 'bump');
/** Ours, the peers, the bounds. @param {string} name */
const kind = (name) => name.startsWith(OWN) ? 'memory.wasm' : bounds.includes(name) ? 'a bound' : 'peer';
const color = { field: 'kind', type: 'nominal', title: null, scale: { domain: ['memory.wasm', 'peer', 'a bound'], range: ['#d1495b', '#30638e', '#999999'] } };

/** Ours is red in every picture. @param {any} results */
const byAllocator = (results) => {
  const others = ['#30638e', '#6aa6d6', '#8a9a5b', '#2a9d8f', '#f4741f', '#edae49', '#7d5ba6', '#b07d62', '#4d4d4d', '#c9ada7', '#999999'];
  const domain = [OWN, ...names(results).filter((name) => name !== OWN)];
  return { field: 'name', type: 'nominal', title: null, sort: null, scale: { domain, range: ['#d1495b', ...others.slice(0, domain.length - 2), '#999999'] } };
};

/** @param {any} results */
function speedAndPages(results) {
  const values = names(results).flatMap((name) => {
    const [steady, footprint] = [traceRatio(results, name, 'steady'), pageRatio(results, name, 'bytes')];
    return steady && Number.isFinite(footprint) ? [{ name, kind: kind(name), time: steady.median, footprint }] : [];
  });
  const position = {
    x: { field: 'time', type: 'quantitative', title: `time over ${results.baseline}'s, traces, steady`, scale: { zero: false, padding: 40 } },
    y: { field: 'footprint', type: 'quantitative', title: 'footprint over peak live bytes', scale: { zero: false, padding: 20 } },
  };
  return {
    width: 560, height: 320, data: { values }, title: `Recorded traces, ${results.engine}: lower left is better`,
    layer: [
      { mark: { type: 'point', filled: true, size: 90 }, encoding: { ...position, color } },
      { mark: { type: 'text', align: 'left', dx: 8, fontSize: 12 }, encoding: { ...position, text: { field: 'name' } } },
    ],
  };
}

/** @param {any} results */
function workloads(results) {
  const values = Object.keys(results.workloads ?? {}).flatMap((workload) => names(results).flatMap((name) => {
    const over = workloadRatio(results, workload, name);
    return over ? [{ workload, name, kind: kind(name), over: over.median }] : [];
  }));
  return {
    width: 640, height: 340, data: { values }, title: `Workloads, ${results.engine}: time over ${results.baseline}'s`,
    mark: { type: 'point', filled: true, size: 60, opacity: 0.85 },
    encoding: {
      x: { field: 'workload', type: 'nominal', sort: null, title: null, axis: { labelAngle: -35 } },
      y: { field: 'over', type: 'quantitative', scale: { type: 'log' }, title: 'time ratio (logarithmic)' },
      color: byAllocator(results), shape: { field: 'kind', type: 'nominal', title: null },
    },
  };
}

/** @param {any} results */
function scaling(results) {
  const values = Object.entries(results.scaling ?? {}).flatMap(([live, byName]) => Object.entries(byName).filter(([name, result]) => usable(result) && name !== 'bump')
    .map(([name, result]) => ({ live: Number(live), name, nanoseconds: scalingAt(result).steady })));
  return {
    width: 560, height: 300, data: { values }, title: `Replacing one small block, ${results.engine}`,
    mark: { type: 'line', point: true },
    encoding: {
      x: { field: 'live', type: 'quantitative', scale: { type: 'log' }, title: 'live blocks' },
      y: { field: 'nanoseconds', type: 'quantitative', scale: { type: 'log' }, title: 'ns' },
      color: byAllocator(results),
    },
  };
}

/** @param {any} results */
function latency(results) {
  const byName = results.latency?.['10^5'] ?? {};
  const values = names(results).filter((name) => usable(byName[name])).flatMap((name) =>
    Object.entries(byName[name].withoutGrowth).map(([share, nanoseconds]) => ({ name, share, nanoseconds })));
  return {
    width: 560, height: 300, data: { values }, title: `Single operations without growth, some 10^5 blocks alive, ${results.engine}`,
    mark: { type: 'line', point: true },
    encoding: {
      x: { field: 'share', type: 'ordinal', sort: null, title: 'share of the operations that took no longer', axis: { labelAngle: 0 } },
      y: { field: 'nanoseconds', type: 'quantitative', scale: { type: 'log' }, title: 'ns' },
      color: byAllocator(results),
    },
  };
}
