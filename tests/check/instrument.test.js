// What instrumenting makes of programs: valid in every mode, the same behaviour, and a report for each access to bytes that may not be touched.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { assemble, throughFiles } from '../merge/assemble.js';
import { checked } from './through.js';
import { instrument } from '../../js/check/instrument.js';
import { hasSecondMemory } from '../../js/check/runtime.js';
import { FormatError } from '../../js/wasm/cursor.js';

const kModes = /** @type {const} */ (['call', 'inline', 'import']);
/** Those that this engine can run. */
const kRun = hasSecondMemory() ? kModes : ['import'];
const kFeatures = ['multi-memory', 'memory64', 'threads', 'exceptions', 'tail-call'].map((name) => `--enable-${name}`);

/** Validates what this engine may not know. @param {Uint8Array} bytes */
const validate = (bytes) => throughFiles(bytes, (from, to) => execFileSync('wasm-validate', [...kFeatures, from], { stdio: 'pipe' }) && execFileSync('cp', [from, to]));

/**
 * Instruments in every mode; runs what this engine can.
 * @param {string} wat @param {WebAssembly.Imports} [imports] @param {object} [options]
 */
function run(wat, imports = {}, options = {}) {
  const program = assemble(wat);
  for (const mode of kModes) validate(checked(program, { mode, ...options }).bytes);
  const { bytes, reports, imports: more, ...rest } = checked(program, options);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { ...imports, ...more() });
  return { exports: /** @type {any} */ (exports), reports, ...rest };
}

/** A program with a stack and static data, as linkers lay them out: data at 1024, the stack up to 4096, one page. @param {string} body */
const linked = (body) => `(module (memory (export "memory") 1 4) (global $sp (mut i32) (i32.const 4096)) (global (export "__heap_base") i32 (i32.const 4096))
  (data (i32.const 1024) "static data") ${body})`;

describe('every access is checked', () => {
  // The heap begins at 4096, and nothing of it was handed out: 4092 is the last word that may be touched.
  const accesses = [
    ...['i32.load', 'i64.load', 'f32.load', 'f64.load', 'i32.load8_s', 'i32.load8_u', 'i32.load16_s', 'i32.load16_u', 'i64.load8_s', 'i64.load16_u', 'i64.load32_s',
      'v128.load', 'v128.load8x8_s', 'v128.load8_splat', 'v128.load64_zero', 'i32.atomic.load', 'i64.atomic.load8_u'].map((name) => [name, `(drop (${name} (local.get 0)))`, 'read']),
    ...[['i32.store', 'i32'], ['i64.store', 'i64'], ['f32.store', 'f32'], ['f64.store', 'f64'], ['i32.store8', 'i32'], ['i64.store32', 'i64'], ['i32.atomic.store16', 'i32']]
      .map(([name, type]) => [name, `(${name} (local.get 0) (${type}.const 1))`, 'write']),
    ['v128.store', '(v128.store (local.get 0) (v128.const i32x4 1 2 3 4))', 'write'],
    ['v128.load16_lane', '(drop (v128.load16_lane 1 (local.get 0) (v128.const i32x4 1 2 3 4)))', 'read'],
    ['v128.store32_lane', '(v128.store32_lane 1 (local.get 0) (v128.const i32x4 1 2 3 4))', 'write'],
    ['i32.atomic.rmw.add', '(drop (i32.atomic.rmw.add (local.get 0) (i32.const 1)))', 'write'],
    ['i64.atomic.rmw.cmpxchg', '(drop (i64.atomic.rmw.cmpxchg (local.get 0) (i64.const 1) (i64.const 2)))', 'write'],
    ['memory.atomic.notify', '(drop (memory.atomic.notify (local.get 0) (i32.const 1)))', 'read'],
    ['memory.fill', '(memory.fill (local.get 0) (i32.const 7) (i32.const 5))', 'write'],
    ['memory.copy', '(memory.copy (i32.const 2048) (local.get 0) (i32.const 5))', 'read'],
    ['memory.copy', '(memory.copy (local.get 0) (i32.const 2048) (i32.const 5))', 'write'],
    ['memory.init', '(memory.init 1 (local.get 0) (i32.const 0) (i32.const 5))', 'write'],
  ];
  for (const [name, body, kind] of accesses) {
    test(`${name}, ${kind}`, () => {
      const { exports, reports } = run(linked(`(data "passive") (func (export "run") (param i32) ${body})`));
      exports.run(2048);
      assert.deepEqual(reports, []);
      exports.run(4096);
      assert.equal(reports.length, 1);
      assert.match(reports[0], new RegExp(`^${kind} of \\d+ at 4096, shadow 0, site `));
      exports.run(0);
      assert.match(reports[1], /at 0, shadow f1/);
    });
  }

  test('a site is where the instruction is in the file', () => {
    const program = assemble(linked('(func (export "run") (param i32) (result i64) (drop (i32.const 5)) (i64.load offset=8 (local.get 0)))'));
    const { bytes, reports, imports } = checked(program);
    /** @type {any} */ (new WebAssembly.Instance(new WebAssembly.Module(bytes), imports()).exports).run(4088);
    const site = parseInt(/** @type {RegExpExecArray} */ (/site (.*)/.exec(reports[0]))[1], 16);
    assert.deepEqual([...program.subarray(site, site + 3)], [0x29, 3, 8]);
  });

  test('an access that only ends where it may not', () => {
    const { exports, reports } = run(linked('(func (export "run") (param i32) (result i64) (i64.load align=1 (local.get 0)))'));
    exports.run(4088);
    assert.deepEqual(reports, []);
    exports.run(4089);
    assert.match(reports[0], /read of 8 at 4089/);
  });

  test('what the program grew is its own', () => {
    const { exports, reports } = run(linked('(func (export "run") (result i32) (local i32) (local.set 0 (memory.grow (i32.const 2))) (i32.store (i32.const 65536) (i32.const 1)) (i32.store (i32.const 196604) (i32.const 1)) (local.get 0))'));
    assert.equal(exports.run(), 1);
    assert.deepEqual(reports, []);
  });

  test('memcpy and its like, imported', () => {
    const wat = linked('(func (export "run") (param i32 i32) (result i32) (call $memcpy (local.get 0) (local.get 1) (i32.const 9)))')
      .replace('(memory', '(import "env" "memcpy" (func $memcpy (param i32 i32 i32) (result i32))) (memory');
    const { exports, reports } = run(wat, { env: { memcpy: (to) => to } });
    assert.equal(exports.run(2048, 1024), 2048);
    assert.deepEqual(reports, []);
    exports.run(2048, 4090);
    exports.run(4090, 2048);
    assert.match(reports[0], /read of 9 at 4090/);
    assert.match(reports[1], /write of 9 at 4090/);
  });
});

