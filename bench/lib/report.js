// Turns results into Markdown tables, one function per section.
import { geomean, median, ratio } from './statistics.js';

const MEGABYTE = 1e6;
const PAGE = 65536;

/** @param {any} results @param {string} [heading] Markdown's for the sections */
export function report(results, heading = '###') {
  const sections = [traceSummary, traceTable('steady'), traceTable('fresh'), pageTable, workloadTable, phasesTable, programTable, scalingTable, ...latencyTables(results), refusalTable, growthTable, sizeTable, sourceTable];
  const tables = sections.flatMap((section) => section(results) ?? []).filter(({ rows }) => rows.length);
  return [
    results.engine && `${results.engine}, ${results.rounds} rounds; ratios over ${results.baseline}${isBrowser(results) ? '; the least time of each piece of about a millisecond' : ', the quartiles of the rounds in brackets'}.`,
    failures(results),
    ...tables.map(({ title, head, rows }) => `${heading} ${title}\n\n${markdown(head, rows)}`),
  ].filter(Boolean).join('\n\n');
}

/** @typedef {{ title: string, head: string[], rows: (string | number)[][] }} Table */

/** @param {string[]} head @param {(string | number)[][]} rows */
export function markdown(head, rows) {
  const cells = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => row[column].length)));
  const line = (/** @type {string[]} */ row) => `| ${row.map((cell, column) => column ? cell.padStart(widths[column]) : cell.padEnd(widths[column])).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => column ? '-'.repeat(width + 1) + ':' : '-'.repeat(width + 2)).join('|')}|`;
  return [line(cells[0]), rule, ...cells.slice(1).map(line)].join('\n');
}

/** @param {any} results */
function failures({ traces, workloads, scaling, programs, growth, phases, latency, refusals }) {
  return Object.entries({ ...traces, ...workloads, ...scaling, ...programs, ...growth, ...phases, ...latency, ...refusals }).flatMap(([part, byCandidate]) =>
    Object.entries(byCandidate).filter(([, result]) => result.failed || result.errors)
      .map(([candidate, result]) => `**FAILED** ${candidate} on ${part}: ${result.failed ?? `${result.errors} blocks absent or damaged`}`)).join('\n');
}

/** There interruptions count, so that only the least times are shown. @param {any} results */
const isBrowser = ({ engine }) => !engine.startsWith('Node');

export const usable = (/** @type {any} */ result) => Boolean(result) && !result.failed;
const missing = (/** @type {any} */ result) => result ? 'failed' : '-';
const number = (/** @type {number} */ value) => value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0);
const spread = (/** @type {ReturnType<typeof ratio>} */ { median, low, high }) => `${median.toFixed(3)} [${low.toFixed(2)} ${high.toFixed(2)}]`;

/** Candidates of which a section says anything, in the order they were given. @param {any} results @param {Record<string, any>} section
 *  @returns {string[]} */
function present({ candidates }, section) {
  return candidates.map((/** @type {any} */ { name }) => name).filter((/** @type {string} */ name) => Object.values(section).some((part) => part[name]));
}

/** @param {any} result @param {'steady' | 'fresh'} kind @returns {number} */
const medianOf = (result, kind) => median(result[kind]);

/** The least time of a trace or a workload. @param {any} result @param {'steady' | 'fresh'} kind @returns {number} */
export function leastOf(result, kind) {
  return result.least?.[kind] ?? Math.min(...result[kind]);
}

/** The geomean over the traces, round by round. @param {any} results @param {string} name @param {'steady' | 'fresh'} kind */
export function traceRatio({ traces, baseline }, name, kind) {
  const names = Object.keys(traces).filter((trace) => usable(traces[trace][name]) && usable(traces[trace][baseline]));
  if (!names.length || !traces[names[0]][name][kind].length) return undefined;
  const rounds = traces[names[0]][name][kind].length;
  const overall = (/** @type {string} */ candidate) =>
    Array.from({ length: rounds }, (_, round) => geomean(names.map((trace) => traces[trace][candidate][kind][round])));
  const least = (/** @type {string} */ candidate) => geomean(names.map((trace) => leastOf(traces[trace][candidate], kind)));
  return { ...ratio(overall(name), overall(baseline)), minimum: least(name) / least(baseline) };
}

/** The footprint over what is live at the peak, for traces whose peak is over 1 MB. @param {any} results
 *  @param {string} name @param {'bytes' | 'bytesRepeated'} kind */
export function pageRatio({ traces, peakLive }, name, kind) {
  const large = Object.keys(traces).filter((trace) => peakLive[trace] > MEGABYTE && usable(traces[trace][name]));
  return large.length ? geomean(large.map((trace) => traces[trace][name][kind] / peakLive[trace])) : NaN;
}

/** A workload's cost over the baseline's. @param {any} results @param {string} workload @param {string} name @param {string} [baseline] */
export function workloadRatio({ workloads, baseline: usual }, workload, name, baseline = usual) {
  const [result, base] = [workloads[workload][name], workloads[workload][baseline]];
  return usable(result) && usable(base) ? ratio(result.steady, base.steady) : undefined;
}

