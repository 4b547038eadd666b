// Programs that are made to hang, slow down or exhaust whoever reads them: each grows with a number, or lies about one.

import { kMagicAndVersion, text } from '../../js/wasm/encode.js';
import { leb } from '../../js/wasm/leb128.js';

/** A section of items, without spreading them: there may be a million. @param {number} id @param {Uint8Array[] | number[][]} items */
const section = (id, items, count = items.length) => {
  const body = Buffer.concat([Buffer.from(leb(count)), ...items.map((item) => Buffer.from(item))]);
  return Buffer.concat([Buffer.from([id, ...leb(body.length)]), body]);
};
/** @param {(Buffer | Buffer[])[]} sections */
const module = (...sections) => new Uint8Array(Buffer.concat([Buffer.from(kMagicAndVersion)].concat(sections.flat())));
const times = (n, item) => Array.from({ length: n }, (_, i) => item(i));

const kTypes = section(1, [[0x60, 1, 0x7f, 1, 0x7f], [0x60, 0, 0]]);
const kMalloc = [...text('env'), ...text('malloc'), 0, 0];
const kOther = [...text('env'), ...text('other'), 0, 0];
const kMemory = section(5, [[0, 1]]);
const kExports = section(7, [[...text('memory'), 2, 0]]);
const body = (code) => [...leb(code.length + 2), 0, ...code, 0x0b];
const padded = (bytes) => [...Array(bytes).fill(0x80), 0];
/** Names for the first `n` functions. @param {number} n @param {string} name */
function nameSection(n, name) {
  const names = Buffer.concat([Buffer.from(leb(n)), ...times(n, (i) => Buffer.from([...leb(i), ...text(name)]))]);
  const contents = Buffer.concat([Buffer.from([...text('name'), 1, ...leb(names.length)]), names]);
  return Buffer.concat([Buffer.from([0, ...leb(contents.length)]), contents]);
}
const whole = (...more) => module(kTypes, section(2, [kMalloc, kOther]), ...more);

/** By name: `n` says how large. @type {Record<string, (n: number) => Uint8Array>} */
export const growing = {
  'imports of functions': (n) => module(kTypes, section(2, [kMalloc, ...times(n, (i) => [...text('o'), ...text(`f${i}`), 0, 0])]), kMemory, kExports),
  'imports of the same function': (n) => module(kTypes, section(2, times(n, () => kMalloc)), kMemory, kExports),
  'imports of globals': (n) => module(kTypes, section(2, [kMalloc, ...times(n, () => [...text('o'), ...text('g'), 3, 0x7f, 0])]), kMemory, kExports),
  'types': (n) => module(section(1, [[0x60, 1, 0x7f, 1, 0x7f], ...times(n, () => [0x60, 0, 0])]), section(2, [kMalloc]), kMemory, kExports),
  'parameters': (n) => module(section(1, [[0x60, 1, 0x7f, 1, 0x7f], [0x60, ...leb(n), ...Array(n).fill(0x7f), 0]]), section(2, [kMalloc]), kMemory, kExports),
  'functions': (n) => whole(section(3, times(n, () => [1])), kMemory, kExports, section(10, times(n, () => body([])))),
  'calls in one function': (n) => whole(section(3, [[1]]), kMemory, kExports, section(10, [body(times(n, () => [0x10, 1, 0x1a]).flat())])),
  'exports': (n) => whole(section(3, [[1]]), kMemory, section(7, [[...text('memory'), 2, 0], ...times(n, (i) => [...text(`e${i}`), 0, 2])]), section(10, [body([])])),
  'globals': (n) => whole(kMemory, section(6, times(n, () => [0x7f, 0, 0x41, 0, 0x0b])), kExports),
  'elements': (n) => whole(section(4, [[0x70, 0, 1]]), kMemory, kExports, section(9, [[0, 0x41, 0, 0x0b, ...leb(n), ...Array(n).fill(1)]])),
  'element segments': (n) => whole(section(4, [[0x70, 0, 1]]), kMemory, kExports, section(9, times(n, () => [0, 0x41, 0, 0x0b, 1, 1]))),
  'data segments': (n) => whole(kMemory, kExports, section(11, times(n, () => [0, 0x41, 0, 0x0b, 1, 1]))),
  'custom sections': (n) => module(kTypes, section(2, [kMalloc]), kMemory, kExports, times(n, () => Buffer.from([0, 2, 1, 0x61]))),
  'names': (n) => module(kTypes, section(2, [kMalloc, kOther]), kMemory, kExports, nameSection(n, 'a')),
  'a long name': (n) => module(kTypes, section(2, [kMalloc, [...leb(n), ...Array(n).fill(0x61), 1, 0x62, 0, 0]]), kMemory, kExports),
};

