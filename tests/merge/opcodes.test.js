// The table of instructions, against assemblers that don't know it. A module is assembled twice, the second time behind 200
// other things of each kind: rewriting the first by 200 must give the second's code, byte for byte.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import binaryen from 'binaryen';
import { Cursor } from '../../js/wasm/cursor.js';
import { body } from '../../js/wasm/format.js';
import { FUNC, IMMEDIATES, LEB, PAGE, UNKNOWN } from '../../js/wasm/opcodes.js';
import { assemble } from './assemble.js';

const MORE = 200;
const times = text => Array.from({ length: MORE }, () => text).join('\n');
const dummies = `${times('(type (func (param i64 i64 f32) (result f64)))')} ${times('(func (type 0) (unreachable))')} ${times('(table 0 externref)')}
  ${times('(memory 0)')} ${times('(global i64 (i64.const 0))')} ${times('(tag (type 0))')} ${times('(elem funcref)')} ${times('(data "")')}`;

const loads = ['i32.load', 'i64.load', 'f32.load', 'f64.load', 'i32.load8_s', 'i32.load8_u', 'i32.load16_s', 'i32.load16_u', 'i64.load8_s',
  'i64.load8_u', 'i64.load16_s', 'i64.load16_u', 'i64.load32_s', 'i64.load32_u', 'v128.load', 'v128.load8x8_s', 'v128.load8x8_u',
  'v128.load16x4_s', 'v128.load16x4_u', 'v128.load32x2_s', 'v128.load32x2_u', 'v128.load8_splat', 'v128.load16_splat', 'v128.load32_splat',
  'v128.load64_splat', 'v128.load32_zero', 'v128.load64_zero', 'i32.atomic.load', 'i64.atomic.load', 'i32.atomic.load8_u',
  'i32.atomic.load16_u', 'i64.atomic.load8_u', 'i64.atomic.load16_u', 'i64.atomic.load32_u'];
const stores = ['i32.store', 'f32.store', 'i64.store', 'f64.store', 'i32.store8', 'i32.store16', 'i64.store8', 'i64.store16', 'i64.store32',
  'v128.store', 'i32.atomic.store', 'i64.atomic.store', 'i32.atomic.store8', 'i32.atomic.store16', 'i64.atomic.store8',
  'i64.atomic.store16', 'i64.atomic.store32', 'memory.atomic.notify', 'memory.atomic.wait32', 'memory.atomic.wait64',
  ...['add', 'sub', 'and', 'or', 'xor', 'xchg', 'cmpxchg'].flatMap(operation => ['i32.atomic.rmw', 'i64.atomic.rmw', 'i32.atomic.rmw8',
    'i32.atomic.rmw16', 'i64.atomic.rmw8', 'i64.atomic.rmw16', 'i64.atomic.rmw32'].map(width => `${width}.${operation}${/rmw(8|16|32)/.test(width) ? '_u' : ''}`))];
const integer = ['clz', 'ctz', 'popcnt', 'add', 'sub', 'mul', 'div_s', 'div_u', 'rem_s', 'rem_u', 'and', 'or', 'xor', 'shl', 'shr_s', 'shr_u', 'rotl',
  'rotr', 'eqz', 'eq', 'ne', 'lt_s', 'lt_u', 'gt_s', 'gt_u', 'le_s', 'le_u', 'ge_s', 'ge_u', 'extend8_s', 'extend16_s', 'trunc_f32_s', 'trunc_f64_u',
  'trunc_sat_f32_s', 'trunc_sat_f32_u', 'trunc_sat_f64_s', 'trunc_sat_f64_u'];
const float = ['abs', 'neg', 'ceil', 'floor', 'trunc', 'nearest', 'sqrt', 'add', 'sub', 'mul', 'div', 'min', 'max', 'copysign', 'eq', 'ne', 'lt', 'gt', 'le', 'ge',
  'convert_i32_s', 'convert_i64_u'];