/** @param {any} results @returns {Table} */
function traceSummary(results) {
  const { traces = {} } = results;
  const rows = present(results, traces).map((name) => {
    const all = Object.values(traces).map((trace) => trace[name]).filter(usable);
    if (!all.length) return [name, ...Array(11).fill('failed')];
    const times = (/** @type {'steady' | 'fresh'} */ kind) => {
      const over = traceRatio(results, name, kind);
      if (!all.every((result) => result[kind].length)) return ['-', '-', '-', '-'];
      if (isBrowser(results)) return ['-', number(geomean(all.map((result) => leastOf(result, kind)))), '-', over ? over.minimum.toFixed(3) : '-'];
      return [number(geomean(all.map((result) => median(result[kind])))), number(geomean(all.map((result) => leastOf(result, kind)))),
        over ? spread(over) : '-', over ? over.minimum.toFixed(3) : '-'];
    };
    return [name, ...times('steady'), ...times('fresh'),
      pageRatio(results, name, 'bytes').toFixed(3), pageRatio(results, name, 'bytesRepeated').toFixed(3),
      !isBrowser(results) ? Math.max(...all.map((result) => result.grows)) : '-'];
  });
  return {
    title: `Traces (${Object.keys(traces).length}): geomean ns per operation, footprint over peak live bytes`,
    head: ['allocator', ...['steady', 'fresh heap'].flatMap((kind) => [kind, 'least', 'ratio', 'of least']), 'footprint', 'after 6 runs', 'most grows'], rows,
  };
}

/** @param {'steady' | 'fresh'} kind @returns {(results: any) => Table | undefined} */
function traceTable(kind) {
  return (results) => {
    const { traces = {} } = results;
    const measured = Object.values(traces).some((trace) => Object.values(trace).some((result) => usable(result) && result[kind].length));
    if (!measured) return undefined;
    const cell = (/** @type {any} */ result) => usable(result) ? number((isBrowser(results) ? leastOf : medianOf)(result, kind)) : missing(result);
    return {
      title: `Traces, ${kind === 'steady' ? 'steady' : 'on a fresh heap'}: ns per operation`,
      head: ['allocator', ...Object.keys(traces)],
      rows: present(results, traces).map((name) => [name, ...Object.values(traces).map((trace) => cell(trace[name]))]),
    };
  };
}

/** @param {any} results @returns {Table} */
function pageTable(results) {
  const { traces = {}, peakLive } = results;
  const names = Object.keys(traces);
  const pages = (/** @type {number} */ bytes) => Math.ceil(bytes / PAGE);
  const cell = (/** @type {any} */ result) => usable(result) ? `${pages(result.bytes)}/${pages(result.bytesRepeated)}${result.grows === undefined ? '' : ` (${result.grows})`}` : missing(result);
  const rows = present(results, traces).map((name) => [name, ...names.map((trace) => cell(traces[trace][name]))]);
  return {
    title: 'Traces: pages of 64 KiB after one run / after six (grows)',
    head: ['allocator', ...names],
    rows: rows.length ? [['(peak live)', ...names.map((trace) => number(peakLive[trace] / PAGE))], ...rows] : [],
  };
}

/** @param {any} results @returns {Table} */
function workloadTable(results) {
  const { workloads = {}, baseline } = results;
  const names = Object.keys(workloads);
  const cell = (/** @type {any} */ result) => usable(result) ? number((isBrowser(results) ? leastOf : medianOf)(result, 'steady')) : missing(result);
  return {
    title: 'Workloads: ns per malloc or realloc with its free and the checks',
    head: ['allocator', ...names, `geomean over ${baseline}`, 'of least'],
    rows: present(results, workloads).map((name) => {
      const ratios = names.flatMap((workload) => workloadRatio(results, workload, name) ?? []);
      const overall = (/** @type {'median' | 'minimum'} */ kind) => ratios.length ? geomean(ratios.map((each) => each[kind])).toFixed(3) : '-';
      return [name, ...names.map((workload) => cell(workloads[workload][name])), isBrowser(results) ? '-' : overall('median'), overall('minimum')];
    }),
  };
}

/** @param {any} results @returns {Table} */
function phasesTable(results) {
  const { phases = {} } = results;
  const cell = (/** @type {any} */ result) => usable(result) ? `${Math.ceil(result.bytes / PAGE)} (${number(median(result.milliseconds))})` : missing(result);
  return {
    title: 'Phases: 32 small sizes in turn, 4 MiB each, of which one block in so many survives: pages at the end (CPU ms)',
    head: ['allocator', ...Object.keys(phases)],
    rows: present(results, phases).map((name) => [name, ...Object.values(phases).map((pattern) => cell(pattern[name]))]),
  };
}

