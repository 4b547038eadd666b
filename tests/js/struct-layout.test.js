// A hundred generated structs, field by field against what clang lays out, and every field read and written from both sides.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { enumOf, load, pointerTo, struct, union } from '../../js/index.js';
import { compile, kOut, link } from '../e2e/build-programs.js';

const kTypes = {
  i8: 'signed char', u8: 'unsigned char', i16: 'short', u16: 'unsigned short', i32: 'int', u32: 'unsigned', i64: 'long long',
  u64: 'unsigned long long', f32: 'float', f64: 'double', bool: '_Bool', pointer: 'void *',
};
const kCount = 100;

const seed = Number(process.env.SEED ?? (Date.now() % 1e9) + 1);
let state = seed;
const random = (below) => ((state = (state * 48271) % 0x7fffffff), state % below);

/** What a type is made of, for those that have parts. @type {Map<object, { fields: [string, any, Function][], isUnion: boolean }>} */
const described = new Map();
const Shade = enumOf({ LIGHT: 0, MIDDLE: 1, DARK: 2 });
const Small = enumOf({ ONE: 1, TWO: 2 }, 'u8');
const kEnums = new Map([[Shade, ['enum Shade', ['LIGHT', 'MIDDLE', 'DARK']]], [Small, ['enum Small', [0, 'ONE', 'TWO']]]]);

/** A random type: [what struct() takes, the C declaration of a field of that name]. Structs come from the small ones made before. */
function randomType(made, depth = 0) {
  const kind = random(16);
  if (kind < 2 && depth < 2) {
    const [type, declare] = randomType(made, depth + 1);
    const length = 1 + random(5);
    return [[type, length], (name) => declare(`${name}[${length}]`)];
  }
  if (kind < 4) {
    const length = 2 + random(9);
    return [`char[${length}]`, (name) => `char ${name}[${length}]`];
  }
  if (kind < 6) {
    const type = random(2) ? Shade : Small;
    return [type, (name) => `${kEnums.get(type)[0]} ${name}`];
  }
  if (kind < 8 && depth < 2) {
    const fields = randomFields(made, 1 + random(4), depth + 1, 'u');
    const type = union(Object.fromEntries(fields.map(([name, type]) => [name, type])));
    described.set(type, { fields, isUnion: true });
    return [type, (name) => `union { ${fields.map(([field, , declare]) => `${declare(field)};`).join(' ')} } ${name}`];
  }
  const index = random(made.length + 1);
  if (made[index]?.type.size < 200) {
    if (kind < 10) return [made[index].type, (name) => `struct S${index} ${name}`];
    if (kind < 12) return [pointerTo(made[index].type), (name) => `struct S${index} *${name}`];
  }
  const names = Object.keys(kTypes);
  const name = names[random(names.length)];
  return [name, (field) => `${kTypes[name]} ${field}`];
}

const randomFields = (made, count, depth, letter) => Array.from({ length: count }, (_, index) => [`${letter}${index}`, ...randomType(made, depth)]);

function randomStruct(made) {
  const fields = randomFields(made, 1 + random(8), 0, 'f');
  const type = struct(Object.fromEntries(fields.map(([name, type]) => [name, type])));
  described.set(type, { fields, isUnion: false });
  return { type, fields };
}

/** The leaves of a type: [path in C, type, getter in JS]. Of a union the first field. */
function leaves(type, path, get) {
  const parts = described.get(type);
  if (parts) return (parts.isUnion ? parts.fields.slice(0, 1) : parts.fields).flatMap(([name, field]) => leaves(field, `${path}.${name}`, (root) => get(root)[name]));
  if (Array.isArray(type)) return Array.from({ length: type[1] }, (_, i) => leaves(type[0], `${path}[${i}]`, (root) => get(root)[i])).flat();
  return [[path, type, get]];
}

