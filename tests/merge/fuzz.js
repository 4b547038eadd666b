// node tests/merge/fuzz.js [--minutes 1] [--seed 1]
//
// Makes modules from random bytes (Binaryen's translate-to-fuzz), merges each with a heap that satisfies some of its imports, and
// compares what both do. Then damages the files: they must be refused by name or merged, soon. Prints what it did; on a
// difference, keeps the files in build/fuzz and exits with 1. The newest Node runs the most: GC, exceptions, memory64.
//
// The "heap" stands for the functions that log: it keeps a checksum of what it is told, as the JavaScript functions do
// that stand in for it before the merge.

import { execFileSync, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { merge, MergeError, merger, PREFIX } from '../../js/merge/index.js';
import { assemble } from './assemble.js';
import { checked } from '../check/through.js';
import { hasSecondMemory } from '../../js/check/runtime.js';
import { observe } from './observe.js';

const { minutes, seed: firstSeed } = parseArgs({ options: { minutes: { type: 'string', default: '1' }, seed: { type: 'string', default: '1' } } }).values;
const folder = mkdtempSync(join(tmpdir(), 'merge-fuzz-'));
const kept = fileURLToPath(new URL('../../build/fuzz', import.meta.url));
const newestBinaryen = join(dirname(createRequire(import.meta.url).resolve('binaryen/package.json')), 'bin', 'wasm-opt');
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const kOld = ['simd', 'bulk-memory', 'tail-call', 'multivalue', 'exception-handling', 'sign-ext', 'mutable-globals',
  'nontrapping-float-to-int'].map(feature => `--enable-${feature}`);
// What Binaryen 132 knows and no engine has without a flag. Debian's 108 is older than typed references: with --enable-reference-types
// it makes modules that no engine takes any more, mostly.
const kNew = ['--emit-exnref', '-all', ...['shared-everything', 'stack-switching', 'custom-descriptors', 'fp16', 'strings', 'compact-imports', 'multibyte',
  'acquire-release-atomics', 'custom-page-sizes', 'relaxed-atomics', 'wide-arithmetic'].map(feature => `--disable-${feature}`)];
/** The system's, or else the newest. */
const oldBinaryen = spawnSync('wasm-opt', ['--version']).error ? newestBinaryen : 'wasm-opt';
const hasNewest = typeof WebAssembly.Tag === 'function' && 'JSTag' in WebAssembly;

/** mulberry32 @param {number} seed */
const randomFrom = seed => () => {
  seed = seed + 0x6d2b79f5 | 0;
  let t = Math.imul(seed ^ seed >>> 15, 1 | seed);
  t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
  return ((t ^ t >>> 14) >>> 0) / 2 ** 32;
};

/** @param {() => number} random @param {number} count */
const randomBytes = (random, count) => Uint8Array.from({ length: count }, () => random() * 256);

/** @param {() => number} random @returns {{ program: Uint8Array, newest: boolean } | undefined} */
function generate(random) {
  const input = join(folder, 'input'), output = join(folder, 'output.wasm'), newest = hasNewest && random() < 0.15;
  writeFileSync(input, randomBytes(random, 500 + random() * (newest ? 20000 : 8000)));
  const options = [input, '-ttf', '--denan', ...(newest ? kNew : kOld), '-o', output];
  try {
    if (newest) execFileSync(process.execPath, [newestBinaryen, ...options], { stdio: 'ignore', timeout: 60000 });
    else execFileSync(oldBinaryen, [...options, ...['threads', 'reference-types'].filter(() => random() < 0.2).map(feature => `--enable-${feature}`)], { stdio: 'ignore', timeout: 60000 });
  } catch {
    return undefined; // Binaryen gave up on these bytes
  }
  return { program: new Uint8Array(readFileSync(output)), newest };
}

const kLoggers = { 'log-i32': 'i32', 'log-i64': 'i64', 'log-f32': 'f32', 'log-f64': 'f64' };
/** @type {Map<string, Uint8Array>} */
const heaps = new Map();

/** @param {string} kind of memory */
function heapFor(kind) {
  const bits = {
    i32: '(i64.extend_i32_u (local.get 0))', i64: '(local.get 0)', f32: '(i64.extend_i32_u (i32.reinterpret_f32 (local.get 0)))', f64: '(i64.reinterpret_f64 (local.get 0))',
  };
  const log = ([name, type], i) => `(func (export "${name}") (param ${type}) (call $mix (i64.const ${i + 1})) (call $mix ${bits[type]}))`;
  if (!heaps.has(kind)) {
    heaps.set(kind, assemble(`(module (import "fuzzing-support" "memory" (memory ${kind}))
      (table (export "table") 1 funcref) (elem (i32.const 0) $mix)
      (type $mix (func (param i64))) (global $sum (mut i64) (i64.const 0))
      (func $mix (type $mix) (global.set $sum (i64.mul (i64.xor (global.get $sum) (local.get 0)) (i64.const 0x9e3779b97f4a7c15))))
      (func (export "sum") (result i64) (global.get $sum))
      ${Object.entries(kLoggers).map(log).join('\n')})`));
  }
  return /** @type {Uint8Array} */ (heaps.get(kind));
}

/** The imports of a module, given by JavaScript; the sum is what the heap's must be. @param {WebAssembly.Module} module @param {Set<string>} ours */
function standIns(module, ours) {
  const state = { sum: 0n, log: /** @type {string[]} */ ([]) }, view = new DataView(new ArrayBuffer(8));
  const mix = value => { state.sum = BigInt.asUintN(64, (state.sum ^ value) * 0x9e3779b97f4a7c15n); };
  const bits = {
    i32: value => BigInt.asUintN(32, BigInt(value)), i64: value => BigInt.asUintN(64, value),
    f32: value => (view.setFloat32(0, value), BigInt(view.getUint32(0))), f64: value => (view.setFloat64(0, value), view.getBigUint64(0)),
  };
  /** @type {WebAssembly.Imports} */
  const imports = {};
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    const type = kLoggers[name];
    const index = Object.keys(kLoggers).indexOf(name);
    (imports[from] ??= {})[name] =
      kind === 'global' ? `the global ${name}` :
      kind === 'tag' ? (name === 'jstag' ? WebAssembly.JSTag : new WebAssembly.Tag({ parameters: ['i32'] })) :
      kind === 'memory' ? new WebAssembly.Memory({ initial: 16, maximum: 17 }) :
      ours.has(name) ? value => { mix(BigInt(index + 1)); mix(bits[type](value)); } :
      name === 'throw' ? value => { throw new Error(`thrown ${value}`); } :
      value => { state.log.push(`${name} ${typeof value === 'object' || typeof value === 'function' ? typeof value : String(value)}`); return value; };
  }
  return { imports, state };
}

