// Keeps results in bench/results and writes what is shown of them: bench/results/README.md, the pictures, and the block
// between the markers in the README.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BENCH, REPOSITORY, fromNpm } from './build.js';
import { goalTable } from './goals.js';
import { markdown, pageRatio, report, traceRatio, workloadRatio } from './report.js';
import { geomean } from './statistics.js';

const OWN = 'memory.wasm';
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
  intoReadme(headline(nodes, kept));
}

/** @param {any} results */
function provenance({ machine }) {
  return `${machine.date}, commit ${machine.commit}, ${machine.processor}, ${machine.cores} cores, ${machine.memory}; ${machine.compiler}.`;
}

/** Time, footprint and code at once, for each allocator; then how a program reaches ours, in every engine. @param {any[]} nodes @param {any[]} all */
function headline(nodes, all) {
  const [first] = nodes;
  const rows = first.candidates.flatMap((/** @type {any} */ { name }) => {
    const footprint = pageRatio(first, name, 'bytes');
    if (!Number.isFinite(footprint)) return [];
    const smallest = Object.values(first.size[name] ?? {}).sort((a, b) => a.raw - b.raw)[0];
    const workloads = (/** @type {any} */ results) => {
      const all = Object.keys(results.workloads).flatMap((workload) => workloadRatio(results, workload, name) ?? []);
      return all.length ? geomean(all.map((over) => over.median)).toFixed(2) : '-';
    };
    return [[name, ...nodes.map((results) => traceRatio(results, name, 'steady')?.median.toFixed(2) ?? '-'), traceRatio(first, name, 'fresh')?.median.toFixed(2) ?? '-',
      footprint.toFixed(3), ...nodes.map(workloads), smallest ? `${smallest.raw} / ${smallest.brotli}` : '-']];
  });
  const short = (/** @type {any} */ { engine }) => engine.replace(/\..*/, '');
  return [
    markdown(['allocator', ...nodes.map((results) => `traces, ${short(results)}`), 'fresh heap', 'footprint', ...nodes.map((results) => `workloads, ${short(results)}`), 'code, raw / brotli'], rows),
    `Times are over ${first.baseline}'s: geomean of ${Object.keys(first.traces).length} recorded programs and of ${Object.keys(first.workloads).length} workloads. Footprint: over the most bytes alive at once. ${provenance(first)}`,
    linkTable(all),
    'All results, with the goals met and missed: `bench/results/README.md` in the repository.',
  ].join('\n\n');
}

/** The ways to link, side by side. @param {any[]} all */
function linkTable(all) {
  const links = { [OWN]: 'linked statically', [`${OWN} merged`]: 'merged', [`${OWN} direct`]: 'direct' };
  const rows = Object.entries(links).map(([name, text]) => [text, ...all.map((results) => traceRatio(results, name, 'steady')?.minimum.toFixed(2) ?? '-')]);
  return [
    markdown(['memory.wasm', ...all.map(({ engine }) => engine.replace(/(\d)\..*/, '$1'))], rows),
    `Traces by the way to link: least time over ${all[0].baseline}'s, which is linked statically; ${all.map((results) => `${Object.keys(results.traces).length} in ${results.engine.replace(/(\d)\..*/, '$1')}`).join(', ')}.`,
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
