// Files that are cut short, damaged or of another kind: a named error, soon, and without taking more memory than their size.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { merge, MergeError } from '../../js/merge/index.js';
import { assemble } from './assemble.js';
import { grown } from '../../bench/merge/programs.js';
import { heap, programs } from './programs.js';

/** @param {Uint8Array} program @param {Uint8Array} [theHeap] */
function outcome(program, theHeap = heap) {
  try {
    return merge(program, theHeap);
  } catch (error) {
    if (!(error instanceof MergeError)) throw error;
    return error;
  }
}

test('cut short at every byte: refused, unless a section ends there', () => {
  for (const program of [programs.copied, programs.rewritten]) {
    let whole = 0;
    for (let length = 0; length < program.length; length++) {
      const result = outcome(program.slice(0, length));
      if (!(result instanceof MergeError)) whole++;
    }
    assert.ok(whole < 16, `${whole} of ${program.length} prefixes merged`);
  }
});

test('the heap cut short at every byte', () => {
  for (let length = 0; length < heap.length; length++) outcome(programs.copied, heap.slice(0, length));
});

test('any one byte changed: merged or refused by name, never otherwise', () => {
  for (const program of [programs.copied, programs.rewritten]) {
    for (let at = 0; at < program.length; at++) {
      for (const value of [0x00, 0x40, 0x7f, 0x80, 0xff, program[at] ^ 1]) {
        const damaged = program.slice();
        damaged[at] = value;
        outcome(damaged);
      }
    }
  }
});

test('sizes that lie take no memory', () => {
  const lie = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0x0f, 1, 2, 3);
  const before = process.memoryUsage().arrayBuffers;
  assert.match(String(outcome(lie)), /program.wasm, offset 0xe: 4294967295 bytes should follow, 3 do/);
  assert.ok(process.memoryUsage().arrayBuffers - before < 1e6);
});

test('a merge takes no more memory than twice the size of the program', () => {
  for (const [name, code] of [['copied', 'copied'], ['rewritten', 'rewritten']]) {
    const program = grown(programs[name], 3e6), Original = globalThis.Uint8Array;
    let taken = 0;
    globalThis.Uint8Array = class extends Original {
      constructor(...values) {
        super(...values);
        if (typeof values[0] === 'number') taken += values[0];
      }
    };
    try {
      assert.equal(merge(program, heap).code, code);
    } finally {
      globalThis.Uint8Array = Original;
    }
    assert.ok(program.length > 1e6);
    assert.ok(taken > program.length && taken < 2 * program.length + 2e5, `${taken} bytes for ${program.length}`);
  }
});

const HEADER = [0, 97, 115, 109, 1, 0, 0, 0];
for (const [name, bytes, message] of [
  ['nothing at all', [], /program.wasm, offset 0x0: not a WebAssembly module: nothing/],
  ['a web page', [...Buffer.from('<!doctype html>')], /not a WebAssembly module: 3c 21 64 6f/],
  ['a component', [0, 97, 115, 109, 13, 0, 1, 0], /not a WebAssembly module/],
  ['sections in the wrong order', [...HEADER, 3, 1, 0, 1, 1, 0], /offset 0xb: unknown or misplaced section: 01 01 00/],
  ['an unknown section', [...HEADER, 77, 1, 0], /offset 0x8: unknown or misplaced section/],
  ['an unknown type', [...HEADER, 1, 3, 1, 0x5d, 0], /offset 0xb: unknown type: 5d 00/],
  ['an unknown type', [...HEADER, 1, 5, 1, 0x60, 1, 0x10, 0], /offset 0xd: unknown type: 10 00/],
  ['an unknown import', [...HEADER, 2, 4, 1, 0, 0, 9], /offset 0xd: unknown import: 09/],
]) {
  test(`${name} as the program`, () => assert.match(outcome(Uint8Array.from(bytes)).message, message));
}

test('an unknown instruction, where code must be rewritten', () => {
  const program = assemble(`(module (import "env" "malloc" (func $m (param i32) (result i32))) (import "host" "f" (func))
    (memory 1) (func (drop (call $m (i32.const 0x3ff1)))))`);
  const at = program.findIndex((byte, i) => byte === 0xf1 && program[i + 1] === 0xff);
  program[at - 1] = 0xfb; // i32.const becomes a GC instruction that there isn't
  program[at] = 0x7f;
  assert.match(outcome(program).message, /program.wasm, offset 0x[0-9a-f]+: unknown instruction: fb 7f ff 00/);
});

for (const [name, wat, message] of [
  ['with data', '(module (import "env" "memory" (memory 0)) (data "x"))', /memory.wasm, .*not a heap/],
  ['with a start function', '(module (import "env" "memory" (memory 0)) (func $f) (start $f))', /not a heap/],
  ['with a memory', '(module (memory 1))', /not a heap/],
  ['with other imports', '(module (import "env" "memory" (memory 0)) (import "env" "f" (func)))', /not a heap, which imports a memory/],
]) {
  test(`a heap ${name}`, () => assert.match(outcome(programs.copied, assemble(wat)).message, message));
}

test('a program that has the heap already', () => {
  assert.match(outcome(merge(programs.copied, heap).bytes).message, /program.wasm: exports memory.wasm\/memory already/);
});