const counts = { modules: 0, refused: 0, merges: 0, rewritten: 0, copied: 0, checked: 0, damaged: 0, damagedMerged: 0, slowest: 0 };

/** @param {Uint8Array} program @param {boolean} newest @param {() => number} random */
function compare(program, newest, random) {
  let module;
  try {
    module = new WebAssembly.Module(program);
  } catch {
    counts.refused++; // a feature that this engine lacks
    return;
  }
  const declared = kindOfMemory(program);
  if (!declared) return void counts.refused++;
  const heap = heapFor(declared), loggers = Object.keys(kLoggers);
  for (let round = 0; round < 3; round++) {
    const ours = new Set(round ? loggers.filter(() => random() < 0.5) : loggers);
    const options = { leave: (from, name) => !ours.has(name) };
    const { bytes, code, resolved } = merge(program, heap, options);
    counts.merges++;
    counts[code]++;
    const given = new Set(resolved.map(name => name.slice('fuzzing-support.'.length)));
    const before = standIns(module, given), after = standIns(new WebAssembly.Module(bytes), new Set());
    const expected = observe(program, before.imports), found = observe(bytes, after.imports, PREFIX);
    if (expected.log.at(-1)?.endsWith('stack overflow') || found.log.at(-1)?.endsWith('stack overflow')) continue;
    same('behaviour', expected.log, found.log);
    same('calls of the host', before.state.log, after.state.log);
    if (found.exports) same('calls of the heap', [`${before.state.sum}`], [`${BigInt.asUintN(64, found.exports[`${PREFIX}sum`]())}`]);
    inPieces(program, heap, options, bytes, random);
    if (!newest && counts.merges % 50 === 0) validateElsewhere(bytes);
  }
  compareChecked(program, module, random);
  damage(program, heap, random);
}

