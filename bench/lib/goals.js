// The goals of the heap, each computed from results: what is wanted, what was measured, met or not.
import { bounds } from './peers.js';
import { leastOf, markdown, scalingAt, traceRatio, usable } from './report.js';
import { geomean, median, ratio } from './statistics.js';

const OWN = 'memory.wasm';
const BASELINE = 'wasi-dlmalloc';
const MEGABYTE = 1e6;
/** Here one large block fits into a hole or misses it by 88,720 bytes, whatever the allocator's order. */
const DECIDED_BY_ONE_HOLE = 'gm';

/** @typedef {{ part: string, goal: string, wanted: string, measured: string, met: boolean }} Goal part: of bench/run --only */

/**
 * @param {any[]} all results of one or more engines @returns {Goal[]} those that the results say something about
 */
export function goals(all) {
  const [first] = all;
  return [
    ...all.flatMap((results) => [...traceGoals(results), ...workloadGoals(results)]),
    ...footprintGoals(first), ...sizeGoals(first), ...phaseGoals(first), ...operationGoals(first), ...programGoals(first),
  ];
}

/** @param {any[]} all results, by engine */
export function goalTable(all) {
  return markdown(['goal', 'wanted', 'measured', 'met'], goals(all).map(({ goal, wanted, measured, met }) => [goal, wanted, measured, met ? 'yes' : '**no**']));
}

/** Node 20 has no inlining across modules and no feedback: its limits are its own. @param {any} results */
const isOld = ({ engine }) => engine.startsWith('Node 20');

/** "Node 20" @param {any} results */
const engineOf = ({ engine }) => engine.replace(/\..*/, '');

/** @param {string} part @param {string} goal @param {number} limit @param {number} value @param {string} [unit] @param {string} [note] @returns {Goal[]} */
function atMost(part, goal, limit, value, unit = '', note = '') {
  if (!Number.isFinite(value)) return [];
  return [{ part, goal, wanted: `at most ${limit}${unit}`, measured: `${value < 1000 ? +value.toPrecision(4) : value}${unit}${note}`, met: value <= limit }];
}

/**
 * The goals of an engine's own times.
 * @param {{ engine: string }} results
 */
export function timeGoals(results) {
  const [engine, old] = [engineOf(results), isOld(results)];
  return {
    bestTrace: { part: 'traces', goal: `${engine}: traces over the best real peer of each, geomean`, limit: old ? 0.95 : 0.88 },
    steady: { part: 'traces', goal: `${engine}: traces over ${BASELINE}, steady`, limit: 0.68 },
    fresh: { part: 'traces', goal: `${engine}: traces over ${BASELINE}, fresh`, limit: 0.6 },
    bestWorkload: { part: 'workloads', goal: `${engine}: workloads over the best real peer of each, geomean`, limit: old ? 1.05 : 1.3 },
    worstWorkload: { part: 'workloads', goal: `${engine}: workloads over the best real peer of each, the worst`, limit: 2 },
  };
}

/** @param {{ part: string, goal: string, limit: number }} goal @param {number} value @param {string} note */
const timeAtMost = ({ part, goal, limit }, value, note) => atMost(part, goal, limit, value, '', note);

/** @param {any} results */
const peersIn = ({ candidates }) => candidates.map((/** @type {any} */ { name }) => name)
  .filter((/** @type {string} */ name) => !name.startsWith(OWN) && !bounds.includes(name));

/**
 * Our time over that of the fastest peer in each part.
 * @param {any} results @param {Record<string, any>} parts traces or workloads
 * @returns {{ part: string, value: number, least: number, best: string }[]} by medians, and by least
 */
function overBestPeer(results, parts) {
  return Object.entries(parts ?? {}).flatMap(([part, byName]) => {
    const raced = peersIn(results).filter((/** @type {string} */ name) => usable(byName[name]) && !byName[name].errors);
    if (!usable(byName[OWN]) || !raced.length) return [];
    const [best] = raced.sort((/** @type {string} */ a, /** @type {string} */ b) => median(byName[a].steady) - median(byName[b].steady));
    const lowest = Math.min(...raced.map((/** @type {string} */ name) => leastOf(byName[name], 'steady')));
    return [{ part, best, value: median(byName[OWN].steady) / median(byName[best].steady), least: leastOf(byName[OWN], 'steady') / lowest }];
  });
}

const byLeast = (/** @type {number} */ value, text = '') => ` (${text}by least ${+value.toPrecision(3)})`;

/** @param {any} results */
function traceGoals(results) {
  const over = overBestPeer(results, results.traces);
  if (!over.length) return [];
  const wanted = timeGoals(results);
  return [
    ...timeAtMost(wanted.bestTrace, geomean(over.map(({ value }) => value)), byLeast(geomean(over.map(({ least }) => least)), `of ${over.length}, `)),
    .../** @type {const} */ (['steady', 'fresh']).flatMap((kind) => {
      const measured = traceRatio(results, OWN, kind);
      return measured ? timeAtMost(wanted[kind], measured.median, byLeast(measured.minimum)) : [];
    }),
  ];
}