/** @param {string} body @param {object} [options] */
const count = (body, options) => instrument(assemble(linked(body)), options).counts;

describe('checks that can not fail are left out', () => {
  test('in the frame', () => {
    const body = `(func (export "run") (local $frame i32)
      (global.set $sp (local.tee $frame (i32.sub (global.get $sp) (i32.const 32))))
      (i32.store offset=28 (local.get $frame) (i32.const 1)) (i32.store offset=29 (local.get $frame) (i32.const 1))
      (global.set $sp (i32.add (local.get $frame) (i32.const 32))))`;
    assert.equal(count(body).checked, 1, 'the second store runs over the end of the frame');
    assert.equal(count(body, { elide: false }).checked, 2);
  });

  test('a local that is not always the frame', () => {
    const body = `(func (export "run") (param i32) (local $frame i32)
      (local.set $frame (i32.sub (global.get $sp) (i32.const 32)))
      (loop (i32.store (local.get $frame) (i32.const 1)) (local.set $frame (local.get 0)) (br_if 0 (local.get 0))))`;
    assert.equal(count(body).checked, 1);
  });

  test('constants in static data, not in the NULL page and not in the heap', () => {
    const body = '(func (export "run") (i32.store (i32.const 1024) (i32.const 1)) (i32.store (i32.const 1020) (i32.const 1)) (i32.store (i32.const 4094) (i32.const 1)))';
    assert.equal(count(body).checked, 2);
  });

  test('what was checked on every way here', () => {
    const checks = (body) => count(`(func $f) (func (export "run") (param i32 i32) ${body})`).checked;
    const load = '(drop (i32.load offset=4 (local.get 0)))';
    assert.equal(checks(load + load), 1);
    assert.equal(checks(`${load} (drop (i32.load8_u offset=6 (local.get 0)))`), 2, 'a word may have been let through of which only the first bytes are there');
    assert.equal(checks('(i32.store offset=4 (local.get 0) (i32.const 0)) (drop (i32.load8_u offset=6 (local.get 0)))'), 1);
    assert.equal(checks(`${load} (i32.store offset=4 (local.get 0) (i32.const 1))`), 2, 'nor may it be written to then');
    assert.equal(checks(`${load} (if (local.get 1) (then ${load}))`), 1);
    assert.equal(checks(`(if (local.get 1) (then ${load}) (else ${load})) ${load}`), 3);
    assert.equal(checks(`(block (br_if 0 (local.get 1)) ${load}) ${load}`), 2);
    assert.equal(checks(`${load} (call $f) ${load}`), 2, 'the call may have freed it');
    assert.equal(checks(`${load} (local.set 0 (local.get 1)) ${load}`), 2);
    assert.equal(checks(`${load} (loop ${load} (call $f) (br_if 0 (local.get 1)))`), 2, 'the call of the round before may have');
    assert.equal(checks(`${load} (local.set 1 (i32.add (local.get 0) (i32.const 4))) (drop (i32.load (local.get 1)))`), 1);
  });
});