/** The instrumented program does the same. @param {Uint8Array} program @param {WebAssembly.Module} module @param {() => number} random */
function compareChecked(program, module, random) {
  const mode = !hasSecondMemory() ? 'import' : random() < 0.4 ? 'call' : random() < 0.5 ? 'inline' : 'import', { bytes, imports } = checked(program, { mode, contexts: true, uninitialized: true });
  const before = standIns(module, new Set()), after = standIns(module, new Set());
  const expected = observe(program, before.imports), found = observe(bytes, { ...after.imports, ...imports() });
  counts.checked++;
  if (expected.log.at(-1)?.endsWith('stack overflow') || found.log.at(-1)?.endsWith('stack overflow')) return;
  same(`behaviour, checked (${mode})`, expected.log, found.log);
  same('calls of the host, checked', before.state.log, after.state.log);
}

/** As heap.wat declares it, or nothing. @param {Uint8Array} program */
function kindOfMemory(program) {
  for (const kind of ['0', '0 65536 shared', 'i64 0']) {
    try {
      merge(program, heapFor(kind));
      return kind;
    } catch (error) {
      if (!/its memory is/.test(error.message)) throw error;
    }
  }
  return undefined;
}

/** @param {string} what @param {string[]} expected @param {string[]} found */
function same(what, expected, found) {
  const at = expected.findIndex((line, i) => line !== found[i]);
  if (at >= 0 || expected.length !== found.length) throw new Error(`another ${what}: expected ${expected[at] ?? 'no more'}, found ${found[at] ?? 'more'}`);
}

/** @param {Uint8Array} program @param {Uint8Array} heap @param {object} options @param {Uint8Array} whole @param {() => number} random */
function inPieces(program, heap, options, whole, random) {
  const { push } = merger(heap, options), pieces = [];
  for (let at = 0; at < program.length;) {
    const size = 1 + Math.floor(random() ** 3 * 2000);
    pieces.push(push(program.slice(at, at += size), false));
  }
  pieces.push(push(new Uint8Array(0), true));
  if (Buffer.compare(Buffer.concat(pieces), whole)) throw new Error('merged in pieces, it comes to other bytes');
}

/** @param {Uint8Array} bytes */
function validateElsewhere(bytes) {
  const file = join(folder, 'merged.wasm');
  writeFileSync(file, bytes);
  execFileSync('wasm-opt', [file, ...kOld, '--enable-threads', '--enable-reference-types', '-o', '/dev/null'], { stdio: 'ignore' });
}

/** @param {Uint8Array} program @param {Uint8Array} heap @param {() => number} random */
function damage(program, heap, random) {
  for (let round = 0; round < 40; round++) {
    const length = random() < 0.3 ? Math.floor(random() * program.length) : program.length, damaged = program.slice(0, length);
    for (let changes = Math.floor(random() * 5); changes--;) damaged[Math.floor(random() * length)] = random() < 0.5 ? random() * 256 : [0, 0x7f, 0x80, 0xff][Math.floor(random() * 4)];
    const start = process.cpuUsage();
    counts.damaged++;
    let merged, refusal;
    try {
      merged = merge(damaged, heap);
      counts.damagedMerged++;
    } catch (error) {
      if (!(error instanceof MergeError)) throw error;
      refusal = error.message;
    }
    const { user, system } = process.cpuUsage(start);
    counts.slowest = Math.max(counts.slowest, (user + system) / 1000);
    if (user + system > 2e6) throw new Error(`a damaged file took ${(user + system) / 1e6} s`);
    if (WebAssembly.validate(damaged) && (!merged || !WebAssembly.validate(merged.bytes))) {
      if (!/its memory is|exports .* already/.test(refusal ?? '')) throw new Error(`a damaged file that is valid did not merge to a valid one: ${refusal ?? 'no error'}`);
    }
  }
}

const end = Date.now() + Number(minutes) * 60000;
let seed = Number(firstSeed), told = Date.now();
for (; Date.now() < end; seed++) {
  const random = randomFrom(seed), generated = generate(random);
  if (!generated) continue;
  counts.modules++;
  try {
    compare(generated.program, generated.newest, random);
  } catch (error) {
    mkdirSync(kept, { recursive: true });
    writeFileSync(join(kept, `${seed}.wasm`), generated.program);
    console.error(`seed ${seed}: ${error.stack}\nkept as build/fuzz/${seed}.wasm; again with: node tests/merge/fuzz.js --seed ${seed} --minutes 0.01`);
    process.exitCode = 1;
    if (!(error instanceof Error)) throw error;
  }
  if (Date.now() - told > 60000) {
    told = Date.now();
    console.log(`seed ${seed}`, JSON.stringify(counts));
  }
}
console.log(`${process.version}, seeds ${firstSeed} to ${seed - 1}, ${minutes} minutes:`, JSON.stringify(counts));
