// Turns results into Markdown tables.
import { geomean, median, ratio } from './statistics.js';

const MEGABYTE = 1e6;

/** @param {any} results */
export function report(results) {
  return [
    results.engine && `${results.engine}, ${results.rounds} rounds; ratios over ${results.baseline}, the quartiles of the rounds in brackets.`,
    failures(results),
    traceSummary(results), traceTable(results, 'steady'), traceTable(results, 'fresh'), pageTable(results),
    workloadTable(results), programTable(results), scalingTable(results), latencyTable(results), growthTable(results), sizeTable(results),
  ].filter(Boolean).join('\n\n');
}

/** @param {string} title @param {string[]} head @param {(string | number)[][]} rows */
export function table(title, head, rows) {
  const cells = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => row[column].length)));
  const line = (/** @type {string[]} */ row) => `| ${row.map((cell, column) => column ? cell.padStart(widths[column]) : cell.padEnd(widths[column])).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => column ? '-'.repeat(width + 1) + ':' : '-'.repeat(width + 2)).join('|')}|`;
  return [`### ${title}`, '', line(cells[0]), rule, ...cells.slice(1).map(line)].join('\n');
}

/** @param {any} results */
function failures({ traces = {}, workloads = {}, scaling = {}, programs = {}, growth = {}, latency = {} }) {
  const lines = Object.entries({ ...traces, ...workloads, ...scaling, ...programs, ...growth, latency }).flatMap(([name, byCandidate]) =>
    Object.entries(byCandidate).filter(([, result]) => result.failed || result.errors)
      .map(([candidate, result]) => `**FAILED** ${candidate} on ${name}: ${result.failed ?? `${result.errors} blocks absent or damaged`}`));
  return lines.join('\n');
}

const missing = (/** @type {any} */ result) => result ? 'failed' : '-';
const usable = (/** @type {any} */ result) => result && !result.failed;
const number = (/** @type {number} */ value) => value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0);
const spread = (/** @type {ReturnType<typeof ratio>} */ { median, low, high }) => `${median.toFixed(3)} [${low.toFixed(2)} ${high.toFixed(2)}]`;

/** @param {any} results @param {string} name @param {'steady' | 'fresh'} kind the geomean over the traces, round by round */
export function traceRatio({ traces, baseline }, name, kind) {
  const names = Object.keys(traces).filter((trace) => usable(traces[trace][name]) && usable(traces[trace][baseline]));
  if (!names.length) return undefined;
  const rounds = traces[names[0]][name][kind].length;
  const overall = (/** @type {string} */ candidate) =>
    Array.from({ length: rounds }, (_, round) => geomean(names.map((trace) => traces[trace][candidate][kind][round])));
  return ratio(overall(name), overall(baseline));
}

/** The footprint over what is live at the peak, for traces whose peak is over 1 MB. @param {any} results
 *  @param {string} name @param {'bytes' | 'bytesRepeated'} kind */
export function pageRatio({ traces, peakLive }, name, kind) {
  const large = Object.keys(traces).filter((trace) => peakLive[trace] > MEGABYTE && usable(traces[trace][name]));
  return large.length ? geomean(large.map((trace) => traces[trace][name][kind] / peakLive[trace])) : NaN;
}

/** @param {any} results */
function traceSummary(results) {
  const { traces, candidates } = results;
  const names = Object.keys(traces ?? {});
  if (!names.length) return '';
  const rows = candidates.map((/** @type {any} */ { name }) => {
    const all = names.map((trace) => traces[trace][name]).filter(usable);
    const [steady, fresh] = [traceRatio(results, name, 'steady'), traceRatio(results, name, 'fresh')];
    return [name, ...all.length ? [
      number(geomean(all.map((result) => median(result.steady)))), steady ? spread(steady) : '-',
      number(geomean(all.map((result) => median(result.fresh)))), fresh ? spread(fresh) : '-',
      pageRatio(results, name, 'bytes').toFixed(3), pageRatio(results, name, 'bytesRepeated').toFixed(3),
      Math.max(...all.map((result) => result.grows)),
    ] : ['failed', '', '', '', '', '', '']];
  });
  return table(`Traces (${names.length}): geomean ns per operation, footprint over peak live bytes`,
    ['allocator', 'steady', 'ratio', 'fresh heap', 'ratio', 'footprint', 'after 6 runs', 'most grows'], rows);
}

/** @param {any} results @param {'steady' | 'fresh'} kind */
function traceTable({ traces, candidates }, kind) {
  const names = Object.keys(traces ?? {});
  if (!names.length) return '';
  return table(`Traces, ${kind === 'steady' ? 'steady' : 'on a fresh heap'}: ns per operation`, ['allocator', ...names],
    candidates.map((/** @type {any} */ { name }) =>
      [name, ...names.map((trace) => usable(traces[trace][name]) ? number(median(traces[trace][name][kind])) : missing(traces[trace][name]))]));
}