describe('neighbours are checked together', () => {
  const checks = (body, options) => count(`(func $f) (func (export "run") (param i32 i32) ${body})`, options).checks;
  const load = (offset) => `(drop (i32.load offset=${offset} (local.get 0)))`, store = (offset) => `(i32.store offset=${offset} (local.get 0) (i32.const 1))`;

  test('where the one is sure to follow the other', () => {
    assert.equal(checks(load(0) + store(12) + load(28)), 1);
    assert.equal(checks(load(0) + load(32)), 2, 'two blocks are no further apart than that');
    assert.equal(checks(load(0) + load(64) + load(4) + load(68)), 2);
    assert.equal(checks(load(4) + store(4)), 1);
    assert.equal(checks(`(block ${load(0)} ${load(4)} (br_if 0 (local.get 1)) ${load(8)} ${load(12)})`), 2);
    assert.equal(checks(`(block (br_if 0 (local.get 1)) ${load(0)}) ${load(4)}`), 2, 'the branch comes to the second alone');
    assert.equal(checks(`(block ${load(0)} ${load(4)})`), 1);
    assert.equal(checks(`${load(0)} (if (local.get 1) (then ${load(4)}))`), 2);
    assert.equal(checks(`${load(0)} (loop ${load(4)} (br_if 0 (local.get 1)))`), 2);
    assert.equal(checks(`${load(0)} (call $f) ${load(4)}`), 2, 'the call may free it, or not return');
    assert.equal(checks(`${load(0)} (drop (i32.div_u (local.get 0) (local.get 1))) ${load(4)}`), 2, 'the division may trap');
    assert.equal(checks(`${load(0)} (local.set 0 (local.get 1)) ${load(4)}`), 2);
    assert.equal(checks(`${load(0)} (drop (memory.grow (i32.const 1))) ${load(4)}`), 2);
    assert.equal(checks(`${load(0)} ${load(4)}`, { elide: false }), 2);
  });

  for (const mode of kRun) {
    test(`the access that is wrong is the one that is reported, ${mode}`, () => {
      const body = `(func (export "run") (param i32) (param f64) ${load(0)} (f64.store offset=8 align=4 (local.get 0) (local.get 1)) (i32.store8 offset=3 (local.get 0) (i32.const 1)))`;
      const program = assemble(linked(body)), { bytes, reports, imports, counts } = checked(program, { mode });
      assert.equal(counts.checks, 1);
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports());
      for (const at of [1024, 2048, 4080]) exports.run(at, 1);
      assert.deepEqual(reports, []);
      exports.run(4084, 1);
      exports.run(4092, 1);
      exports.run(4093, 1);
      exports.run(4094, 1);
      const words = reports.map((report) => report.replace(/, shadow.*/, ''));
      assert.deepEqual(words, ['write of 8 at 4092', 'write of 8 at 4100', 'read of 4 at 4093', 'write of 8 at 4101', 'write of 1 at 4096', 'read of 4 at 4094', 'write of 8 at 4102', 'write of 1 at 4097']);
      const site = parseInt(/** @type {RegExpExecArray} */ (/site (.*)/.exec(reports[0]))[1], 16);
      assert.deepEqual([...program.subarray(site, site + 3)], [0x39, 2, 8]);
    });
  }
});

