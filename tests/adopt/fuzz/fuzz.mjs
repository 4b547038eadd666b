// A fuzzer of small C programs with an allocator inside: accepted means same behaviour.
//
//     node tests/adopt/fuzz/fuzz.mjs [--minutes N] [--seed N]
//
// Each seed is a program (generate.mjs), a level, an allocator - wasi-libc's dlmalloc, Debian's mimalloc, Emscripten's emmalloc and dlmalloc where emcc is
// installed - and whether names are left. The program runs as it is and adopted; the results must be the same, the heap whole, and no role wrong by
// the names. Prints what was accepted and refused; a failure keeps its program in build/adopt-fuzz and ends with 1.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { adopt } from '../../../js/adopt/index.js';
import { kRoot } from '../../toolchain/llvm.js';
import { heap, started, stripped } from '../build.js';
import { clang, emcc, mimalloc } from '../toolchains/builds.mjs';
import { wrongRoles } from '../toolchains/truth.mjs';
import { generate, randomFrom } from './generate.mjs';

const kOut = join(kRoot, 'build/adopt-fuzz');
const kLevels = ['-O0', '-O1', '-O2', '-O3', '-Os', '-Oz', '-O2 -flto', '-Oz -flto'];
const kRounds = 60;
const kExported = ['malloc', 'free', 'realloc'].map((name) => `--export=${name}`);

const hasEmscripten = () => spawnSync('emcc', ['--version']).status === 0;

/** Ways to build a program, by allocator. @type {Record<string, (level: string, random: (below: number) => number) => (source: string, file: string) => [string, string[]][]>} */
const kAllocators = {
  'wasi-libc': (level, random) => clang(level, ...(random(2) ? kExported : [])),
  // Without -flto: wasm-ld 19 crashes when it optimizes mimalloc's thread-local variables.
  mimalloc: (level) => mimalloc(level.replace(' -flto', '')),
  ...(hasEmscripten() && {
    'Emscripten dlmalloc': (level) => emcc(level, 'dlmalloc', '-sALLOW_MEMORY_GROWTH', '-sSTANDALONE_WASM', '--no-entry'),
    'Emscripten emmalloc': (level) => emcc(level, 'emmalloc', '-sALLOW_MEMORY_GROWTH', '-sSTANDALONE_WASM', '--no-entry'),
  }),
};

/** Numbers that a program gives, or what it throws. */
function results(bytes) {
  try {
    const exports = started(bytes);
    return { text: [1, 2, 3].map((seed) => exports.run(seed, kRounds)).join(), check: exports['memory.wasm/heap_check']?.() ?? 0 };
  } catch (error) {
    return { text: String(error), check: 0 };
  }
}

/**
 * One seed: what was made of it, and what is wrong.
 * @param {number} seed
 * @param {string[]} [allocators]
 */
export function tried(seed, allocators = Object.keys(kAllocators)) {
  mkdirSync(kOut, { recursive: true });
  const random = randomFrom(seed * 40503 + 1);
  const allocator = allocators[random(allocators.length)];
  const level = kLevels[random(kLevels.length)];
  const { text, kinds } = generate(seed);
  const [source, file] = ['c', 'wasm'].map((ending) => join(kOut, `${seed}.${ending}`));
  writeFileSync(source, text);
  for (const [command, options] of kAllocators[allocator](level, random)(source, file)) execFileSync(command, options, { cwd: kOut, stdio: ['ignore', 'ignore', 'pipe'] });
  const named = new Uint8Array(readFileSync(file));
  const program = random(2) ? stripped(named) : named;
  const adopted = adopt(program, heap());
  const [before, after] = [program, adopted.bytes].map(results);
  const faults = wrongRoles(named, adopted);
  if (before.text !== after.text) faults.push(`gives ${after.text}, and ${before.text} as it is`);
  if (after.check) faults.push(`heap_check says ${after.check}`);
  return { seed, allocator, level, kinds, names: program === named, mode: adopted.mode, reasons: adopted.reasons, faults };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { minutes: { type: 'string', default: '1' }, seed: { type: 'string', default: String(Date.now() % 1e6) } } });
  const counts = {};
  let seed = Number(values.seed);
  let failed = 0;
  for (const end = Date.now() + 60000 * Number(values.minutes); Date.now() < end; seed++) {
    const { allocator, level, kinds, names, mode, faults } = tried(seed);
    counts[`${allocator}, ${mode}`] = (counts[`${allocator}, ${mode}`] ?? 0) + 1;
    if (!faults.length) continue;
    failed++;
    console.log(`seed ${seed}: ${allocator} ${level}, ${names ? 'with' : 'without'} names, ${mode}, ${kinds.join(' ')}: ${faults.join('; ')} (${join(kOut, `${seed}.c`)})`);
  }
  const total = Object.values(counts).reduce((sum, one) => sum + one, 0);
  console.log(`${total} programs, seeds ${values.seed} to ${seed - 1}: ${failed} wrong; ${Object.entries(counts).map(([what, count]) => `${what} ${count}`).join('; ')}`);
  if (failed) process.exitCode = 1;
}
