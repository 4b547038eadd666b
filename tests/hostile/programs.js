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
  'names': (n) => {
    const names = Buffer.concat([Buffer.from(leb(n)), ...times(n, (i) => Buffer.from([...leb(i), 1, 0x61]))]);
    const contents = Buffer.concat([Buffer.from([...text('name'), 1, ...leb(names.length)]), names]);
    return module(kTypes, section(2, [kMalloc, kOther]), kMemory, kExports, Buffer.concat([Buffer.from([0, ...leb(contents.length)]), contents]));
  },
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

/** Programs that name what is not theirs but will be in the merged module. @type {Record<string, Uint8Array>} */
export const reaching = Object.fromEntries(
  [
    ['the heap\'s global', body([0x23, 0])],
    ['the heap\'s function', body([0x10, 9])],
    ['the heap\'s table', body([0x41, 0, 0x25, 0, 0x1a])],
    ['the heap\'s type', body([0x41, 0, 0x11, 5, 0])],
    ['another memory', body([0x3f, 1, 0x1a])],
  ].map(([name, code]) => [name, module(kTypes, section(2, [kMalloc, kOther]), section(3, [[1]]), kMemory, kExports, section(10, [code]))]),
);
