// The built variants of memory.wasm, as wabt reads them: what each takes, what it gives, and that it owns no byte of the program's memory.

import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { brotliCompressSync } from 'node:zlib';
import { kDist, run } from '../wasm/toolchain.js';
import { describe, sections } from './describe.js';

// What ships as a variant of memory.wasm: the same exports, and a WebAssembly global for each thing that it keeps outside the memory.
const kVariants = {
  'memory.wasm': ['its state', 'the key', 'the mask that is derived from the key', 'the wide key, derived too', 'the callback of heap_on_grow'],
  'memory.small.wasm': ['its state', 'the callback of heap_on_grow'],
  'memory.shared.wasm': ['its state', 'the key', 'the mask that is derived from the key', 'the wide key, derived too', 'the callback of heap_on_grow', 'the commons', 'its number'],
};
/** Variants over another kind of memory, which their golden file begins with. */
const kKinds = {
  'memory.shared.wasm': { golden: 'golden.shared.txt', memory: 'memory[0] pages: initial=0 max=65536 shared <- env.memory', feature: 'threads' },
};
const kUsual = { golden: 'golden.txt', memory: 'memory[0] pages: initial=0 <- env.memory', feature: undefined };
const linesOf = (file) => readFileSync(new URL(file, import.meta.url), 'utf8').trim().split('\n');
const budgets = JSON.parse(readFileSync(new URL('budget.json', import.meta.url), 'utf8'));

for (const [name, globals] of Object.entries(kVariants)) {
  const file = join(kDist, name);
  const { golden, memory, feature } = kKinds[name] ?? kUsual;

  test(`${name}: imports, exports, table and sections are those of ${golden}`, () => {
    assert.deepEqual(describe(file), linesOf(golden), `If that is meant: node tests/abi/describe.js dist/${name} > tests/abi/${golden}`);
  });

  test(`${name}: nothing of it is put into the memory when it is instantiated`, () => {
    const names = Object.keys(sections(file));
    for (const section of ['Data', 'DataCount', 'Elem', 'Start', 'Memory']) assert.ok(!names.includes(section), `a section ${section}`);
  });

  test(`${name}: env.memory is the only import, of any size and with any maximum`, () => {
    assert.deepEqual(sections(file).Import, [memory]);
  });

  test(`${name}: bulk memory and sign extension are all it needs of an engine beyond WebAssembly 1.0${feature ? ` and ${feature}` : ''}`, () => {
    const others = ['saturating-float-to-int', 'simd', 'multi-value', 'reference-types'].map((feature) => `--disable-${feature}`);
    run('wasm-validate', ...others, ...(feature ? [`--enable-${feature}`] : []), file);
  });

  // A function that needs a stack would keep the linker's stack pointer, which is one global more.
  test(`${name}: no function uses a stack`, () => {
    assert.equal(sections(file).Global.length, globals.length, `globals for ${globals.join(', ')}`);
  });

  test(`${name}: its size is within the budget`, () => {
    const { size } = statSync(file);
    const brotli = brotliCompressSync(readFileSync(file)).length;
    const budget = budgets[name];
    assert.ok(size <= budget.bytes && brotli <= budget.brotli, `${size} bytes, ${brotli} brotli; tests/abi/budget.json has ${JSON.stringify(budget)}`);
  });
}