test('checks are written out in functions that loop and are called from loops, within a budget for the code', () => {
  const stores = (count) => '(i32.store (local.get 0) (i32.const 1)) (local.set 0 (i32.add (local.get 0) (i32.const 4)))'.repeat(count);
  const straight = `(func (param i32) ${stores(100)})`, loops = `(func (param i32) (loop ${stores(100)} (br_if 0 (i32.eqz (local.get 0)))))`;
  const size = (body, mode) => instrument(assemble(linked(body)), { mode }).counts.code;
  assert.equal(size(straight, 'call'), size(straight, 'import') + size('', 'call') - size('', 'import'), 'one large function is all of the code: too much for the budget');
  const rest = `(func (param i32) (result i32) ${'(local.set 0 (i32.mul (local.get 0) (local.get 0)))'.repeat(900)} (local.get 0))`;
  const [called, chosen, inlined] = ['import', 'call', 'inline'].map((mode) => size(straight + loops + rest, mode) - size('', mode));
  assert.ok(called + 1000 < chosen && chosen + 1000 < inlined, `${called}, ${chosen}, ${inlined}: one of the two`);
  const { exports, reports } = run(linked(`(func (export "run") ${loops.slice(6)} ${rest}`));
  exports.run(4096 - 396);
  assert.deepEqual(reports.map((report) => report.replace(/, shadow.*/, '')), ['write of 4 at 4096']);
});

test('the stack pointer leaves the stack', () => {
  const body = `(func $down (export "run") (param i32) (local $frame i32)
    (global.set $sp (local.tee $frame (i32.sub (global.get $sp) (i32.const 512))))
    (i32.store (local.get $frame) (i32.const 1))
    (if (local.get 0) (then (call $down (i32.sub (local.get 0) (i32.const 1)))))
    (global.set $sp (i32.add (local.get $frame) (i32.const 512))))`;
  const { exports, reports } = run(linked(body));
  exports.run(4);
  assert.deepEqual(reports, []);
  exports.run(5); // 4096 - 6 * 512 = 1024 is below the end of the data
  assert.match(reports[0], /^stack at 1024, frame 512/);
  const first = linked(body).replaceAll('4096', '1024').replace('(data (i32.const 1024)', '(data (i32.const 2048)').replace('(global (export "__heap_base") i32 (i32.const 1024))', '');
  const other = run(first);
  other.exports.run(1);
  assert.deepEqual(other.reports, []);
  assert.throws(() => other.exports.run(2), WebAssembly.RuntimeError);
  assert.match(other.reports[0], /^stack at 4294966784, frame 512/, 'a stack that comes first runs below address 0');
});

test('memory that nobody wrote to', () => {
  const body = `(func (export "mark") (memory.fill (i32.const 2048) (i32.const 0xcd) (i32.const 64)))
    ${['i32', 'i64', 'f32', 'f64'].map((type) => `(func (export "${type}") (param i32) (result ${type}) (${type}.load offset=8 (local.get 0)))`).join('')}`;
  const { exports, reports } = run(linked(body), {}, { uninitialized: true });
  for (const type of ['i32', 'i64', 'f32', 'f64']) exports[type](2048);
  assert.deepEqual(reports, []);
  exports.mark();
  for (const type of ['i32', 'i64', 'f32', 'f64']) exports[type](2048);
  assert.deepEqual(reports.map((report) => report.replace(/, site.*/, '')), [4, 8, 4, 8].map((bytes) => `uninitialized ${bytes} at 2056`));
});

test('contexts: one number for one stack, another for another', () => {
  const wat = `(module (import "env" "malloc" (func $malloc (param i32) (result i32))) (memory (export "memory") 1)
    (func $leaf (result i32) (call $malloc (i32.const 1)))
    (func $unrelated (result i32) (i32.const 1))
    (func $middle (result i32) (drop (call $unrelated)) (i32.add (call $leaf) (call $leaf)))
    (table funcref (elem $leaf))
    (func (export "one") (result i32) (call $leaf)) (func (export "two") (result i32) (call $middle))
    (func (export "three") (result i32) (call_indirect (result i32) (i32.const 0))))`;
  /** @type {bigint[]} */
  const contexts = [];
  const { exports } = run(wat, { env: { malloc: () => 0, heap_debug_at: (context) => void contexts.push(context) } }, { contexts: true });
  for (let round = 0; round < 2; round++) for (const name of ['one', 'two', 'three']) exports[name]();
  assert.equal(contexts.length, 8);
  assert.deepEqual(contexts.slice(4), contexts.slice(0, 4));
  assert.equal(new Set(contexts).size, 4);
});

