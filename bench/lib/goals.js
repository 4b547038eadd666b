// The goals of the project, each computed from results: what was wanted, what was measured, met or not.
import { bounds } from './candidates.js';
import { pageRatio, scalingAt, traceRatio, usable, workloadRatio } from './report.js';
import { geomean, median, ratio } from './statistics.js';

const OWN = 'memory.wasm';
const BASELINE = 'wasi-dlmalloc';
const PAGE = 65536;
const MEGABYTE = 1e6;

/**
 * What allocators that no registry has cost on each workload, over Emscripten's dlmalloc: an earlier study's figures, on
 * its own version of the workloads (Node 20): mimalloc (WASI), walloc, TLSF, Zig's and talc with a size header.
 * @type {Record<string, number[]>}
 */
const ELSEWHERE = Object.fromEntries(Object.entries({
  pair: [6.4, 10.4, 4.7, 18.5, 4.8, 13.5],
  lifo: [8.3, 7.1, 13.3, 22.4, 7.7, 14.3],
  fifo: [11.7, 7.2, 14.5, 22.4, 8.1, 14.4],
  churn_small: [15.2, 10.0, 16.4, 20.7, 11.2, 16.4],
  churn_mixed: [65, 31.7, 1700, 63, 27, 50],
  churn_large: [127, 258, 11719, 169, 61, 170],
  realloc_grow: [129, 291, 391, 204, 193, 144],
  cfrac: [17.1, 11.6, 16.7, 24.4, 11.9, 19.6],
  larson: [65, 25, 784, 52, 18.2, 39],
  tree: [25.4, 12.1, 23, 36, 37, 25.9],
  strings: [42.8, 11.9, 931, 32.8, 7.9, 22],
  fragment: [10.2, 9.2, 17.9, 20.6, 14.1, 13.8],
}).map(([workload, [dlmalloc, ...others]]) => [workload, others.map((nanoseconds) => nanoseconds / dlmalloc)]));

/** @typedef {{ goal: string, wanted: string, measured: string, met: boolean }} Goal */

/**
 * @param {any} node20 results @param {any} newest results, or undefined
 * @returns {Goal[]} those that the results say something of
 */
export function goals(node20, newest) {
  const both = [node20, newest].filter(Boolean);
  return [
    ...both.flatMap((results) => traceGoals(results)),
    ...both.flatMap((results) => workloadGoals(results)),
    ...pageGoals(node20), ...smallHeapGoals(node20), ...sizeGoals(node20), ...scalingGoals(node20), ...pairGoals(node20, newest),
    ...growthGoals(node20), ...programGoals(node20),
  ];
}

/** @param {string} goal @param {number} limit @param {number} value @param {string} [unit] @returns {Goal[]} */
function atMost(goal, limit, value, unit = '') {
  if (!Number.isFinite(value)) return [];
  return [{ goal, wanted: `at most ${limit}${unit}`, measured: `${+value.toPrecision(3)}${unit}`, met: value <= limit }];
}

/** @param {any} results */
function traceGoals(results) {
  return [['steady', 0.6], ['fresh', 0.7]].flatMap(([kind, limit]) =>
    atMost(`traces, ${kind === 'steady' ? 'steady' : 'on a fresh heap'}, ${results.engine}: time over ${BASELINE}'s`, Number(limit),
      traceRatio(results, OWN, /** @type {any} */ (kind))?.median ?? NaN));
}

/** Against the best real peer on each workload. @param {any} results */
function workloadGoals(results) {
  const peers = results.candidates.map((/** @type {any} */ { name }) => name).filter((/** @type {string} */ name) => !name.startsWith(OWN) && !bounds.includes(name));
  const worst = { value: 0, workload: '' };
  const ratios = Object.keys(results.workloads ?? {}).flatMap((workload) => {
    const own = workloadRatio(results, workload, OWN);
    const here = peers.flatMap((/** @type {string} */ peer) => workloadRatio(results, workload, peer)?.median ?? []);
    const dlmalloc = workloadRatio(results, workload, 'emscripten-dlmalloc');
    if (!own || !here.length) return [];
    const best = Math.min(...here, ...dlmalloc ? (ELSEWHERE[workload] ?? []).map((over) => over * dlmalloc.median) : []);
    const value = own.median / best;
    if (value > worst.value) Object.assign(worst, { value, workload });
    return [value];
  });
  if (!ratios.length) return [];
  return [
    ...atMost(`workloads, ${results.engine}: over the best peer on each, the worst (${worst.workload})`, 1.1, worst.value),
    ...atMost(`workloads, ${results.engine}: over the best peer on each, geomean`, 0.85, geomean(ratios)),
  ];
}

