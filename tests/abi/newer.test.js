// The variants that need newer engines, read by the reader of js/: wabt does not know tables with 64-bit places.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { brotliCompressSync } from 'node:zlib';
import { describe } from '../../js/cli/describe.js';
import { kDist } from '../wasm/toolchain.js';

const bytesOf = (name) => new Uint8Array(readFileSync(join(kDist, name)));
const golden = readFileSync(new URL('golden.txt', import.meta.url), 'utf8');
const budgets = JSON.parse(readFileSync(new URL('budget.json', import.meta.url), 'utf8'));

/** What has 32 bits in a 64-bit program too, by function: its parameters by their place, and `result`. The rest are addresses and sizes. */
const kInts = {
  bcmp: ['result'], __cxa_atexit: ['result'], __cxa_guard_acquire: ['result'], heap_attach: ['result'], heap_check: ['result'], heap_layout: ['result'], heap_protect: [0, 'result'],
  heap_span_kind: ['result'], heap_version: ['result'], memchr: [1], memcmp: ['result'], memrchr: [1], memset: [1], posix_memalign: ['result'], strchr: [1], strcmp: ['result'],
  strncmp: ['result'], strrchr: [1],
};

/** The type of a function of golden.txt in a 64-bit program. */
function wide(name, type) {
  const [parameters, result] = /^\((.*)\) -> (.*)$/.exec(type).slice(1);
  const of = (types, placeOf) => types.split(', ').map((each, place) => (kInts[name]?.includes(placeOf(place)) ? each : each.replace('i32', 'i64'))).join(', ');
  return `(${of(parameters, (place) => place)}) -> ${of(result, () => 'result')}`;
}

/** Each with the bits of its addresses, the types of its functions, and what else it exports. */
const kVariants = {
  'memory64.wasm': { bits: 64, typeOf: wide, others: ['table __indirect_function_table'] },
  'memory.secure.wasm': { bits: 32, typeOf: (_, type) => type, others: ['table __indirect_function_table', 'memory heap_secure_memory'] },
};

for (const [name, { bits, typeOf, others }] of Object.entries(kVariants)) {
  const bytes = bytesOf(name);
  const heap = describe(bytes, name);

  test(`${name}: the functions of golden.txt, and ${others.join(', ')}`, () => {
    const expected = [...golden.matchAll(/^export func (\S+) \((.*)\) -> (\S+)$/gm)].map(([, name, parameters, result]) => `${name} ${typeOf(name, `(${parameters}) -> ${result === 'nil' ? 'nothing' : result}`)}`);
    const found = heap.exports.filter(({ kind }) => kind === 'function').map(({ name, index }) => `${name} ${heap.functions[index]}`);
    assert.deepEqual(found.sort(), expected.sort());
    assert.deepEqual(heap.exports.filter(({ kind }) => kind !== 'function').map(({ name, kind }) => `${kind} ${name}`), others);
  });

  test(`${name}: imports one memory, puts nothing into it, and uses no stack`, () => {
    assert.deepEqual(heap.imports.map(({ module, name, memory }) => [module, name, memory]), [['env', 'memory', { least: 0, most: undefined, shared: false, bits }]]);
    assert.deepEqual([heap.data, heap.start, heap.globals.length], [[], undefined, 5]);
  });

  test(`${name}: its size is within the budget`, () => {
    const brotli = brotliCompressSync(bytes).length;
    const budget = budgets[name];
    assert.ok(bytes.length <= budget.bytes && brotli <= budget.brotli, `${bytes.length} bytes, ${brotli} brotli; tests/abi/budget.json has ${JSON.stringify(budget)}`);
  });
}