/** @param {any} results @returns {Table} */
function programTable(results) {
  const { programs = {}, baseline } = results;
  const names = Object.keys(programs);
  const cells = (/** @type {any} */ result, /** @type {any} */ base) => usable(result)
    ? [number(median(result.milliseconds)), usable(base) ? spread(ratio(result.milliseconds, base.milliseconds)) : '-', Math.ceil(result.pages)]
    : [missing(result), '-', '-'];
  return {
    title: 'Real programs',
    head: ['allocator', ...names.flatMap((name) => [`${name} ms`, 'ratio', 'pages'])],
    rows: present(results, programs).map((name) => [name, ...names.flatMap((program) => cells(programs[program][name], programs[program][baseline]))]),
  };
}

/** The medians of one count of live blocks. @param {any} result */
export function scalingAt(result) {
  return usable(result) ? { steady: median(result.steady), touch: median(result.touch) } : { steady: NaN, touch: NaN };
}

/** @param {any} results @returns {Table} */
function scalingTable(results) {
  const { scaling = {} } = results;
  const counts = Object.keys(scaling);
  return {
    title: 'Scaling: ns to replace one small block when so many are alive; in brackets only touching its ends',
    head: ['allocator', ...counts.map((count) => `10^${Math.round(Math.log10(Number(count)))}`), '10^6 over 10^3', 'without touching'],
    rows: present(results, scaling).map((name) => {
      const at = (/** @type {string | number} */ count) => scalingAt(scaling[count]?.[name]);
      const [few, many] = [at(1e3), at(1e6)];
      return [name, ...counts.map((count) => `${number(at(count).steady)} (${number(at(count).touch)})`),
        (many.steady / few.steady).toFixed(2), ((many.steady - many.touch) / (few.steady - few.touch)).toFixed(2)];
    }),
  };
}

/** A table for each number of live blocks. @param {any} results @returns {((results: any) => Table | undefined)[]} */
function latencyTables({ latency = {} }) {
  return Object.entries(latency).map(([live, byName]) => ({ candidates }) => {
    const shown = candidates.map((/** @type {any} */ { name }) => name).filter((/** @type {string} */ name) => usable(byName[name]));
    if (!shown.length) return undefined;
    const heads = Object.keys(byName[shown[0]].percentiles);
    return {
      title: `Single operations, some ${live} blocks alive: ns, the clock and the call from JavaScript included; in brackets without those that grew the memory`,
      head: ['allocator', ...heads],
      rows: shown.map((/** @type {string} */ name) =>
        [name, ...heads.map((head) => `${byName[name].percentiles[head].toFixed(0)} (${byName[name].withoutGrowth[head].toFixed(0)})`)]),
    };
  });
}

/** @param {any} results @returns {Table} */
function refusalTable(results) {
  const { refusals = {} } = results;
  const cell = (/** @type {any} */ result) => usable(result) ? number(median(result.nanoseconds)) : missing(result);
  return {
    title: 'Refusals: ns for a malloc that returns NULL in a full memory of 64 MB, every second block of which was freed',
    head: ['allocator', ...Object.keys(refusals)],
    rows: present(results, refusals).map((name) => [name, ...Object.values(refusals).map((request) => cell(request[name]))]),
  };
}

/** @param {any} results @returns {Table} */
function growthTable(results) {
  const { growth = {} } = results;
  const cell = (/** @type {any} */ result) => usable(result)
    ? `${number(result.bytes / result.asked)} (${Math.ceil(result.bytes / PAGE)}, ${result.grows}) ${number(median(result.nanoseconds))}` : missing(result);
  return {
    title: 'Growth: footprint over bytes asked for (pages, grows), ns per block',
    head: ['allocator', ...Object.keys(growth)],
    rows: present(results, growth).map((name) => [name, ...Object.values(growth).map((fill) => cell(fill[name]))]),
  };
}

/** @param {any} results @returns {Table} */
function sizeTable({ size = {} }) {
  return {
    title: 'Code: bytes',
    head: ['allocator', 'level', 'raw', 'gzip', 'brotli'],
    rows: Object.entries(size).flatMap(([name, levels]) => Object.entries(levels).map(([level, { raw, gzip, brotli }]) => [name, level, raw, gzip, brotli])),
  };
}

/** @param {any} results @returns {Table} */
function sourceTable({ candidates }) {
  return {
    title: 'Where each comes from',
    head: ['allocator', 'source'],
    rows: candidates.filter((/** @type {any} */ { source }) => source).map((/** @type {any} */ { name, source }) => [name, source]),
  };
}

/** @param {Record<string, import('./instructions.js').Counts>} counts by candidate */
export function instructionTable(counts) {
  const [names, parts] = [Object.keys(counts), Object.keys(Object.values(counts)[0] ?? {})];
  return 'Instructions executed (x86-64 by way of wasm2c) per allocation, and per operation of a trace\n\n' + markdown(['part', ...names], [
    ...parts.map((part) => [part, ...names.map((name) => counts[name][part].toFixed(1))]),
    ['geomean', ...names.map((name) => geomean(Object.values(counts[name])).toFixed(1))]]);
}
