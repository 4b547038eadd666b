// The results as Markdown, with pictures by Vega-Lite. Says where a goal is missed.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';

const median = values => [...values].sort((a, b) => a - b)[values.length >> 1];
const least = times => Math.min(...times);
/** The ratio of the least times, which tells most on a busy machine; the median of the ratios within rounds, and their quartiles. */
function ratio(times, link, over) {
  const ratios = times[link].map((time, round) => time / times[over][round]).sort((a, b) => a - b), at = part => ratios[Math.floor((ratios.length - 1) * part)];
  const best = least(times[link]) / least(times[over]);
  return { best, text: `${best.toFixed(2)}; ${at(0.5).toFixed(2)} [${at(0.25).toFixed(2)} - ${at(0.75).toFixed(2)}]` };
}
const table = rows => [rows[0], rows[0].map(() => '---'), ...rows.slice(1)].map(row => `| ${row.join(' | ')} |`).join('\n');
const speed = (bytes, milliseconds) => bytes / 1000 / milliseconds;
/** WebDriver sorts the names of what it returns. */
const inOrder = times => ['static', 'bound', 'early', 'auto', 'merge', 'direct', 'table', 'trampoline'].filter(link => link in times);
const whereOf = line => line === 'slow' ? '10 Mbit/s' : 'local';
const engineOf = agent => /Chrome\/[\d.]+|Firefox\/[\d.]+/.exec(agent)?.[0] ?? /Version\/[\d.]+ .*Safari/.exec(agent)?.[0] ?? agent;

/** @param {any} results @param {string} folder */
export async function report(results, folder) {
  const merger = brotliCompressSync(readFileSync(fileURLToPath(new URL('../../dist/memory.merge.js', import.meta.url)))).length;
  const goals = [['goal', 'wanted', 'found', '']];
  const goal = (name, wanted, found, met) => goals.push([name, wanted, found, met ? 'met' : '**not met**']);
  const big = results.cost.filter(({ bytes }) => bytes > 500000);
  for (const [code, wanted] of [['rewritten', 100], ['copied', 500]]) {
    for (const version of new Set(big.map(entry => entry.version))) {
      const ours = big.filter(entry => entry.code === code && entry.version === version), slowest = kind => Math.min(...ours.map(entry => speed(entry.bytes, entry[kind])));
      goal(`merging from 1 MB up, code ${code}, Node ${version}`, `>= ${wanted} MB/s`, `${slowest('warm').toFixed(0)} MB/s warm, ${slowest('cold').toFixed(0)} cold`, slowest('warm') >= wanted);
    }
  }
  goal('the merger, memory.merge.js, minified, brotli', '<= 4096 bytes', `${merger} bytes`, merger <= 4096);
  const sections = [];
  for (const browser of Object.values(results.browsers)) {
    const engine = engineOf(browser.engine), pair = ratio(browser.pair, 'merge', 'static');
    goal(`pair, merged over static, ${engine}`, '<= 1.05', pair.text, pair.best <= 1.05);
    for (const line of ['slow', 'local']) {
      for (const [mode, how] of [['auto', ''], ['early', ', fetched by the page itself']]) {
        const first = ratio(browser[line].times, mode, 'static');
        goal(`first malloc, auto${how}, over static, ${whereOf(line)}, ${engine}`, '<= 1.05', first.text, first.best <= 1.05);
      }
    }
    sections.push(`### ${engine}\n`, table([
      ['', ...inOrder(browser.pair)],
      ...['pair', 'trees'].map(what => [`${what === 'pair' ? 'one malloc and free, ns' : 'a tree of 8,191 nodes grown and felled, ns'}`, ...inOrder(browser[what]).map(link => least(browser[what][link]).toFixed(what === 'pair' ? 2 : 0))]),
      ...['pair', 'trees'].map(what => [`${what} over static`, ...inOrder(browser[what]).map(link => ratio(browser[what], link, 'static').text)]),
    ]), '', table([
      ['from navigation to the first malloc, a 1 MB program, ms', ...inOrder(browser.slow.times).map(link => browser.slow.used[link] === link ? link : `${link} (${browser.slow.used[link]})`)],
      ...['slow', 'local'].map(line => [whereOf(line), ...inOrder(browser[line].times).map(link => `${least(browser[line].times[link]).toFixed(0)} (${median(browser[line].times[link]).toFixed(0)})`)]),
    ]), '');
  }
  const costs = table([['program', 'code', 'Node', 'cold, ms', 'MB/s', 'warm, ms', 'MB/s'], ...results.cost.map(({ bytes, code, version, cold, warm }) =>
    [`${(bytes / 1e6).toFixed(1)} MB`, code, version, cold.toFixed(1), speed(bytes, cold).toFixed(0), warm.toFixed(1), speed(bytes, warm).toFixed(0)])]);
  await plot(results, folder);
  writeFileSync(join(folder, 'README.md'), `# Merging: what it costs and what it gives

${results.machine}; commit ${results.commit}; by \`node bench/merge/run.js\`. The browsers' figures are wall clock, on a machine
that did other things too: a time is the least of all rounds (in parentheses the median), a ratio that of the least times; behind it stands the median of the ratios within rounds, with quartiles.

${table(goals)}

## The cost of a merge

CPU time. Cold is the first merge of a process, warm the best of those in a second and a half, at least twelve. "copied": no index moves; "rewritten": the calls of the heap's functions do.

${costs}

![cost against size](cost.svg)

## The link modes

To the first malloc, \`early\` is \`auto\` in a page that begins \`fetch('./program.wasm')\` in its first script and gives the promise to \`load\`; \`bound\` is \`static\` beside an empty module and memory.wasm: the
least that a loader in a file of its own can cost.

${sections.join('\n')}
![a pair in each mode](pair.svg)
`);
}

