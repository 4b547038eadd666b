// node tests/fuzz/modules.js [--time SECONDS] [--seed N] [--keep]: fuzzes all that reads a program: the merger, the instrumenter, the adopter, `link`,
// `inspect` and `load` with its options and responses. Guided by coverage: an input that reaches code of js/ that none reached before is kept and changed
// further.
//
// It begins with tests/fuzz/modules. What it learns is in build/fuzz/modules, an input that something is wrong with in build/fuzz/module-*, to be
// passed to `node tests/fuzz/modules.js FILE...`. --keep puts the fewest inputs that reach as much code back into tests/fuzz/modules.
//
// The fuzzing is done by a process of its own: where it hangs or runs out of memory, the input that it was at is in a file.

import { createHash } from 'node:crypto';
import { execFileSync, fork } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Coverage } from './coverage.js';
import { mutated, Random } from './module-mutations.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const kKept = fileURLToPath(new URL('modules', import.meta.url));
const kOut = join(root, 'build/fuzz');
const kLearned = join(kOut, 'modules');

/** Seconds of CPU time without a sign of life until the process counts as hanging. */
const kPatience = 60;
/** Seconds after which a process ends and another goes on: so that one that leaks is no problem. */
const kShift = 1200;
const kLongest = 6000;

const filesIn = (folder) => (existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []);
const nameOf = (bytes) => createHash('sha1').update(bytes).digest('hex');

/** The tools, with what they load. Only a process that fuzzes needs them. */
async function tools() {
  const { kTools, tryTool } = await import('./module-tools.js');
  const { tryLoad } = await import('./load-inputs.js');
  /** Tries everything on one input. @param {Uint8Array} bytes @param {number} seed */
  return async (bytes, seed) => {
    for (const tool of Object.keys(kTools)) tryTool(tool, bytes, new Random(seed));
    await tryLoad(bytes, new Random(seed));
  };
}

/** Prints what is wrong with an input, and keeps that. */
function report(bytes, seed, error) {
  const file = join(kOut, `module-${nameOf(bytes).slice(0, 10)}-${seed}`);
  writeFileSync(file, bytes);
  console.error(`${file}: ${error.stack}`);
}

/** Fuzzes for so many seconds. */
async function fuzz(seconds, seed) {
  const current = join(kOut, `module-current-${process.pid}`);
  const coverage = new Coverage(new URL('../../js/', import.meta.url).href);
  const tryAll = await tools();
  const inputs = [];
  const found = new Set();
  const counts = { inputs: 0, kept: 0, findings: 0 };
  const run = async (bytes, number) => {
    writeFileSync(current, bytes);
    writeFileSync(`${current}.seed`, String(number));
    counts.inputs++;
    try {
      await tryAll(bytes, number);
    } catch (error) {
      const where = error.stack.split('\n').slice(0, 3).join().replaceAll(/\d+/g, '');
      if (!found.has(where)) {
        found.add(where);
        counts.findings++;
        report(bytes, number, error);
      }
    }
  };
  const tell = () => process.send({ ...counts, corpus: inputs.length, coverage: coverage.size, cpu: Math.round(process.cpuUsage().user / 1e6) });
  for (const file of [...filesIn(kKept), ...filesIn(kLearned)]) {
    const bytes = new Uint8Array(readFileSync(file));
    await run(bytes, 0);
    if (coverage.news()) inputs.push(bytes);
    tell();
  }
  const random = new Random(seed);
  for (const end = Date.now() + 1000 * seconds; Date.now() < end;) {
    const bytes = mutated(random, random.of(inputs), random.of(inputs));
    if (bytes.length > kLongest) continue;
    await run(bytes, random.below(2 ** 32));
    if (coverage.news()) {
      counts.kept++;
      inputs.push(bytes);
      writeFileSync(join(kLearned, nameOf(bytes)), bytes);
    }
    if (counts.inputs % 50 === 0) tell();
  }
  tell();
  rmSync(current);
  rmSync(`${current}.seed`);
  process.exit();
}