/** @param {any} results */
function pageGoals(results) {
  const { traces = {}, peakLive = {} } = results;
  const names = Object.keys(traces).filter((trace) => usable(traces[trace][OWN]) && usable(traces[trace][BASELINE]));
  if (!names.length) return [];
  const over = names.map((trace) => ({ trace, value: traces[trace][OWN].bytes / traces[trace][BASELINE].bytes })).sort((a, b) => b.value - a.value)[0];
  const repeated = names.map((trace) => ({ trace, value: traces[trace][OWN].bytesRepeated / traces[trace][OWN].bytes })).sort((a, b) => b.value - a.value)[0];
  const large = names.filter((trace) => peakLive[trace] > MEGABYTE).length;
  return [
    ...atMost(`footprint over peak live bytes, geomean of the ${large} traces over 1 MB`, 1.05, pageRatio(results, OWN, 'bytes')),
    ...atMost(`footprint over ${BASELINE}'s, the worst trace (${over.trace})`, 1.02, over.value),
    ...atMost(`footprint after 6 runs over the first, the worst trace (${repeated.trace})`, 1.02, repeated.value),
  ];
}

/** @param {any} results */
function smallHeapGoals({ growth = {} }) {
  const pages = (/** @type {string} */ fill) => usable(growth[fill]?.[OWN]) ? Math.ceil(growth[fill][OWN].bytes / PAGE) : NaN;
  return [
    ...atMost('pages of a program with 10 records', 1, pages('10 x 12')),
    ...atMost('pages with 100 KB alive (2 are the least)', 4, pages('1000 x 100')),
  ];
}

/** @param {any} results */
function sizeGoals({ size = {} }) {
  const alone = Object.values(size[OWN] ?? {}).sort((a, b) => a.raw - b.raw)[0];
  const whole = Object.values(size[`${OWN} direct`] ?? {})[0];
  return [
    ...atMost('code of malloc, free, calloc, realloc, aligned_alloc', 4096, alone?.raw, ' bytes'),
    ...atMost('the same, brotli', 1945, alone?.brotli, ' bytes'),
    ...atMost('the whole memory.wasm, brotli', 3072, whole?.brotli, ' bytes'),
  ];
}

/** @param {any} results */
function scalingGoals({ scaling = {}, latency = {} }) {
  const [few, many] = [scalingAt(scaling[1e3]?.[OWN]), scalingAt(scaling[1e6]?.[OWN])];
  return [
    ...atMost('cost with 10^6 live small blocks over 10^3, all in all', 3, many.steady / few.steady),
    ...atMost('the same without what touching the blocks costs', 3, (many.steady - many.touch) / (few.steady - few.touch)),
    ...atMost('slowest of 10^6 single operations but growth', 50, (latency[OWN]?.withoutGrowth.most ?? NaN) / 1000, ' µs'),
    ...atMost('99.999 % of single operations but growth', 50, (latency[OWN]?.withoutGrowth['99.999 %'] ?? NaN) / 1000, ' µs'),
  ];
}

/** @param {any} node20 @param {any} newest */
function pairGoals(node20, newest) {
  const pair = newest?.workloads?.pair ?? {};
  const net = (/** @type {string} */ name) => usable(pair[name]) && usable(pair.fixed) ? median(pair[name].steady) - median(pair.fixed.steady) : NaN;
  const [direct, linked] = [node20.workloads?.pair?.[`${OWN} direct`], node20.workloads?.pair?.[OWN]];
  return [
    ...atMost('one malloc and free without the empty loop, newest Node, static', 2.5, net(OWN), ' ns'),
    ...atMost('the same, merged', 2.5, net(`${OWN} merged`), ' ns'),
    ...atMost('one malloc and free, direct over static, Node 20', 1.25, usable(direct) && usable(linked) ? ratio(direct.steady, linked.steady).median : NaN),
  ];
}

/** @param {any} results */
function growthGoals({ growth = {} }) {
  return atMost('memory.grow calls for 100 MB in blocks of 100 bytes', 40, growth['10^6 x 100']?.[OWN]?.grows ?? NaN);
}

/** @param {any} results */
function programGoals({ programs = {} }) {
  return Object.entries(programs).flatMap(([program, { [OWN]: own, [BASELINE]: base }]) => usable(own) && usable(base) ? [
    ...atMost(`${program}: time over ${BASELINE}'s`, 0.97, ratio(own.milliseconds, base.milliseconds).median),
    ...atMost(`${program}: pages over ${BASELINE}'s`, 1, Math.ceil(own.pages) / Math.ceil(base.pages)),
  ] : []);
}