/** @param {any} results @param {string} folder */
async function plot(results, folder) {
  const require = createRequire(new URL('../package.json', import.meta.url));
  const [vega, { compile }] = await Promise.all(['vega', 'vega-lite'].map(name => import(require.resolve(name))));
  const draw = async (name, spec) => {
    const view = new vega.View(vega.parse(compile({ $schema: 'https://vega.github.io/schema/vega-lite/v6.json', ...spec, config: { background: 'white', font: 'sans-serif' } }).spec), { renderer: 'none' });
    writeFileSync(join(folder, `${name}.svg`), await view.toSVG());
    view.finalize();
  };
  await draw('cost', {
    width: 480, height: 280, title: 'Merging: CPU time against size', mark: { type: 'line', point: true },
    data: { values: results.cost.flatMap(({ bytes, code, version, cold, warm }) => [{ bytes, ms: cold, what: `${code}, cold, ${version}` }, { bytes, ms: warm, what: `${code}, warm, ${version}` }]) },
    encoding: {
      x: { field: 'bytes', type: 'quantitative', scale: { type: 'log' }, title: 'program, bytes' }, y: { field: 'ms', type: 'quantitative', scale: { type: 'log' }, title: 'ms' },
      color: { field: 'what', type: 'nominal', title: null, legend: { labelLimit: 300 } },
    },
  });
  await draw('pair', {
    width: { step: 18 }, height: 240, title: 'One malloc and free', mark: 'bar',
    data: { values: Object.values(results.browsers).flatMap(({ engine, pair }) => Object.entries(pair).map(([link, times]) => ({ engine: engineOf(engine), link, ns: least(times) }))) },
    encoding: {
      x: { field: 'link', type: 'nominal', sort: null, title: null }, y: { field: 'ns', type: 'quantitative', title: 'ns' },
      column: { field: 'engine', type: 'nominal', title: null }, color: { field: 'link', type: 'nominal', legend: null },
    },
  });
}