/** Seconds of CPU time of a process, which may have ended. @param {number} pid */
function cpuSeconds(pid) {
  try {
    const [seconds, minutes, hours = 0] = execFileSync('ps', ['-o', 'time=', '-p', String(pid)], { encoding: 'utf8' }).trim().split(/[:-]/).reverse().map(Number);
    return seconds + 60 * minutes + 3600 * hours;
  } catch {
    return 0;
  }
}

/** One shift of a process. What it did, and whether it came to its end. */
function shift(seconds, seed) {
  const child = fork(fileURLToPath(import.meta.url), ['--fuzz', '--time', String(seconds), '--seed', String(seed)], { execArgv: ['--max-old-space-size=1024'] });
  let last = {};
  let alive = 0;
  const watch = setInterval(() => cpuSeconds(child.pid) - alive > kPatience && child.kill('SIGKILL'), 10_000);
  child.on('message', (counts) => {
    last = counts;
    alive = counts.cpu;
  });
  return new Promise((resolve) => {
    child.on('exit', (code, signal) => {
      clearInterval(watch);
      const current = join(kOut, `module-current-${child.pid}`);
      const ended = code === 0;
      if (!ended && existsSync(current)) {
        const bytes = readFileSync(current);
        const file = join(kOut, `module-${nameOf(bytes).slice(0, 10)}-${readFileSync(`${current}.seed`)}`);
        renameSync(current, file);
        console.error(`${file}: the process ${signal ? 'hung' : `ended with ${code}`}`);
      }
      resolve({ ...last, lost: ended ? 0 : 1 });
    });
  });
}

async function shifts(seconds, firstSeed) {
  const total = { inputs: 0, findings: 0, lost: 0, cpu: 0 };
  for (let [seed, end] = [firstSeed, Date.now() + 1000 * seconds]; Date.now() < end; seed++) {
    const result = await shift(Math.min(kShift, Math.ceil((end - Date.now()) / 1000)), seed);
    for (const key of Object.keys(total)) total[key] += result[key] ?? 0;
    console.log(`seed ${seed}: ${JSON.stringify(result)}`);
  }
  console.log(`${total.inputs} inputs, ${total.findings} findings, ${total.lost} processes that did not end, ${total.cpu} s of CPU time`);
  process.exitCode = total.findings + total.lost ? 1 : 0;
}

/** The fewest inputs that reach as much code as all of them, the shortest first. */
async function keep() {
  const coverage = new Coverage(new URL('../../js/', import.meta.url).href, { often: false });
  const tryAll = await tools();
  const all = [...filesIn(kKept), ...filesIn(kLearned)].map((file) => new Uint8Array(readFileSync(file)));
  rmSync(kKept, { recursive: true });
  mkdirSync(kKept);
  for (const bytes of all.sort((a, b) => a.length - b.length)) {
    await tryAll(bytes, 0).catch((error) => report(bytes, 0, error));
    if (coverage.news()) writeFileSync(join(kKept, nameOf(bytes)), bytes);
  }
  console.log(`${filesIn(kKept).length} inputs are kept, of ${all.length}`);
  process.exit();
}

/** Tries files again, each as it was found: the seed is behind the last dash of its name. */
async function again(files) {
  const tryAll = await tools();
  for (const file of files)
    await tryAll(new Uint8Array(readFileSync(file)), Number(/-(\d+)$/.exec(file)?.[1] ?? 0));
  console.log(`${files.length} inputs: nothing is wrong`);
  process.exit();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { time: { type: 'string', default: '60' }, seed: { type: 'string', default: '1' }, keep: { type: 'boolean' }, fuzz: { type: 'boolean' } },
  });
  mkdirSync(kLearned, { recursive: true });
  const [seconds, seed] = [Number(values.time), Number(values.seed)];
  if (values.fuzz) await fuzz(seconds, seed);
  else if (positionals.length) await again(positionals);
  else if (values.keep) await keep();
  else await shifts(seconds, seed);
}