const vector = ['i8x16.swizzle', 'i8x16.splat', 'f64x2.splat', 'v128.not', 'v128.and', 'v128.andnot', 'v128.or', 'v128.xor', 'v128.bitselect', 'v128.any_true',
  'i8x16.popcnt', 'i16x8.q15mulr_sat_s', 'i32x4.dot_i16x8_s', 'f32x4.demote_f64x2_zero', 'f64x2.promote_low_f32x4', 'i8x16.narrow_i16x8_u',
  'i32x4.trunc_sat_f64x2_u_zero', 'f64x2.convert_low_i32x4_u', 'f32x4.pmax', 'f64x2.pmin', 'i64x2.extmul_high_i32x4_u', 'i64x2.ge_s', 'i8x16.avgr_u',
  'i8x16.relaxed_swizzle', 'i32x4.relaxed_trunc_f64x2_u_zero', 'f64x2.relaxed_nmadd', 'i64x2.relaxed_laneselect', 'f64x2.relaxed_max',
  'i16x8.relaxed_q15mulr_s'];

const instructions = [
  'nop', 'drop', 'select', 'select (result i32)', 'return', 'unreachable',
  'block $a loop $b if (type $t) br $a else br_if $b end end end', 'block (result f64) end', 'block (type $t) end',
  'block $a block $b block $c br_table $a $b $c $a end end end',
  'call $f', 'call_indirect $table (type $t)', 'return_call $f', 'return_call_indirect $table (type $t)',
  'try (type $t) catch $tag catch_all end', 'try $x try delegate $x catch $tag rethrow 0 end', 'throw $tag',
  'local.get $l', 'local.set $l', 'local.tee $l', 'global.get $g', 'global.set $g',
  'table.get $table', 'table.set $table', 'table.size $table', 'table.grow $table', 'table.fill $table', 'table.copy $table $other',
  'table.init $table $elem', 'elem.drop $elem', 'memory.init $memory $data', 'data.drop $data', 'memory.copy $memory $second', 'memory.fill $memory',
  'memory.size $memory', 'memory.grow $memory', 'i32.const -7', 'i64.const 0x123456789abcdef', 'f32.const 1.5', 'f64.const -2.5', 'ref.null func', 'ref.null extern', 'ref.is_null',
  'ref.func $f', 'v128.const i32x4 1 2 3 4', 'i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15', 'i8x16.extract_lane_s 9', 'f64x2.replace_lane 1',
  'atomic.fence', 'i32.wrap_i64', 'i64.extend_i32_u', 'i64.extend32_s', 'f32.demote_f64', 'f64.promote_f32', 'i32.reinterpret_f32', 'f64.reinterpret_i64',
  ...['i32', 'i64'].flatMap(type => integer.map(name => `${type}.${name}`)), ...['f32', 'f64'].flatMap(type => float.map(name => `${type}.${name}`)),
  ...loads.map(name => `${name} $memory offset=300`), ...stores.map(name => `${name} $second offset=3`), ...vector,
  ...['8', '16', '32', '64'].flatMap(width => [`v128.load${width}_lane $memory offset=1 1`, `v128.store${width}_lane $memory offset=1 0`]),
];

const module = before => `(module ${before}
  (type $t (func (param i32) (result i32)))
  (table $table 1 funcref) (table $other 1 funcref) (memory $memory 1) (memory $second 1) (global $g (mut i32) (i32.const 0)) (tag $tag (param i32))
  (func $f (type $t) (unreachable)) (elem $elem func $f) (data $data "x")
  ${instructions.map(text => `(func (type $t) (local $l i32) (local funcref) unreachable ${text} unreachable)`).join('\n')})`;

/** The bodies of a module, and where each lies. @param {Uint8Array} bytes */
function bodiesOf(bytes) {
  const cursor = new Cursor(bytes, 'test');
  cursor.at = 8;
  while (cursor.byte() !== 10) cursor.block();
  cursor.number();
  return Array.from({ length: cursor.number() }, () => {
    const size = cursor.number();
    cursor.skip(size);
    return [cursor.at - size, cursor.at];
  });
}

