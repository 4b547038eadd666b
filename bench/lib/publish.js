// Keeps results in bench/results and writes what is shown of them: bench/results/README.md, the pictures, and the block
// between the markers in the README.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BENCH, REPOSITORY, fromNpm } from './build.js';
import { goalTable } from './goals.js';
import { markdown, pageRatio, report, traceRatio, usable } from './report.js';
import { geomean, median } from './statistics.js';

const RESULTS = join(BENCH, 'results');
const BEGIN = '<!-- bench: bench/run --readme writes what follows -->';
const END = '<!-- /bench -->';

/** Keeps results under the name of their engine: node-20.json. @param {any} results */
export function save(results) {
  const [name, version] = results.engine.toLowerCase().split(' ');
  const file = join(RESULTS, `${name}-${parseInt(version, 10)}.json`);
  writeFileSync(file, JSON.stringify(results, (_, value) => typeof value === 'number' ? +value.toPrecision(5) : value) + '\n');
  return file;
}

/** Writes everything that is derived from the kept results. */
export async function publish() {
  const kept = readdirSync(RESULTS).filter((file) => file.endsWith('.json')).sort().map((file) => JSON.parse(readFileSync(join(RESULTS, file), 'utf8')));
  if (!kept.length) throw new Error('bench/results holds no results: bench/run --save');
  const nodes = kept.filter(({ engine }) => engine.startsWith('Node')).sort((a, b) => parseFloat(a.engine.slice(5)) - parseFloat(b.engine.slice(5)));
  const [node20] = nodes;
  fromNpm('vega');
  const { plots } = await import('./plots.js');
  const pictures = await plots(node20);
  for (const [name, svg] of Object.entries(pictures)) writeFileSync(join(RESULTS, `${name}.svg`), svg + '\n');
  const table = goalTable(nodes);
  writeFileSync(join(RESULTS, 'README.md'), [
    '# Results', 'Written by `bench/run --readme` from the JSON files here; bench/README.md says how to read them.',
    '## Goals', table, ...Object.keys(pictures).map((name) => `![${name.replaceAll('_', ' ')}](${name}.svg)`),
    ...kept.flatMap((results) => [`## ${results.engine}`, provenance(results), report(results)]),
  ].join('\n\n') + '\n');
  intoReadme(headline(nodes));
}

/** @param {any} results */
function provenance({ machine }) {
  return `${machine.date}, commit ${machine.commit}, ${machine.processor}, ${machine.cores} cores, ${machine.memory}; ${machine.compiler}.`;
}

/** The three numbers at once, for each allocator. @param {any[]} nodes */
function headline(nodes) {
  const [first] = nodes;
  const rows = first.candidates.flatMap((/** @type {any} */ { name }) => {
    const footprint = pageRatio(first, name, 'bytes');
    if (!Number.isFinite(footprint)) return [];
    const smallest = Object.values(first.size[name] ?? {}).sort((a, b) => a.raw - b.raw)[0];
    const workloads = (/** @type {any} */ results) => {
      const all = Object.values(results.workloads).map((workload) => workload[name]).filter(usable);
      return all.length ? geomean(all.map((result) => median(result.steady))).toFixed(1) : '-';
    };
    return [[name, ...nodes.map((results) => traceRatio(results, name, 'steady')?.median.toFixed(2) ?? '-'), traceRatio(first, name, 'fresh')?.median.toFixed(2) ?? '-',
      footprint.toFixed(3), ...nodes.map(workloads), smallest ? `${smallest.raw} / ${smallest.brotli}` : '-']];
  });
  const short = (/** @type {any} */ { engine }) => engine.replace(/\..*/, '');
  return [
    markdown(['allocator', ...nodes.map((results) => `traces, ${short(results)}`), 'fresh heap', 'footprint', ...nodes.map((results) => `workloads ns, ${short(results)}`), 'code, raw / brotli'], rows),
    `Traces: time over ${first.baseline}'s, geomean of ${Object.keys(first.traces).length} recorded programs. Footprint: over the most bytes alive at once. ${provenance(first)}`,
    '[All results](bench/results/README.md), with the goals met and missed.',
  ].join('\n\n');
}

/** @param {string} text */
function intoReadme(text) {
  const file = join(REPOSITORY, 'README.md');
  if (!existsSync(file)) return;
  const readme = readFileSync(file, 'utf8');
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin) return console.error(`README.md has no block ${BEGIN} ... ${END}: not written`);
  writeFileSync(file, `${readme.slice(0, begin + BEGIN.length)}\n\n${text}\n\n${readme.slice(end)}`);
}
