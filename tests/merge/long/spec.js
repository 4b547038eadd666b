// node tests/merge/long/spec.js
//
// Every module of the specification's tests that Debian's packages hold (the sources of Binaryen and of wabt) goes through the
// rewriter and the merger, and then, alone, through the instrumenter in every mode that this engine can run; each script must run as
// before. Also every module that wabt and Binaryen have in their own tests.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { checked } from '../../check/through.js';
import { hasSecondMemory } from '../../../js/check/runtime.js';
import { merge } from '../../../js/merge/index.js';
import { assemble } from '../assemble.js';
import { importHeap } from './import-heap.js';
import { debianSource } from './packages.js';
import { kFeatures, run, translate } from './script.js';
import { observe } from '../observe.js';
import binaryen from 'binaryen';

const files = (folder, ending) => readdirSync(folder, { recursive: true }).map(String).filter(name => name.endsWith(ending)).sort().map(name => join(folder, name));
const counts = { scripts: 0, commands: 0, alone: 0, modules: 0, instrumented: 0, 'in no assembler': 0, 'not for this engine': 0, differences: 0, invalid: 0 };
const folder = mkdtempSync(join(tmpdir(), 'merge-spec-'));

/** @param {Uint8Array} bytes */
function merged(bytes) {
  if (!WebAssembly.validate(bytes)) return bytes; // fails before, must fail after
  const { program, heap } = importHeap(bytes);
  if (!WebAssembly.validate(program)) throw new Error('the test made an invalid module of a valid one');
  // Nothing of the heap is exported, so that a script sees what it saw.
  const { bytes: result } = merge(program, heap, { exportAs: () => undefined });
  counts.modules++;
  if (!WebAssembly.validate(result)) throw new Error('merged, it is invalid');
  if (counts.modules % 20 === 0) {
    writeFileSync(join(folder, 'merged.wasm'), result);
    execFileSync('wasm-validate', [...kFeatures, join(folder, 'merged.wasm')], { stdio: 'ignore' });
  }
  return result;
}

/** @type {import('../../../js/check/instrument.js').InstrumentOptions['mode'][]} */
const kModes = hasSecondMemory() ? ['call', 'inline', 'import'] : ['import'];

/** @param {Uint8Array} bytes @param {import('../../../js/check/instrument.js').InstrumentOptions['mode']} mode */
function instrumented(bytes, mode) {
  if (!WebAssembly.validate(bytes)) return bytes;
  counts.instrumented++;
  return checked(bytes, { mode, contexts: true, uninitialized: true });
}

/** @param {string} name @param {NonNullable<ReturnType<typeof translate>>} script */
function compare(name, script) {
  counts.scripts++;
  let before, after, checkedIn;
  try {
    before = run(script, bytes => bytes);
    after = run(script, merged);
    checkedIn = kModes.map(mode => ({ mode, lines: run(script, bytes => instrumented(bytes, mode)) }));
  } catch (error) {
    counts.invalid++;
    console.log(`${name}: ${error.stack}`);
    return;
  }
  counts.commands += before.length;
  before.forEach((line, i) => {
    if (line !== after[i]) different(`${name}:${line}`, after[i]);
    for (const { mode, lines } of checkedIn) if (line !== lines[i]) different(`${name}:${line}`, `${mode}: ${lines[i]}`);
  });
}

/** @param {string} expected @param {string} found */
function different(expected, found) {
  counts.differences++;
  console.log(`${expected}\n  changed: ${found}`);
}

/** Something for each of its imports. @param {Uint8Array} bytes */
function importsFor(bytes) {
  /** @type {WebAssembly.Imports} */
  const imports = {};
  for (const { module, name, kind } of WebAssembly.Module.imports(new WebAssembly.Module(bytes))) {
    (imports[module] ??= {})[name] = kind === 'function' ? () => 7 : kind === 'memory' ? new WebAssembly.Memory({ initial: 300, maximum: 40000 }) :
      kind === 'table' ? new WebAssembly.Table({ initial: 10, element: 'anyfunc' }) : 5;
  }
  return imports;
}

/** A module alone: what its exports do. @param {string} name @param {Uint8Array | undefined} bytes */
function compareModule(name, bytes) {
  if (!bytes) return void counts['in no assembler']++;
  if (!WebAssembly.validate(bytes)) return void counts['not for this engine']++;
  const imports = importsFor(bytes);
  try {
    const result = merged(bytes), before = inTime(() => observe(bytes, imports).log), after = inTime(() => observe(result, imports).log);
    compareChecked(name, bytes, before);
    counts.alone++;
    before.forEach((line, i) => {
      if (line !== after[i]) different(`${name}: ${line}`, after[i]);
    });
  } catch (error) {
    counts.invalid++;
    console.log(`${name}: ${error.stack}`);
  }
}

/** @param {string} name @param {Uint8Array} bytes @param {string[]} before what it did */
function compareChecked(name, bytes, before) {
  for (const mode of kModes) {
    const program = checked(bytes, { mode, contexts: true, uninitialized: true });
    counts.instrumented++;
    if (!WebAssembly.validate(program.bytes)) throw new Error(`instrumented (${mode}), it is invalid`);
    const after = inTime(() => observe(program.bytes, { ...importsFor(bytes), ...program.imports() }).log);
    before.forEach((line, i) => {
      if (line !== after[i]) different(`${name}: ${line}`, `${mode}: ${after[i]}`);
    });
  }
}

/** What runs for ever, given imports that it was not made for, comes to nothing. @param {() => string[]} run */
function inTime(run) {
  try {
    return runInNewContext('run()', { run }, { timeout: 1000 });
  } catch (error) {
    if (error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return ['endless'];
    throw error;
  }
}

/** @param {string} text */
function byWabt(text) {
  try {
    return assemble(text, '--no-check');
  } catch {
    return undefined;
  }
}

/** Binaryen aborts on what it can't parse, and is a new one then. @param {string} text */
function byBinaryen(text) {
  try {
    const module = binaryen.parseText(text);
    module.setFeatures(binaryen.Features.All & ~binaryen.Features.Strings);
    const bytes = module.emitBinary();
    module.dispose();
    return bytes;
  } catch {
    return undefined;
  }
}

for (const file of files(join(debianSource('binaryen'), 'test'), '.wast')) {
  const script = translate(file);
  if (script) compare(file, script);
  else compareModule(file, byBinaryen(readFileSync(file, 'utf8')));
}

for (const file of files(join(debianSource('wabt'), 'test'), '.txt')) {
  const text = readFileSync(file, 'utf8');
  if (!/^;;; (STDIN_FILE|ERROR)/m.test(text) && /^\(module/m.test(text)) compareModule(file, byWabt(text) ?? byBinaryen(text));
}

for (const file of files(join(debianSource('binaryen'), 'test'), '.wasm')) compareModule(file, new Uint8Array(readFileSync(file)));

rmSync(folder, { recursive: true });
console.log(process.version, JSON.stringify(counts));
process.exitCode = counts.differences + counts.invalid ? 1 : 0;
