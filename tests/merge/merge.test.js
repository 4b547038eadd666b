// What a merge makes of programs of every shape: valid, with the program's behaviour, and the heap within reach.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { merge, PREFIX } from '../../js/merge/index.js';
import { assemble } from './assemble.js';
import { customSections } from './custom-sections.js';

const heap = assemble(readFileSync(new URL('./heap.wat', import.meta.url), 'utf8'));

/** @param {Uint8Array} bytes @param {WebAssembly.Imports} [imports] */
const instantiate = (bytes, imports = {}) => new WebAssembly.Instance(new WebAssembly.Module(bytes), imports).exports;

/** Merges, and sees that one piece and many pieces come to the same. */
function merged(wat, options, ...flags) {
  const program = typeof wat === 'string' ? assemble(wat, ...flags) : wat;
  return merge(program, heap, options);
}

/** The contents of a section. */
function section(bytes, wanted) {
  for (let at = 8; at < bytes.length;) {
    const id = bytes[at++];
    let size = 0, shift = 0, byte;
    do {
      byte = bytes[at++];
      size |= (byte & 127) << shift;
      shift += 7;
    } while (byte & 128);
    if (id === wanted) return bytes.subarray(at, at + size);
    at += size;
  }
  return undefined;
}

const MALLOC = '(import "env" "malloc" (func $malloc (param i32) (result i32)))';
const FREE = '(import "env" "free" (func $free (param i32)))';
const PRINT = '(import "host" "print" (func $print (param i32)))';
const BODY = `
  (memory (export "memory") 1 3)
  (func $twice (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
  (func (export "run") (result i32)
    (local $p i32)
    (local.set $p (call $malloc (call $twice (i32.const 50))))
    (i32.store (local.get $p) (i32.const 77))
    (call $print (i32.load (local.get $p)))
    (call $free (local.get $p))
    (local.get $p))`;

test('what it is given stays as it is, Node\'s Buffers too, whose slice copies nothing', () => {
  const program = Buffer.from(assemble(`(module ${MALLOC}${PRINT}${FREE} ${BODY})`)), before = Uint8Array.from(program);
  const ours = Buffer.from(heap), { bytes, code } = merge(program, ours);
  assert.equal(code, 'rewritten');
  assert.deepEqual(Uint8Array.from(program), before);
  assert.deepEqual(Uint8Array.from(ours), Uint8Array.from(heap));
  assert.deepEqual(Uint8Array.from(bytes), merge(before, heap).bytes);
});

