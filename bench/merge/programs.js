// The programs that are measured: the same source linked statically and against memory.wasm, and programs grown to a size.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { concatenated } from '../../js/wasm/bytes.js';
import { Cursor } from '../../js/wasm/cursor.js';
import { leb } from '../../js/wasm/leb128.js';
import { CODE, FUNCTIONS } from '../../js/wasm/sections.js';

const path = name => fileURLToPath(new URL(`../../${name}`, import.meta.url));
export const kOut = path('build/bench-merge');

/** pair.wasm, which imports malloc and free, and pair.static.wasm, which has dist/libmemory.a in it. */
export function buildPair() {
  mkdirSync(kOut, { recursive: true });
  const object = `${kOut}/pair.o`, options = ['--no-entry', '--export=__heap_base', '--stack-first'];
  execFileSync('clang-19', ['--target=wasm32', '-O2', '-nostdlib', '-ffreestanding', '-c', path('bench/merge/pair.c'), '-o', object]);
  execFileSync('wasm-ld-19', [object, ...options, '--allow-undefined', '-o', `${kOut}/pair.wasm`]);
  execFileSync('wasm-ld-19', [object, path('dist/libmemory.a'), ...options, '--export=malloc', '-o', `${kOut}/pair.static.wasm`]);
}

/**
 * A module of about `bytes` bytes: all functions of `program`, again and again. It does what the program does.
 * @param {Uint8Array} program @param {number} bytes
 */
export function grown(program, bytes) {
  const cursor = new Cursor(program, 'program'), times = Math.max(1, Math.round(bytes / program.length)), pieces = [program.subarray(0, 8)];
  cursor.at = 8;
  while (cursor.at < program.length) {
    const start = cursor.at, id = cursor.byte(), end = cursor.number() + cursor.at;
    if (id === FUNCTIONS || id === CODE) {
      const count = cursor.number(), items = program.subarray(cursor.at, end);
      const contents = concatenated([leb(count * times), ...Array.from({ length: times }, () => items)]);
      pieces.push(Uint8Array.of(id), leb(contents.length), contents);
    } else if (id !== 0) pieces.push(program.subarray(start, end));
    cursor.at = end;
  }
  return concatenated(pieces);
}

/** Both with as many functions as make them `bytes` bytes long: the programs of the first-malloc benchmark. @param {number} bytes */
export function buildBig(bytes) {
  for (const name of ['pair', 'pair.static']) {
    writeFileSync(`${kOut}/${name}.big.wasm`, withFiller(new Uint8Array(readFileSync(`${kOut}/${name}.wasm`)), bytes));
  }
}

/**
 * A program of `bytes` bytes that does what it did: functions of arithmetic and loops are added, which nobody calls.
 * @param {Uint8Array} program @param {number} bytes
 */
export function withFiller(program, bytes) {
  const filler = fillers(program, bytes - program.length), cursor = new Cursor(program, 'program'), pieces = [program.subarray(0, 8)];
  cursor.at = 8;
  while (cursor.at < program.length) {
    const start = cursor.at, id = cursor.byte(), end = cursor.number() + cursor.at;
    if (id === FUNCTIONS || id === CODE) {
      const count = cursor.number(), own = program.subarray(cursor.at, end);
      const added = id === CODE ? concatenated(filler) : new Uint8Array(filler.length).fill(typeOfPairs(program));
      const contents = concatenated([leb(count + filler.length), own, added]);
      pieces.push(Uint8Array.of(id), leb(contents.length), contents);
    } else if (id !== 0) pieces.push(program.subarray(start, end));
    cursor.at = end;
  }
  return concatenated(pieces);
}

/** The index of the type (i32) -> i32. @param {Uint8Array} program */
function typeOfPairs(program) {
  const cursor = new Cursor(program, 'program');
  cursor.at = 8;
  cursor.byte();
  cursor.number();
  for (let index = 0, count = cursor.number(); index < count; index++) {
    const start = cursor.at + 1;
    cursor.byte();
    cursor.block();
    cursor.block();
    if (program.subarray(start, cursor.at).join() === '1,127,1,127') return index;
  }
  throw new Error('no function takes and returns an i32');
}

/** Bodies of some 200 bytes, no two alike, as (i32) -> i32. @param {Uint8Array} program @param {number} bytes */
function fillers(program, bytes) {
  const bodies = [];
  let seed = 1;
  const random = n => (seed = Math.imul(seed, 1664525) + 1013904223 >>> 0, (seed >>> 8) % n);
  for (let total = 0; total < bytes;) {
    const code = [1, 2, 0x7f]; // two locals
    code.push(0x02, 0x40, 0x03, 0x40); // block, loop
    for (let i = 0; i < 20; i++) {
      code.push(0x20, random(3), 0x41, random(64), [0x6a, 0x6b, 0x6c, 0x71, 0x73, 0x74][random(6)], 0x21, random(3));
      if (random(4) === 0) code.push(0x20, random(3), 0x2d, 0, ...leb(random(1000)), 0x21, random(3));
    }
    code.push(0x20, random(3), 0x45, 0x0d, 1, 0x0c, 0, 0x0b, 0x0b, 0x20, random(3), 0x0b); // br_if, br
    const body = concatenated([leb(code.length), Uint8Array.from(code)]);
    bodies.push(body);
    total += body.length;
  }
  return bodies;
}