/** @param {any} results */
function workloadGoals(results) {
  const over = overBestPeer(results, results.workloads);
  if (!over.length) return [];
  const worst = over.reduce((a, b) => b.value > a.value ? b : a);
  const wanted = timeGoals(results);
  return [
    ...timeAtMost(wanted.bestWorkload, geomean(over.map(({ value }) => value)), byLeast(geomean(over.map(({ least }) => least)), `of ${over.length}, `)),
    ...timeAtMost(wanted.worstWorkload, worst.value, ` (${worst.part} over ${worst.best})`),
  ];
}

/** @param {any} results */
function footprintGoals({ traces = {}, peakLive = {} }) {
  const large = Object.keys(traces).filter((trace) => peakLive[trace] > MEGABYTE && usable(traces[trace][OWN]) && usable(traces[trace][BASELINE]));
  if (!large.length) return [];
  const over = (/** @type {string[]} */ names, /** @type {string} */ name, /** @type {'bytes' | 'bytesRepeated'} */ kind) =>
    names.length ? geomean(names.map((trace) => traces[trace][name][kind] / peakLive[trace])) : NaN;
  /** @type {(names: string[], which: string) => Goal[]} */
  const compared = (names, which) => /** @type {const} */ ([['bytes', 'footprint over live'], ['bytesRepeated', 'footprint over live after 6 runs']])
    .flatMap(([kind, what]) => atMost('traces', `${what}, ${which}: at most ${BASELINE}'s`, +over(names, BASELINE, kind).toFixed(4), +over(names, OWN, kind).toFixed(4), '', ` (${names.length} traces)`));
  const others = large.filter((trace) => trace !== DECIDED_BY_ONE_HOLE);
  const worst = others.map((trace) => ({ trace, value: traces[trace][OWN].bytes / traces[trace][BASELINE].bytes })).reduce((a, b) => b.value > a.value ? b : a, { trace: 'none', value: NaN });
  return [
    ...compared(large, 'geomean of the traces over 1 MB'),
    ...large.length > others.length ? compared(others, `without ${DECIDED_BY_ONE_HOLE}`) : [],
    ...atMost('traces', `footprint over ${BASELINE}'s, the worst trace but ${DECIDED_BY_ONE_HOLE}`, 1.03, worst.value, '', ` (${worst.trace})`),
  ];
}

/** @param {any} results */
function sizeGoals({ size = {} }) {
  const alone = Object.values(size[OWN] ?? {})[0], whole = Object.values(size[`${OWN} direct`] ?? {})[0];
  return [
    ...atMost('size', 'code of malloc, free, calloc, realloc, aligned_alloc', 8000, alone?.raw, ' bytes'),
    ...atMost('size', 'the same, brotli', 3400, alone?.brotli, ' bytes'),
    ...atMost('size', 'the whole memory.wasm, brotli', 5300, whole?.brotli, ' bytes'),
  ];
}

/** @param {any} results */
function phaseGoals({ phases = {} }) {
  return Object.entries(phases).flatMap(([pattern, { [OWN]: own, [BASELINE]: base }]) =>
    usable(own) && usable(base) ? atMost('phases', `phases of small sizes, ${pattern} survive: pages over ${BASELINE}'s`, 1.3, own.bytes / base.bytes) : []);
}

/** @param {any} results */
function operationGoals({ latency = {}, refusals = {}, scaling = {} }) {
  const microseconds = (/** @type {number} */ nanoseconds) => nanoseconds / 1000;
  const [few, many] = [scalingAt(scaling[1e3]?.[OWN]), scalingAt(scaling[1e6]?.[OWN])];
  return [
    ...Object.entries(latency).flatMap(([live, { [OWN]: own }]) =>
      usable(own) ? atMost('latency', `the slowest operation but growth, ${live} blocks alive`, 50, microseconds(own.withoutGrowth.most), ' µs') : []),
    ...Object.entries(refusals).flatMap(([request, { [OWN]: own }]) =>
      usable(own) ? atMost('latency', `a refused malloc, ${request}`, 50, microseconds(median(own.nanoseconds)), ' µs') : []),
    ...atMost('scaling', 'replacing one of 10^6 small blocks over one of 10^3, without what touching them costs', 3, (many.steady - many.touch) / (few.steady - few.touch)),
  ];
}

/** @param {any} results */
function programGoals({ programs = {} }) {
  const both = Object.entries(programs).filter(([, { [OWN]: own, [BASELINE]: base }]) => usable(own) && usable(base));
  if (!both.length) return [];
  const times = both.map(([, { [OWN]: own, [BASELINE]: base }]) => ratio(own.milliseconds, base.milliseconds));
  const pages = both.map(([, { [OWN]: own, [BASELINE]: base }]) => own.pages / base.pages);
  const names = both.map(([name]) => name).join(', ');
  return [
    ...atMost('programs', `programs: time over ${BASELINE}'s, geomean`, 0.85, geomean(times.map((time) => time.median)), '', byLeast(geomean(times.map((time) => time.minimum)), `${names}; `)),
    ...atMost('programs', `programs: pages over ${BASELINE}'s, geomean`, 0.92, geomean(pages)),
  ];
}
