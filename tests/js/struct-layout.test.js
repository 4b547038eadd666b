// A hundred generated structs, field by field against what clang lays out, and every field read and written from both sides.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { load, Struct, struct } from '../../js/index.js';
import { compile, kOut, link } from '../e2e/build-programs.js';

const kTypes = {
  i8: 'signed char', u8: 'unsigned char', i16: 'short', u16: 'unsigned short', i32: 'int', u32: 'unsigned', i64: 'long long',
  u64: 'unsigned long long', f32: 'float', f64: 'double', bool: '_Bool', pointer: 'void *',
};
const kCount = 100;

const seed = Number(process.env.SEED ?? (Date.now() % 1e9) + 1);
let state = seed;
const random = (below) => ((state = (state * 48271) % 0x7fffffff), state % below);

/** A random type: [what struct() takes, the C declaration of a field of that name]. Structs come from the small ones made before. */
function randomType(made, depth = 0) {
  const kind = random(10);
  if (kind < 2 && depth < 2) {
    const [type, declare] = randomType(made, depth + 1);
    const length = 1 + random(5);
    return [[type, length], (name) => declare(`${name}[${length}]`)];
  }
  const index = random(made.length + 1);
  if (kind < 4 && made[index]?.type.size < 200) {
    return [made[index].type, (name) => `struct S${index} ${name}`];
  }
  const names = Object.keys(kTypes);
  const name = names[random(names.length)];
  return [name, (field) => `${kTypes[name]} ${field}`];
}

function randomStruct(made) {
  const fields = Array.from({ length: 1 + random(8) }, (_, index) => [`f${index}`, ...randomType(made)]);
  return { type: struct(Object.fromEntries(fields.map(([name, type]) => [name, type]))), fields };
}

/** The leaves of a type: [path in C, type, getter in JS]. */
function leaves(type, path, get) {
  if (type instanceof Struct) return Object.entries(type.described).flatMap(([name, field]) => leaves(field, `${path}.${name}`, (root) => get(root)[name]));
  if (Array.isArray(type)) return Array.from({ length: type[1] }, (_, i) => leaves(type[0], `${path}[${i}]`, (root) => get(root)[i])).flat();
  return [[path, type, get]];
}

/** A value that every type of number can hold, different for each field: what C writes as `number` and what JS then reads. */
const valueOf = (type, number) => (type === 'bool' ? number % 2 === 1 : type === 'i64' || type === 'u64' ? BigInt(number) : number);

const structs = [];
for (let i = 0; i < kCount; i++) {
  const made = randomStruct(structs);
  made.type.described = Object.fromEntries(made.fields.map(([name, type]) => [name, type]));
  structs.push(made);
}

function source() {
  const parts = ['#include <stddef.h>'];
  structs.forEach(({ fields, type }, index) => {
    const all = leaves(type, '', (root) => root);
    parts.push(`struct S${index} { ${fields.map(([name, , declare]) => `${declare(name)};`).join(' ')} };`);
    parts.push(`const unsigned layout${index}[] = { sizeof(struct S${index}), _Alignof(struct S${index}), ${fields.map(([name]) => `offsetof(struct S${index}, ${name})`).join(', ')} };`);
    parts.push(`const unsigned *layoutOf${index}(void) { return layout${index}; }`);
    const assign = all.map(([path, t], n) => `(*s)${path} = ${t === 'pointer' ? '(void *)' : ''}${n % 100};`);
    parts.push(`void fill${index}(struct S${index} *s) { ${assign.join(' ')} }`);
    const check = all.map(([path, t], n) => `if ((*s)${path} != ${t === 'pointer' ? '(void *)' : ''}${t === 'bool' ? n % 2 : (n + 7) % 100}) return ${n + 1};`);
    parts.push(`int check${index}(struct S${index} *s) { ${check.join(' ')} return 0; }`);
  });
  return parts.join('\n');
}

const file = (name) => join(kOut, name);
writeFileSync(file('structs.c'), source());
compile(file('structs.c'), file('structs.o'), '-Wno-all');
link(file('structs.o'), file('structs.wasm'), '--export-dynamic', ...structs.flatMap((_, i) => [`--export=layoutOf${i}`, `--export=fill${i}`, `--export=check${i}`]));
const memory = new URL('../../dist/memory.wasm', import.meta.url);
const { exports, heap } = await load(readFileSync(file('structs.wasm')), { heap: memory });

structs.forEach(({ type, fields }, index) => {
  test(`struct ${index} of seed ${seed} lies as clang lays it out`, () => {
    const at = exports[`layoutOf${index}`]() / 4;
    const expected = [...heap.u32.subarray(at, at + 2 + fields.length)];
    assert.deepEqual([type.size, type.align, ...Object.values(type.fields).map(({ offset }) => offset)], expected);
    heap.scope((scope) => {
      const pointer = scope.allocStruct(type);
      exports[`fill${index}`](pointer);
      const all = leaves(type, '', (root) => root);
      const copy = type.read(heap, pointer);
      const live = type.at(heap, pointer);
      all.forEach(([path, t, get], n) => {
        const value = t === 'bool' ? n % 100 !== 0 : valueOf(t, n % 100);
        assert.equal(get(copy), value, path);
        assert.equal(get(live), value, path);
      });
      // And back: every leaf changed through read's own shape.
      all.forEach(([path, t], n) => setLeaf(copy, path, valueOf(t, t === 'bool' ? n : (n + 7) % 100)));
      type.write(heap, pointer, copy);
      assert.equal(exports[`check${index}`](pointer), 0);
    });
  });
});

/** Sets what a path like .a[2].b names. */
function setLeaf(root, path, value) {
  const steps = path.match(/\w+/g);
  const last = steps.pop();
  steps.reduce((object, step) => object[step], root)[last] = value;
}