test('every immediate of every instruction, against wabt', () => {
  const before = assemble(module(''), '--no-check'), after = assemble(module(dummies), '--no-check');
  const expected = bodiesOf(after).slice(MORE), maps = Array.from({ length: 10 }, (_, space) =>
    space < LEB ? index => index + MORE : undefined);
  bodiesOf(before).forEach(([start, end], i) => {
    const cursor = new Cursor(before, 'test', 0, maps);
    cursor.at = start;
    body(cursor, end);
    const rewritten = cursor.rewritten(start, end);
    assert.deepEqual([...rewritten], [...after.subarray(...expected[i])], i ? instructions[i - 1] : 'the first function');
  });
});

test('the same instructions, where only function indices change', () => {
  const bytes = assemble(module(''), '--no-check'), maps = [];
  let changes;
  maps[FUNC] = index => index ? index : (changes++, 5);
  bodiesOf(bytes).forEach(([start, end], i) => {
    changes = 0;
    const cursor = new Cursor(bytes, 'test', 0, maps);
    cursor.at = start;
    body(cursor, end);
    assert.equal(cursor.at, end);
    const calls = /call \$f|ref.func/.test(instructions[i - 1]) ? 1 : 0;
    assert.equal(changes, calls, instructions[i - 1]);
  });
});

test('garbage collection, function references and try_table, against Binaryen', () => {
  const gc = binaryen.parseText(`(module
    (rec (type $point (sub (struct (field $x (mut i32)) (field $y i8)))) (type $more (sub $point (struct (field $x (mut i32)) (field $y i8) (field f64)))))
    (type $bytes (array (mut i8))) (type $refs (array (mut funcref))) (type $t (func (param i32) (result i32)))
    (table $table 1 funcref) (tag $tag (param i32)) (func $f (type $t) (local.get 0)) (elem $elem func $f) (data $data "abc") (memory 1)
    (func (export "run") (param $p (ref null $point)) (param $any anyref) (result i32)
      (local $b (ref null $bytes)) (local $r (ref null $refs)) (local $f (ref null $t))
      (local.set $p (struct.new $more (i32.const 1) (i32.const 2) (f64.const 3)))
      (local.set $p (struct.new_default $point))
      (struct.set $point $x (local.get $p) (i32.const 9))
      (drop (struct.get $point $x (local.get $p))) (drop (struct.get_s $point $y (local.get $p))) (drop (struct.get_u $point $y (local.get $p)))
      (local.set $b (array.new $bytes (i32.const 1) (i32.const 20))) (local.set $b (array.new_default $bytes (i32.const 20)))
      (local.set $b (array.new_fixed $bytes 2 (i32.const 1) (i32.const 2))) (local.set $b (array.new_data $bytes $data (i32.const 0) (i32.const 2)))
      (local.set $r (array.new_elem $refs $elem (i32.const 0) (i32.const 1)))
      (array.set $bytes (local.get $b) (i32.const 0) (i32.const 7)) (drop (array.get_u $bytes (local.get $b) (i32.const 0)))
      (drop (array.get_s $bytes (local.get $b) (i32.const 0))) (drop (array.get $refs (local.get $r) (i32.const 0))) (drop (array.len (local.get $b)))
      (array.fill $bytes (local.get $b) (i32.const 0) (i32.const 1) (i32.const 1)) (array.copy $bytes $bytes (local.get $b) (i32.const 0) (local.get $b) (i32.const 0) (i32.const 1))
      (array.init_data $bytes $data (local.get $b) (i32.const 0) (i32.const 0) (i32.const 1)) (array.init_elem $refs $elem (local.get $r) (i32.const 0) (i32.const 0) (i32.const 1))
      (drop (ref.test (ref $more) (local.get $any))) (drop (ref.test (ref null $more) (local.get $any)))
      (drop (ref.cast (ref null $point) (local.get $any))) (drop (ref.cast (ref null i31) (local.get $any)))
      (drop (block $cast (result (ref $point)) (drop (br_on_cast $cast anyref (ref $point) (local.get $any))) (unreachable)))
      (drop (block $fail (result anyref) (drop (br_on_cast_fail $fail anyref (ref $point) (local.get $any))) (unreachable)))
      (drop (extern.convert_any (local.get $any))) (drop (any.convert_extern (ref.null extern)))
      (drop (i31.get_s (ref.i31 (i32.const 1)))) (drop (i31.get_u (ref.i31 (i32.const 1)))) (drop (ref.eq (local.get $p) (ref.null eq)))
      (local.set $f (ref.func $f)) (drop (call_ref $t (i32.const 1) (ref.as_non_null (local.get $f))))
      (block $null (drop (br_on_null $null (local.get $f)))) (drop (block $some (result (ref $t)) (br_on_non_null $some (local.get $f)) (unreachable)))
      (drop (block $caught (result i32) (try_table (catch $tag $caught) (throw $tag (i32.const 4))) (unreachable)))
      (drop (block $all (result i32 exnref) (try_table (catch_ref $tag $all) (unreachable)) (unreachable)))
      (block $none (try_table (catch_all $none) (unreachable)))
      (throw_ref (block $ref (result exnref) (try_table (result exnref) (catch_all_ref $ref) (unreachable))))))`);
  gc.setFeatures(binaryen.Features.All);
  const bytes = gc.emitBinary(), maps = [];
  let changes;
  maps[FUNC] = index => (changes++, 1 - index);
  const found = bodiesOf(bytes).map(([start, end]) => {
    changes = 0;
    const cursor = new Cursor(bytes, 'test', 0, maps);
    cursor.at = start;
    body(cursor, end);
    return changes;
  });
  assert.deepEqual(found, [0, 1]);
});