/** @param {any} results */
function pageTable({ traces, peakLive, candidates }) {
  const names = Object.keys(traces ?? {});
  if (!names.length) return '';
  const pages = (/** @type {number} */ bytes) => Math.ceil(bytes / 65536);
  return table('Traces: pages of 64 KiB after one run / after six (grows)', ['allocator', ...names], [
    ['(peak live)', ...names.map((trace) => number(peakLive[trace] / 65536))],
    ...candidates.map((/** @type {any} */ { name }) => [name, ...names.map((trace) => {
      const result = traces[trace][name];
      return usable(result) ? `${pages(result.bytes)}/${pages(result.bytesRepeated)} (${result.grows})` : missing(result);
    })]),
  ]);
}

/** @param {any} results */
function workloadTable({ workloads, candidates, baseline }) {
  const names = Object.keys(workloads ?? {});
  if (!names.length) return '';
  return table('Workloads: ns per malloc or realloc with its free and the checks', ['allocator', ...names, `geomean over ${baseline}`],
    candidates.map((/** @type {any} */ { name }) => {
      const both = names.filter((workload) => usable(workloads[workload][name]) && usable(workloads[workload][baseline]));
      const overall = both.map((workload) => ratio(workloads[workload][name].steady, workloads[workload][baseline].steady).median);
      return [name, ...names.map((workload) => usable(workloads[workload][name]) ? number(median(workloads[workload][name].steady)) : 'failed'),
        both.length ? geomean(overall).toFixed(3) : '-'];
    }));
}

/** @param {any} results */
function programTable({ programs, candidates, baseline }) {
  const names = Object.keys(programs ?? {});
  if (!names.length) return '';
  const rows = candidates.filter((/** @type {any} */ { name }) => programs[names[0]][name]).map((/** @type {any} */ { name }) => [name, ...names.flatMap((program) => {
    const [result, base] = [programs[program][name], programs[program][baseline]];
    if (!usable(result)) return [missing(result), '-', '-'];
    return [number(median(result.milliseconds)), usable(base) ? spread(ratio(result.milliseconds, base.milliseconds)) : '-', Math.ceil(result.pages)];
  })]);
  return table('Real programs', ['allocator', ...names.flatMap((name) => [`${name} ms`, 'ratio', 'pages'])], rows);
}

/** @param {any} results */
function scalingTable({ scaling, candidates }) {
  const counts = Object.keys(scaling ?? {});
  if (!counts.length) return '';
  const power = (/** @type {string} */ count) => `10^${Math.round(Math.log10(Number(count)))}`;
  return table('Scaling: ns to replace one small block when so many are alive; in brackets only touching its ends',
    ['allocator', ...counts.map(power), '10^6 over 10^3', 'without touching'],
    candidates.filter((/** @type {any} */ { name }) => scaling[counts[0]][name]).map((/** @type {any} */ { name }) => {
      const at = (/** @type {string | number} */ count) => {
        const result = scaling[count]?.[name];
        return usable(result) ? { steady: median(result.steady), touch: median(result.touch) } : { steady: NaN, touch: NaN };
      };
      const [few, many] = [at(1e3), at(1e6)];
      return [name, ...counts.map((count) => `${number(at(count).steady)} (${number(at(count).touch)})`),
        (many.steady / few.steady).toFixed(2), ((many.steady - many.touch) / (few.steady - few.touch)).toFixed(2)];
    }));
}

/** @param {any} results */
function latencyTable({ latency, candidates }) {
  if (!latency) return '';
  const shown = candidates.filter((/** @type {any} */ { name }) => usable(latency[name]));
  const heads = Object.keys(latency[shown[0]?.name]?.percentiles ?? {});
  return table('Single operations: ns, the clock and the call from JavaScript included; in brackets without those that grew the memory',
    ['allocator', ...heads], shown.map((/** @type {any} */ { name }) =>
      [name, ...heads.map((head) => `${latency[name].percentiles[head].toFixed(0)} (${latency[name].withoutGrowth[head].toFixed(0)})`)]));
}

/** @param {any} results */
function growthTable({ growth, candidates }) {
  const fills = Object.keys(growth ?? {});
  if (!fills.length) return '';
  return table('Growth: footprint over bytes asked for (pages, grows), ns per block', ['allocator', ...fills], candidates.map((/** @type {any} */ { name }) =>
    [name, ...fills.map((fill) => {
      const result = growth[fill][name];
      if (!usable(result)) return missing(result);
      return `${number(result.bytes / result.asked)} (${Math.ceil(result.bytes / 65536)}, ${result.grows}) ${number(median(result.nanoseconds))}`;
    })]));
}

/** @param {any} results */
function sizeTable({ size }) {
  const rows = Object.entries(size ?? {}).flatMap(([name, levels]) =>
    Object.entries(levels).map(([level, { raw, gzip, brotli }]) => [name, level, raw, gzip, brotli]));
  return rows.length ? table('Code: bytes', ['allocator', 'level', 'raw', 'gzip', 'brotli'], rows) : '';
}

/** @param {Record<string, import('./instructions.js').Counts>} counts by candidate */
export function instructionTable(counts) {
  const [names, parts] = [Object.keys(counts), Object.keys(Object.values(counts)[0] ?? {})];
  return table('Instructions executed (x86-64 by way of wasm2c) per allocation, and per operation of a trace', ['part', ...names],
    [...parts.map((part) => [part, ...names.map((name) => counts[name][part].toFixed(1))]),
      ['geomean', ...names.map((name) => geomean(Object.values(counts[name])).toFixed(1))]]);
}