describe('function indices', () => {
  for (const [order, imports] of Object.entries({
    'the heap\'s last': PRINT + MALLOC + FREE, 'the heap\'s first': MALLOC + FREE + PRINT, mixed: MALLOC + PRINT + FREE,
  })) {
    test(order, () => {
      const program = assemble(`(module ${imports} ${BODY})`), result = merge(program, heap);
      assert.equal(result.code, order.endsWith('last') ? 'copied' : 'rewritten');
      assert.deepEqual(result.resolved, ['env.malloc', 'env.free']);
      const printed = [], exports = instantiate(result.bytes, { host: { print: value => printed.push(value) } });
      assert.equal(exports.run(), 65536 + 16);
      assert.deepEqual(printed, [77]);
      assert.deepEqual(WebAssembly.Module.imports(new WebAssembly.Module(result.bytes)).map(({ name }) => name), ['print']);
    });
  }

  test('code is copied byte for byte when the heap\'s imports come last', () => {
    const program = assemble(`(module ${PRINT}${MALLOC}${FREE} ${BODY})`), bodies = section(program, 10).subarray(1);
    assert.ok(Buffer.from(section(merge(program, heap).bytes, 10)).includes(Buffer.from(bodies)));
  });

  test('an index that needs one byte more', () => {
    const many = Array.from({ length: 200 }, (_, i) => `(import "host" "f${i}" (func $f${i} (result i32)))`).join('');
    const calls = Array.from({ length: 200 }, (_, i) => `(i32.add (call $f${i}))`).join('');
    const result = merged(`(module ${MALLOC}${many}${FREE}${PRINT} ${BODY}
      (func (export "sum") (result i32) (i32.const 0) ${calls} (drop (call $malloc (i32.const 1)))))`);
    const host = { print() {} };
    for (let i = 0; i < 200; i++) host[`f${i}`] = () => i;
    const exports = instantiate(result.bytes, { host });
    assert.equal(exports.sum(), 199 * 100);
    assert.equal(exports.run(), 65536 + 48);
  });

  test('one function of the heap under two names, and one name twice', () => {
    const { bytes, resolved } = merged(`(module ${MALLOC}
      (import "env" "_Znwm" (func $new (param i32) (result i32))) (import "env" "malloc" (func $again (param i32) (result i32)))
      (memory (export "memory") 1)
      (func (export "run") (result i32)
        (i32.sub (call $again (i32.const 1)) (i32.sub (call $new (i32.const 1)) (call $malloc (i32.const 1))))))`);
    assert.equal(resolved.length, 3);
    assert.equal(instantiate(bytes).run(), 65536 + 16 + 64 - 32);
  });

  test('in elements, globals, exports, start, ref.func, tables of expressions', () => {
    const { bytes } = merged(`(module ${MALLOC} ${PRINT} ${FREE}
      (type $size (func (param i32) (result i32)))
      (memory (export "memory") 1) (table $t (export "table") 4 funcref)
      (elem (i32.const 0) $malloc $free) (elem (table $t) (i32.const 2) funcref (ref.func $malloc) (ref.null func))
      (elem declare func $print)
      (global (export "print") funcref (ref.func $print)) (global $p (export "p") (mut i32) (i32.const 0))
      (export "malloc" (func $malloc)) (export "exported print" (func $print))
      (func $start (global.set $p (call_indirect (type $size) (i32.const 8) (i32.const 2))))
      (func (export "is print") (result i32) (ref.is_null (ref.func $print)))
      (start $start))`);
    const print = () => {}, exports = instantiate(bytes, { host: { print } });
    assert.equal(exports.p.value, 65552);
    assert.equal(exports.malloc(1), 65552 + 32);
    assert.equal(exports.table.get(0), exports.malloc);
    assert.equal(exports.table.get(1), exports[`${PREFIX}free`]);
    assert.equal(exports.table.get(2), exports.malloc);
    assert.equal(exports.print.value, exports['exported print']);
    assert.equal(exports['is print'](), 0);
  });
});

describe('the heap in a merged module', () => {
  const { bytes } = merged(`(module ${PRINT}${MALLOC}${FREE} (table (export "__indirect_function_table") 7 funcref) ${BODY})`);
  const exports = instantiate(bytes, { host: { print() {} } });

  test('all its exports are behind the prefix, and its memory is the program\'s', () => {
    exports.run();
    assert.equal(exports[`${PREFIX}heap_in_use`](), 0);
    assert.equal(exports[`${PREFIX}malloc_usable_size`](exports[`${PREFIX}malloc`](123)), 123);
    assert.equal(exports[`${PREFIX}memory`], exports.memory);
  });

  test('its table is another than the program\'s, and its indirect calls go there', () => {
    assert.equal(exports.__indirect_function_table.length, 7);
    assert.equal(exports[`${PREFIX}__indirect_function_table`].length, 2);
    assert.equal(exports[`${PREFIX}heap_noted`](), 1);
    assert.throws(() => {
      exports[`${PREFIX}heap_on_grow`](0);
      exports[`${PREFIX}malloc`](1);
    }, WebAssembly.RuntimeError);
  });

  test('exports can be left out or renamed', () => {
    const some = merged(`(module ${MALLOC} (memory (export "memory") 1))`, { exportAs: name => name === 'free' ? 'release' : undefined });
    assert.deepEqual(Object.keys(instantiate(some.bytes)), ['memory', 'release']);
  });

  test('nothing is resolved that the caller leaves to the host, or that has another type', () => {
    const wat = `(module ${MALLOC} (import "env" "abort" (func (param i32 i32 i32 i32))) (memory (export "memory") 1))`;
    const left = merged(wat, { leave: (module, name) => name === 'malloc' });
    assert.deepEqual([left.resolved, left.mismatched], [[], ['env.abort']]);
    assert.deepEqual(WebAssembly.Module.imports(new WebAssembly.Module(left.bytes)).map(({ name }) => name), ['malloc', 'abort']);
  });

  test('a module imported from elsewhere than env is not ours', () => {
    const { resolved } = merged('(module (import "libc" "malloc" (func (param i32) (result i32))) (memory (export "memory") 1))');
    assert.deepEqual(resolved, []);
  });
});