/** How many opcodes each page of js/wasm/opcodes.js has: core, and those behind fb, fc, fd and fe. All are assembled above. */
const kAssembled = [199, 31, 22, 256, 67];

test('an opcode that is added is assembled in this file', () => {
  kAssembled.forEach((count, page) => {
    const known = IMMEDIATES.subarray(page * PAGE, (page + 1) * PAGE).filter((immediates) => immediates !== UNKNOWN).length;
    assert.equal(known, count, `page ${page} of js/wasm/opcodes.js: assemble the new instruction in tests/merge/opcodes.test.js, then count it in kAssembled there`);
  });
});

// What an engine says to a function of one instruction: it names the opcodes that it doesn't know.
test('the opcodes that are none, against this engine', () => {
  const refused = (...opcode) => {
    const code = [0, ...opcode, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0b];
    const bytes = Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, code.length + 2, 1, code.length, ...code]);
    try {
      return !new WebAssembly.Module(bytes);
    } catch (error) {
      return /[Ii]nvalid (\w+ )?opcode/.test(error.message);
    }
  };
  // In prefixes that every engine has complete: core, bulk memory, threads, and SIMD without what came later.
  for (let opcode = 0; opcode <= 0xd2; opcode++) if (IMMEDIATES[opcode] === UNKNOWN && ![0x14, 0x15].includes(opcode)) assert.ok(refused(opcode), `0x${opcode.toString(16)}`);
  for (let opcode = 0; opcode < 0x13; opcode++) assert.equal(IMMEDIATES[2 * PAGE + opcode] === UNKNOWN, refused(0xfc, opcode), `0xfc 0x${opcode.toString(16)}`);
  for (let opcode = 0; opcode < 0x7f; opcode++) assert.equal(IMMEDIATES[4 * PAGE + opcode] === UNKNOWN, refused(0xfe, opcode), `0xfe 0x${opcode.toString(16)}`);
  for (let opcode = 0; opcode < 0x100; opcode++) {
    const bytes = opcode < 0x80 ? [opcode] : [opcode & 0x7f | 0x80, opcode >> 7];
    assert.equal(IMMEDIATES[3 * PAGE + opcode] === UNKNOWN, refused(0xfd, ...bytes), `0xfd 0x${opcode.toString(16)}`);
  }
});
