// node bench/merge/run.js [--short] [--only cost|browsers] [--node path ...] [--program file] : measures the merger and the link modes, and writes bench/merge/results (JSON, Markdown, SVG).

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { browsers } from '../../tests/e2e/browsers.js';
import { buildBig, buildPair, grown, kOut, withFiller } from './programs.js';
import { report } from './report.js';
import { start } from './server.js';

const { short, only, node, program: sample } = parseArgs({ options: {
  short: { type: 'boolean', default: false }, only: { type: 'string' }, node: { type: 'string', multiple: true, default: [process.execPath] }, program: { type: 'string' },
} }).values;
const here = name => fileURLToPath(new URL(name, import.meta.url));

/** The cost of merging against the size of the program. @param {string} engine a Node */
function cost(engine) {
  const small = new Uint8Array(readFileSync(`${kOut}/pair.wasm`)), large = new Uint8Array(readFileSync(sample ?? `${kOut}/pair.big.wasm`));
  const version = execFileSync(engine, ['--version'], { encoding: 'utf8' }).trim();
  const sizes = short ? [1e5, 1e6] : [1e5, 3e5, 1e6, 3e6, 1e7, 3e7];
  return sizes.flatMap(size => {
    const file = `${kOut}/grown.wasm`;
    writeFileSync(file, size < large.length ? withFiller(small, size) : grown(large, size));
    return ['copied', 'rewritten'].map(code => ({ version, ...JSON.parse(execFileSync(engine, [here('cost.js'), file, code], { encoding: 'utf8' })) }));
  });
}

buildPair();
buildBig(1e6);
/** What is not measured this time stays as it was. */
const kept = only ? JSON.parse(readFileSync(here('results/results.json'), 'utf8')) : {};
const results = {
  machine: `${cpus()[0].model}, ${cpus().length} cores`,
  commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(),
  merger: readFileSync(here('../../dist/memory.merge.js')).length,
  cost: only === 'browsers' ? kept.cost : node.flatMap(cost),
  browsers: /** @type {Record<string, any>} */ (kept.browsers ?? {}),
};
const server = await start();
for (const name of only === 'cost' ? [] : short ? ['chromium'] : ['chromium', 'firefox', 'webkit']) {
  console.error(name);
  try {
    results.browsers[name] = await browsers[name](`${server.address}bench/merge/page.html`, 'globalThis.results');
  } catch (error) {
    console.error(`${name} was not measured: ${error.message}`);
    process.exitCode = 1;
  }
}
server.stop();
results.machine += `, load average ${loadavg()[1].toFixed(0)}`;
mkdirSync(here('results'), { recursive: true });
writeFileSync(here('results/results.json'), `${JSON.stringify(results, null, 1)}\n`);
await report(results, here('results'));