describe('the memory', () => {
  const run = '(func (export "run") (result i32) (call $malloc (i32.const 1)))';
  const call = (wat, imports, ...flags) => instantiate(merged(wat, {}, ...flags).bytes, imports).run();
  const memory = new WebAssembly.Memory({ initial: 3 });

  test('exported', () => assert.equal(call(`(module ${MALLOC} (memory (export "memory") 2) ${run})`), 2 * 65536 + 16));
  test('neither exported nor imported', () => assert.equal(call(`(module ${MALLOC} (memory 2) ${run})`), 2 * 65536 + 16));
  test('imported', () => assert.equal(call(`(module ${MALLOC} (import "env" "memory" (memory 1)) ${run})`, { env: { memory } }), 3 * 65536 + 16));
  test('imported under another name', () => {
    const ram = new WebAssembly.Memory({ initial: 5 });
    assert.equal(call(`(module ${MALLOC} (import "js" "ram" (memory 1)) ${run})`, { js: { ram } }), 5 * 65536 + 16);
  });
  for (const [kind, declaration] of [['64-bit', 'i64 1'], ['32-bit shared', '1 2 shared']]) {
    test(`of another kind: ${kind}`, () => assert.throws(() => merged(`(module ${MALLOC} (memory ${declaration}))`),
      new RegExp(`program.wasm: its memory is ${kind}, memory.wasm is for one that is 32-bit`)));
  }
  test('missing', () => assert.throws(() => merged(`(module ${MALLOC})`), /program.wasm: its memory is missing/));
  test('the second of two', t => {
    const { bytes } = merged(`(module ${MALLOC} (memory $a 1) (memory $b (export "memory") 4)
      (func (export "first") (result i32) (i32.load $a (i32.const 0))) ${run})`);
    const multiMemory = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 5, 5, 2, 0, 0, 0, 0);
    if (!WebAssembly.validate(multiMemory)) return t.diagnostic('this engine has no multi-memory: only walked');
    const exports = instantiate(bytes);
    assert.equal(exports.run(), 4 * 65536 + 16);
    assert.equal(exports.first(), 0);
  });
});

describe('custom sections', () => {
  test('names of both files, at their new indices', () => {
    const named = assemble(readFileSync(new URL('./heap.wat', import.meta.url), 'utf8'), '--debug-names');
    const program = assemble(`(module $program ${MALLOC}${PRINT}${FREE} ${BODY} (func $fail (export "fail") (unreachable)))`, '--debug-names');
    const { bytes } = merge(program, named), exports = instantiate(bytes, { host: { print() {} } });
    const stack = f => assert.throws(f, error => (Error.prepareStackTrace, error)) ?? '';
    assert.throws(exports.fail, error => /\bfail\b/.test(error.stack));
    assert.throws(exports[`${PREFIX}abort`], /unreachable/);
    assert.deepEqual(customSections(bytes).names.functions, { 0: 'print', 1: 'malloc', 2: 'free', 3: 'twice', 5: 'fail', 6: 'noted', 7: 'footprint' });
    assert.equal(customSections(bytes).names.module, 'program');
  });

  test('what tells offsets of code is dropped, and said to be', () => {
    const program = assemble(`(module ${MALLOC} (memory 1))`);
    const section = (name, ...contents) => [0, name.length + 1 + contents.length, name.length, ...Buffer.from(name), ...contents];
    const all = Uint8Array.from([...program, ...section('.debug_info', 1, 2), ...section('sourceMappingURL', 1, 97), ...section('mine', 7),
      ...section('producers', 0), ...section('target_features', 0)]);
    const { bytes, dropped } = merge(all, heap);
    assert.deepEqual(dropped, ['.debug_info', 'sourceMappingURL']);
    assert.deepEqual(Object.keys(customSections(bytes).sections), ['mine', 'producers', 'target_features']);
  });

  test('a broken name section stays as it is', () => {
    const program = assemble(`(module ${MALLOC} (memory 1))`);
    const { bytes } = merge(Uint8Array.from([...program, 0, 7, 4, ...Buffer.from('name'), 1, 9]), heap);
    assert.ok(WebAssembly.validate(bytes));
    assert.deepEqual(customSections(bytes).sections.name, [1, 9]);
  });
});
