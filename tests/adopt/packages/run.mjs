// The table of packages: what adoption makes of programs that others have built. Installs the packages of package.json into build/adopt, as they
// are, and has each do its own job (jobs.mjs) twice: as it is, and adopted (preload.mjs).
//
//     node tests/adopt/packages/run.mjs [--node FILE] [--tries N] [NAME...]
//
// Prints a row a program: found by what; replaced, hooked or left alone and why; whether the output is the same; CPU time of the job with adoption
// over the time without, the least of N (3); the cost of adopting; pages, blocks in use at the end, and the heap's own check. Exits with 1 if an
// output changed, or a heap is broken.

import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kJobs } from './jobs.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const folder = here('../../../build/adopt');
const kTries = 3;

/** The folder with the packages, installed once. */
export function installed() {
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, 'node_modules'))) {
    copyFileSync(here('package.json'), join(folder, 'package.json'));
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  return folder;
}

/** What a job says, or why it fails. */
function run(node, name, ...options) {
  const { stdout, stderr } = spawnSync(node, [...options, here('jobs.mjs'), name], { cwd: folder, encoding: 'utf8', timeout: 600_000 });
  const line = stdout?.split('\n').find((text) => text.startsWith('RESULT '));
  return line ? JSON.parse(line.slice(7)) : { error: /\w*Error.*/.exec(stderr)?.[0] ?? stderr?.slice(0, 200) };
}

/** One job, as it is and adopted. */
export function compared(node, name, tries = kTries) {
  const rounds = Array.from({ length: tries }, () => [run(node, name), run(node, name, '--import', here('preload.mjs'))]);
  const [before, after] = [0, 1].map((k) => rounds.map((round) => round[k]));
  const least = (results) => Math.min(...results.map(({ ms, adopted }) => ms - (adopted ?? []).reduce((sum, { adoptMs }) => sum + adoptMs, 0)));
  const [{ hash, error: alone }] = before;
  const [{ adopted = [], error }] = after;
  return { name, alone, error, same: !error && rounds.every((round) => round.every((one) => one.hash === hash)), ratio: least(after) / least(before), adopted };
}

function print({ name, alone, error, same, ratio, adopted }) {
  if (alone) return console.log(`${name}: does not run here: ${alone}`);
  console.log(`${name}: output ${same ? 'same' : `CHANGED ${error ?? ''}`}, time ${ratio.toFixed(2)}`);
  for (const { byteLength, mode, kind = 'no dlmalloc', by, roles, reasons, adoptMs, pages, blocks, check } of adopted) {
    const found = roles ? `${roles} functions by ${by}` : 'nothing found';
    const state = mode === 'replaced' ? `, ${pages} pages, ${blocks} blocks in use, check ${check || 'whole'}` : '';
    console.log(`  ${(byteLength / 1000).toFixed(0)} KB, ${kind}: ${mode}, ${found}, in ${adoptMs} ms${state}${reasons.length ? `\n      ${reasons.slice(0, 2).join('\n      ')}` : ''}`);
  }
}

if (process.argv[1] === here('run.mjs')) {
  const wanted = process.argv.slice(2);
  const option = (name, otherwise) => {
    const at = wanted.indexOf(name);
    return at < 0 ? otherwise : wanted.splice(at, 2)[1];
  };
  const node = option('--node', process.execPath);
  const tries = Number(option('--tries', kTries));
  installed();
  const results = (wanted.length ? wanted : Object.keys(kJobs)).map((name) => {
    const result = compared(node, name, tries);
    print(result);
    return result;
  });
  const run = results.filter(({ alone }) => !alone);
  const programs = run.flatMap(({ adopted }) => adopted);
  const dlmalloc = programs.filter(({ kind }) => kind);
  const changed = run.filter(({ same }) => !same);
  const broken = programs.filter(({ check }) => check);
  console.log(
    `${run.length} packages: ${changed.length} outputs changed, ${broken.length} heaps broken; of ${dlmalloc.length} programs with dlmalloc ` +
      `${dlmalloc.filter(({ mode }) => mode === 'replaced').length} replaced, ${dlmalloc.filter(({ mode }) => mode === 'hooked').length} hooked`,
  );
  if (changed.length || broken.length) process.exitCode = 1;
}