/** As lld marks what it links. @param {Uint8Array} bytes */
const byLld = (bytes) => Uint8Array.of(...bytes, 0, 17, 15, ...new TextEncoder().encode('target_features'), 0);

test('a program without a stack pointer has a NULL page below its data if lld linked it; of any other nothing is reported', () => {
  const access = '(func (export "run") (param i32) (result i32) (i32.load (local.get 0)))';
  const program = (data, more = '') => assemble(`(module ${more} (memory (export "memory") 1) ${data} ${access})`);
  const data = (at) => `(data (i32.const ${at}) "static data")`;
  const nullPage = (bytes, last) => {
    const { bytes: file, reports, imports } = checked(bytes), { exports } = new WebAssembly.Instance(new WebAssembly.Module(file), { env: { __stack_pointer: new WebAssembly.Global({ value: 'i32', mutable: true }, 4096) }, ...imports() });
    for (const at of [0, 4, ...(last ? [last] : []), 1024, 2048, 65532]) /** @type {any} */ (exports).run(at);
    return reports.map((report) => Number(/ at (\d+), shadow f1/.exec(report)?.[1]));
  };
  assert.deepEqual(nullPage(byLld(program(data(1024))), 1020), [0, 4, 1020]);
  assert.deepEqual(nullPage(byLld(program(data(65536 - 16))), 1020), [0, 4, 1020]);
  assert.deepEqual(nullPage(byLld(program(data(28))), 24), [0, 4], 'up to a multiple of 8 at most');
  assert.deepEqual(nullPage(byLld(program('')), 1020), [], 'data that is zero may begin anywhere');
  assert.deepEqual(nullPage(byLld(program('(data "passive")')), 1020), []);
  assert.deepEqual(nullPage(program(data(1024)), 1020), [], 'whoever made it may use the memory below');
  assert.deepEqual(nullPage(byLld(program(data(1024), '(import "env" "__stack_pointer" (global (mut i32)))')), 1020), [], 'the stack is where the host put it');
});

test('a program with several memories, and one of 64 bits', () => {
  for (const wat of [
    '(module (memory 1) (memory $other 1) (func (export "run") (param i32) (i32.store (memory $other) (local.get 0) (i32.load (local.get 0))) (memory.copy $other 0 (local.get 0) (i32.const 8) (i32.const 5))))',
    '(module (memory i64 1) (func (export "run") (param i64) (i64.store (local.get 0) (i64.load offset=8 (local.get 0))) (memory.fill (local.get 0) (i32.const 1) (i64.const 5)) (drop (memory.grow (i64.const 1)))))',
    '(module (func (export "run") (param i32)))',
  ]) for (const mode of kModes) validate(checked(assemble(wat), { mode, uninitialized: true, contexts: true }).bytes);
});

test('names stay with their functions', () => {
  const program = assemble('(module (import "env" "f" (func $imported)) (memory 1) (func $second (export "g") (call $imported) (unreachable)))', '--debug-names');
  const { bytes, imports } = checked(program);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { f() {} }, ...imports() });
  assert.throws(() => /** @type {any} */ (exports).g(), (error) => /second/.test(error.stack));
});

test('a file cut short anywhere, or changed anywhere, is refused by name or comes to something', () => {
  const program = assemble(`(module (import "env" "malloc" (func $malloc (param i32) (result i32))) (memory (export "memory") 1 4)
    (global $sp (mut i32) (i32.const 4096)) (data (i32.const 1024) "static") (table 1 funcref) (elem (i32.const 0) $run)
    (func $run (export "run") (param i32) (result i32) (local i64 f64)
      (block (br_if 0 (local.get 0)) (i32.store (local.get 0) (call $malloc (i32.const 8)))) (i32.load8_u (local.get 0))))`);
  let refused = 0, made = 0;
  const attempt = (bytes) => {
    try {
      instrument(bytes, { contexts: true, uninitialized: true });
      made++;
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      refused++;
    }
  };
  for (let end = 0; end < program.length; end++) attempt(program.subarray(0, end));
  for (let at = 0; at < program.length; at++) for (const byte of [0, 0x0b, 0x7f, 0x80, 0xff]) attempt(program.with(at, byte));
  assert.ok(refused > 100 && made > 10, `${refused} refused, ${made} made`);
});