/** Files that lie: about how much follows, or with numbers that don't end. @type {Record<string, Uint8Array>} */
export const lying = {
  'an element segment of 2^32-1 empty expressions': Uint8Array.from(
    Buffer.from('AGFzbQEAAAABBgFgAX8BfwIaAgNlbnYGbWFsbG9jAAADZW52BW90aGVyAAAFAwEAAQcKAQZtZW1vcnkCAAkIAQVw/////w8=', 'base64'),
  ),
  '2^32-1 imports': module(kTypes, section(2, [kMalloc], 2 ** 32 - 1), kMemory, kExports),
  '2^32-1 types': module(section(1, [[0x60, 0, 0]], 2 ** 32 - 1), kMemory, kExports),
  '2^32-1 locals': whole(section(3, [[1]]), kMemory, kExports, section(10, [[7, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x7f, 0x0b]])),
  '2^32-1 labels': whole(section(3, [[1]]), kMemory, kExports, section(10, [[8, 0, 0x0e, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x0b]])),
  'a count of a megabyte': module(kTypes, Buffer.concat([Buffer.from([2, ...leb(1e6 + 1)]), Buffer.from(padded(1e6))]), kMemory, kExports),
  'an index of a megabyte': whole(section(3, [[1]]), kMemory, kExports, section(10, [body([0x10, ...padded(1e6)])])),
  'a constant of a megabyte': whole(section(3, [[1]]), kMemory, kExports, section(10, [body([0x41, ...padded(1e6)])])),
};

/** Files that are wrong in their middle: what they say is read before, or without, the engine. @type {Record<string, Uint8Array>} */
export const malformed = {
  'a type that there is not': module(section(1, [[0x60, 1, 0xff, 0]]), section(2, [kMalloc]), kMemory, kExports),
  'imports with bytes behind the last': module(kTypes, Buffer.from([2, kMalloc.length + 2, 1, ...kMalloc, 0]), kMemory, kExports),
  'an export of a function that there is not': module(kTypes, section(3, [[1]]), kMemory, section(7, [[...text('memory'), 2, 0], [...text('f'), 0, 9]]), section(10, [body([])])),
};

/** Programs that name what is not theirs but will be in the merged module. @type {Record<string, Uint8Array>} */
export const reaching = {
  'the heap\'s type of a function': module(section(3, [[0]]), kMemory, kExports, section(10, [body([])])),
  'the heap\'s table of a segment': whole(section(3, [[1]]), kMemory, kExports, section(9, [[0, 0x41, 0, 0x0b, 1, 2]]), section(10, [body([])])),
  ...Object.fromEntries(
  [
    ['the heap\'s global', body([0x23, 0])],
    ['the heap\'s function', body([0x10, 9])],
    ['the heap\'s table', body([0x41, 0, 0x25, 0, 0x1a])],
    ['the heap\'s type', body([0x41, 0, 0x11, 5, 0])],
    ['another memory', body([0x3f, 1, 0x1a])],
  ].map(([name, code]) => [name, module(kTypes, section(2, [kMalloc, kOther]), section(3, [[1]]), kMemory, kExports, section(10, [code]))]),
),
};

/** What every object inherits, and what a hostile program may hope to replace by naming it. */
const kInherited = ['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', '__defineGetter__', 'then', 'assign', 'create'];
/** Imports of each kind but a memory. */
const kImports = [[0, 0], [1, 0x70, 0, 1], [3, 0x7f, 0], [4, 0, 1]];

/** Programs that import and export all of these: as names, and as modules. @type {Record<string, Uint8Array>} */
export const inherited = Object.fromEntries(
  [0, 1, 2, 3].map((kind) => {
    const named = (module, name) => [...text(module), ...text(name), ...kImports[kind]];
    const imports = kInherited.flatMap((name) => [named('env', name), ...kInherited.map((inner) => named(name, inner))]);
    const exported = kInherited.map((name) => [...text(name), ...(kind === 3 ? [2, 0] : [kImports[kind][0], 0])]);
    const malloc = [...text('malloc'), 0, ...leb(kind === 0 ? imports.length : 0)];
    const sections = [section(3, [[0]]), kMemory, section(7, [[...text('memory'), 2, 0], malloc, ...exported]), section(10, [body([0x20, 0])])];
    return [`imports and exports of kind ${kImports[kind][0]} called like what objects inherit`, module(kTypes, section(2, imports), ...sections)];
  }),
);

/** A malloc, and code that it runs: never to come back, or to come back late. @type {Record<string, Uint8Array>} */
export const endless = Object.fromEntries(
  [
    ['a loop', [0x03, 0x40, 0x0c, 0, 0x0b, 0x41, 8]],
    ['calls of itself', [0x20, 0, 0x10, 0, 0x10, 0]],
    ['a loop that fills the memory', [0x03, 0x40, 0x41, 0, 0x41, 1, 0x41, ...padded(0), 0xfc, 11, 0, 0x41, 0, 0x41, 1, 0x3f, 0, 0x41, 16, 0x74, 0xfc, 11, 0, 0x0c, 0, 0x0b, 0x41, 8]],
    ['a loop that grows the memory', [0x03, 0x40, 0x41, 1, 0x40, 0, 0x1a, 0x0c, 0, 0x0b, 0x41, 8]],
  ].map(([name, code]) => [name, module(kTypes, section(3, [[0]]), section(5, [[0, 100]]), section(7, [[...text('memory'), 2, 0], [...text('malloc'), 0, 0], [...text('_initialize'), 0, 0]]), section(10, [body(code)]))]),
);

/** So many functions called malloc, each of which uses many words of memory as one does. @param {number} n */
export const candidates = (n) => {
  const words = times(20, (i) => [0x41, ...leb(1024 + 8 * i, 2), 0x28, 2, 0, 0x1a]).flat();
  const few = Math.ceil(n / 10);
  return module(kTypes, section(3, times(few, () => [0])), kMemory, kExports, section(10, times(few, () => body([...words, 0x41, 8]))), nameSection(few, 'malloc'));
};
