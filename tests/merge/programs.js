// Programs for tests of all merges: of many shapes, small, with their code copied and with it rewritten.

import { readFileSync } from 'node:fs';
import { assemble } from './assemble.js';

export const heap = assemble(readFileSync(new URL('./heap.wat', import.meta.url), 'utf8'));

const MALLOC = '(import "env" "malloc" (func $malloc (param i32) (result i32)))';
const PRINT = '(import "host" "print" (func $print (param i32)))';
const EVERYTHING = `
  (type $size (func (param i32) (result i32)))
  (memory (export "memory") 1 4)
  (table $t (export "table") 6 funcref) (elem (i32.const 1) $malloc $sum $print) (elem $passive func $sum)
  (global $count (export "count") (mut i64) (i64.const 5))
  (tag $failed (export "failed") (param i32))
  (data (i32.const 16) "hello") (data $later "later")
  (func $sum (export "sum") (param i32) (result i32) (local $s i32) (local f64 f64) (local v128)
    (block $done (loop $next
      (br_if $done (i32.eqz (local.get 0)))
      (local.set $s (i32.add (local.get $s) (local.get 0)))
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br $next)))
    (local.get $s))
  (func (export "run") (param i32) (result i32)
    (call $print (call_indirect (type $size) (i32.const 100) (i32.const 2)))
    (global.set $count (i64.add (global.get $count) (i64.const 0x1234567890)))
    (memory.init $later (i32.const 32) (i32.const 0) (i32.const 5))
    (call $print (i32.load8_u offset=2 (i32.const 30)))
    (call $print (i32x4.extract_lane 2 (v128.const i32x4 1 2 3 4)))
    (call $print (i32.trunc_sat_f64_s (f64.const 3.99)))
    (try (do (throw $failed (i32.const 9))) (catch $failed (call $print)))
    (block (block (block (br_table 0 1 2 (local.get 0))) (return (call $malloc (i32.const 10)))) (return (i32.const 1)))
    (unreachable))`;

/** @type {{ [name: string]: Uint8Array }} */
export const programs = {
  empty: assemble('(module (memory (export "memory") 1))'),
  'imports only': assemble(`(module ${MALLOC} (memory 1) (export "allocate" (func $malloc)))`),
  copied: assemble(`(module ${PRINT} ${MALLOC} ${EVERYTHING})`, '--debug-names'),
  rewritten: assemble(`(module ${MALLOC} ${PRINT} ${EVERYTHING})`, '--debug-names'),
};

/** What "copied" and "rewritten" do when they run: it must not depend on how they were merged. @param {Uint8Array} bytes */
export function behaviour(bytes) {
  /** @type {unknown[]} */
  const printed = [];
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { host: { print: value => printed.push(value) } });
  for (const argument of [0, 1, 2]) {
    try {
      printed.push(exports.run(argument));
    } catch (error) {
      printed.push(error.message);
    }
  }
  return [...printed, exports.count.value, exports.table.length, exports.sum(10)];
}