/** What C writes into a leaf for a number, different for each leaf, and how JavaScript then reads it. */
function inC(type, number) {
  if (/^char/.test(type)) return `'${String.fromCharCode(97 + (number % 26))}'`;
  if (kEnums.has(type)) return `${number % 3}`;
  if (type === 'pointer' || typeof type === 'object') return `(void *)${number}`;
  return `${type === 'bool' ? number % 2 : number}`;
}
function inJavaScript(type, number) {
  if (/^char/.test(type)) return String.fromCharCode(97 + (number % 26));
  if (kEnums.has(type)) return kEnums.get(type)[1][number % 3];
  if (type === 'bool') return number % 2 === 1;
  return type === 'i64' || type === 'u64' ? BigInt(number) : number;
}
/** The place in C that is set: of a text its first letter. */
const place = (path, type) => `(*s)${path}${/^char/.test(type) ? '[0]' : ''}`;

const structs = [];
for (let i = 0; i < kCount; i++) {
  structs.push(randomStruct(structs));
}

function source() {
  const parts = ['#include <stddef.h>', 'enum Shade { LIGHT, MIDDLE, DARK };', 'enum Small : unsigned char { ONE = 1, TWO = 2 };'];
  structs.forEach(({ fields, type }, index) => {
    const all = leaves(type, '', (root) => root);
    parts.push(`struct S${index} { ${fields.map(([name, , declare]) => `${declare(name)};`).join(' ')} };`);
    parts.push(`const unsigned layout${index}[] = { sizeof(struct S${index}), _Alignof(struct S${index}), ${fields.map(([name]) => `offsetof(struct S${index}, ${name})`).join(', ')} };`);
    parts.push(`const unsigned *layoutOf${index}(void) { return layout${index}; }`);
    parts.push(`void fill${index}(struct S${index} *s) { ${all.map(([path, t], n) => `${place(path, t)} = ${inC(t, n % 100)};`).join(' ')} }`);
    parts.push(`int check${index}(struct S${index} *s) { ${all.map(([path, t], n) => `if (${place(path, t)} != ${inC(t, (n + 7) % 100)}) return ${n + 1};`).join(' ')} return 0; }`);
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
      const copy = heap.read(type, pointer);
      const live = heap.at(type, pointer);
      all.forEach(([path, t, get], n) => {
        const value = inJavaScript(t, n % 100);
        assert.equal(get(copy), value, path);
        if (typeof t !== 'object' || kEnums.has(t)) assert.equal(get(live), value, path); // a live pointer is followed
      });
      // And back: every leaf changed through read's own shape.
      all.forEach(([path, t], n) => setLeaf(copy, path, inJavaScript(t, (n + 7) % 100)));
      heap.write(type, pointer, writable(type, copy));
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

/** A copy as write takes it: of a union the first field alone. */
function writable(type, value) {
  const parts = described.get(type);
  if (parts) return Object.fromEntries((parts.isUnion ? parts.fields.slice(0, 1) : parts.fields).map(([name, field]) => [name, writable(field, value[name])]));
  return Array.isArray(type) ? value.map((element) => writable(type[0], element)) : value;
}

test('a flexible array is where clang puts it', () => {
  const elements = [['i32', 'int'], ['u8', 'char'], ['f64', 'double'], [structs[0].type, 'struct S0']];
  const counts = [['u8', 'unsigned char'], ['u64', 'unsigned long long'], ['u16', 'unsigned short']];
  const all = elements.flatMap((element) => counts.map((count) => [...element, ...count]));
  const text = all.map(([, c, , cCount], index) =>
    `struct F${index} { ${cCount} count; unsigned char odd; ${c} data[]; };
    const unsigned sizes${index}[] = { sizeof(struct F${index}), _Alignof(struct F${index}), offsetof(struct F${index}, data) };
    const unsigned *flexible${index}(void) { return sizes${index}; }`);
  writeFileSync(file('flexible.c'), [source(), ...text].join('\n'));
  compile(file('flexible.c'), file('flexible.o'), '-Wno-all');
  link(file('flexible.o'), file('flexible.wasm'), ...all.map((_, index) => `--export=flexible${index}`));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file('flexible.wasm'))));
  all.forEach(([type, c, count], index) => {
    const Flexible = struct({ count, odd: 'u8', data: [type, 'count'] });
    assert.deepEqual([Flexible.size, Flexible.align, Flexible.fields.data.offset], [...new Uint32Array(exports.memory.buffer, exports[`flexible${index}`](), 3)], `${c} ${count}`);
  });
});
