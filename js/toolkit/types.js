// The types of C in memory: numbers, fixed strings, arrays, structs, unions, enums and pointers, laid out as clang does for wasm32, or for wasm64 in a 64-bit memory. A type is a
// pure description; heap.read, heap.write and heap.at bring the memory.
//
//   struct({ id: 'u8', points: [Point, 2], name: 'char[8]' })
//
//   offset  0        1 .. 7   8                      40             48
//           | id     | gap    | points[0], points[1] | name         |
//
// Each type has a Codec: its size and alignment, how it is read and written at an offset of a DataView, and what `at` makes of it.

import { decoded, encoded, isBytes } from './bytes.js';
import { addressOfLive, liveArray, liveObject } from './live.js';
import { shown } from '../errors.js';
import { sizeOf } from './pointer.js';
import { kScalars, scalarIn } from './scalars.js';

/**
 * @typedef {import('./heap.js').Heap} Heap
 * @typedef {import('./pointer.js').Pointer} Pointer
 * @typedef {import('./scalars.js').ScalarType} ScalarType
 *
 * @typedef {object} Codec
 * @property {number} size in bytes
 * @property {number} align in bytes
 * @property {(memory: DataView, at: number) => any} read a copy of the value
 * @property {(memory: DataView, at: number, value: any, name: string, heap: Heap) => void} write throws for a value that doesn't fit
 * @property {import('./scalars.js').Scalar} [scalar] of a type that is passed by value
 * @property {(heap: Heap, pointer: number) => any} [at] a live object; a type without it has only values
 * @property {(memory: DataView, at: number) => number} [sizeAt] the size with a flexible array
 * @property {(values: any) => { size: number, values: any }} [complete] values with a flexible array, with their number in the field that counts, and the size that they need
 */

/**
 * A type of C: what `struct`, `union`, `enumOf` and `pointerTo` make.
 * @template [V=any] what reading gives
 * @template [I=any] what writing takes
 * @template [L=any] what `heap.at` gives
 * @typedef {CTypeBase & { readonly types?: { value: V, input: I, live: L } }} CType `types` is for TypeScript alone: it is never there
 */

/**
 * A struct or a union.
 * @template [V=any]
 * @template [I=Partial<V>]
 * @template [L=V]
 * @typedef {CType<V, I, L> & { readonly fields: Readonly<Record<string, { offset: number, size: number }>> }} Struct
 */

/**
 * The type of a field: a number, a fixed string, another type, or an array, [type, length]. The length of a flexible array, which must be the last field, is the name of the
 * field that counts its elements.
 * @typedef {ScalarType | `char[${number}]` | CType<any, any, any> | readonly [any, number | string]} FieldType
 */

/**
 * What reading a type gives.
 * @template F
 * @typedef {F extends 'i64' | 'u64' ? bigint : F extends 'bool' ? boolean : F extends ScalarType ? number : F extends `char[${number}]` ? string : F extends CType<infer V, any, any> ? V : F extends readonly [infer E, number | string] ? ValueOf<E>[] : never} ValueOf
 */

/**
 * What writing a type takes.
 * @template F
 * @typedef {F extends 'i64' | 'u64' ? bigint : F extends 'bool' ? boolean : F extends 'pointer' ? Pointer : F extends ScalarType ? number : F extends `char[${number}]` ? string : F extends CType<any, infer I, any> ? I : F extends readonly [infer E, number | string] ? ArrayLike<InputOf<E>> : never} InputOf
 */

/**
 * What `heap.at` gives for a type, and a field of a live object has.
 * @template F
 * @typedef {F extends CType<any, any, infer L> ? L : F extends readonly [infer E, number | string] ? LiveOf<E>[] : ValueOf<F>} LiveOf
 */

/**
 * The codec of a type; `wide`: in a 64-bit memory.
 * @typedef {(wide: boolean) => Codec} CodecOf
 */

/** @type {WeakMap<object, CodecOf>} */
const kCodecs = /* @__PURE__ */ new WeakMap();

/**
 * Makes each codec when it is needed, once.
 * @template T
 * @param {(wide: boolean) => T} make
 * @returns {(wide: boolean) => T}
 */
function once(make) {
  /** @type {Map<boolean, T>} */
  const made = new Map();
  return (wide) => {
    const known = made.get(wide) ?? make(wide);
    made.set(wide, known);
    return known;
  };
}

/** What all types of C have. */
export class CTypeBase {
  /**
   * @internal
   * @param {CodecOf} codecIn
   */
  constructor(codecIn) {
    const { size, align } = codecIn(false);
    /** sizeof for wasm32, in bytes; without the elements of a flexible array */
    this.size = size;
    /** alignof for wasm32, in bytes */
    this.align = align;
    kCodecs.set(this, codecIn);
  }
}

/** A struct or a union, whose fields can be asked for. */
class StructBase extends CTypeBase {
  /**
   * @param {(wide: boolean) => { codec: Codec, fields: Record<string, Field> }} layoutIn
   */
  constructor(layoutIn) {
    super((wide) => layoutIn(wide).codec);
    /** Where each field lies for wasm32, from the beginning. */
    this.fields = Object.fromEntries(Object.entries(layoutIn(false).fields).map(([name, { offset, size }]) => [name, { offset, size }]));
  }
}

/** @typedef {Codec & { offset: number, label: string }} Field */

/**
 * Describes a C struct: `struct({ id: 'i32', x: 'f32', y: 'f32' })`. A field is a number, a fixed string ('char[16]'), another type, or an array, [type, length].
 * The last field may be a flexible array, [type, 'count'], whose length is in the field `count`.
 * @template {Record<string, FieldType>} const F
 * @param {F} fields
 * @returns {Struct<{ -readonly [K in keyof F]: ValueOf<F[K]> }, { -readonly [K in keyof F]?: InputOf<F[K]> }, { -readonly [K in keyof F]: LiveOf<F[K]> }>}
 */
export function struct(fields) {
  return /** @type {any} */ (new StructBase(once((wide) => structLayout(fields, wide))));
}

/**
 * @param {Record<string, FieldType>} fields
 * @param {boolean} wide
 */
function structLayout(fields, wide) {
  let end = 0;
  let align = 1;
  /** @type {Record<string, Field>} */
  const known = {};
  /** @type {Flexible | undefined} */
  let flexible;
  for (const [name, type] of entriesOf(fields, 'struct')) {
    if (flexible) throw new TypeError(`field '${flexible.name}' is a flexible array and must be the last; after it comes '${name}'`);
    const counted = Array.isArray(type) && typeof type[1] === 'string';
    const codec = codecOf(counted ? [type[0], 0] : type, name, wide);
    const offset = alignUp(end, codec.align);
    known[name] = { ...codec, offset, label: `field '${name}'` };
    if (counted) flexible = { name, count: type[1], element: codecOf(type[0], name, wide), offset };
    end = offset + codec.size;
    align = Math.max(align, codec.align);
  }
  const codec = fieldsCodec(known, alignUp(end, align), align);
  return { codec: flexible ? withFlexible(codec, known, flexible) : codec, fields: known };
}

/**
 * Describes a C union: all fields are at offset 0. Reading gives every field, writing takes one.
 * @template {Record<string, FieldType>} const F
 * @param {F} fields
 * @returns {Struct<{ -readonly [K in keyof F]: ValueOf<F[K]> }, { -readonly [K in keyof F]?: InputOf<F[K]> }, { -readonly [K in keyof F]: LiveOf<F[K]> }>}
 */
export function union(fields) {
  return /** @type {any} */ (new StructBase(once((wide) => unionLayout(fields, wide))));
}

/**
 * @param {Record<string, FieldType>} fields
 * @param {boolean} wide
 */
function unionLayout(fields, wide) {
  /** @type {Record<string, Field>} */
  const known = {};
  for (const [name, type] of entriesOf(fields, 'union')) known[name] = { ...codecOf(type, name, wide), offset: 0, label: `field '${name}'` };
  const all = Object.values(known);
  const align = Math.max(1, ...all.map((field) => field.align));
  const codec = fieldsCodec(known, alignUp(Math.max(0, ...all.map(({ size }) => size)), align), align);
  const { write } = codec;
  codec.write = (memory, at, value, name, heap) => {
    const given = Object.keys(objectOf(value, name, 'a union'));
    if (given.length > 1) throw new TypeError(`${name} is a union: give one of its fields; found ${given.join(', ')}`);
    write(memory, at, value, name, heap);
  };
  return { codec, fields: known };
}

/**
 * Describes a C enum: `enumOf({ RED: 0, GREEN: 1 })`. Reading gives the name, or the number if it has none; writing takes both. clang stores an enum as `u32`, or as `i32` if
 * a value is negative; C++ may name another type (`enum Color : uint8_t`).
 * @template {Record<string, number>} const E
 * @param {E} values
 * @param {'i8' | 'u8' | 'i16' | 'u16' | 'i32' | 'u32'} [type]
 * @returns {CType<Extract<keyof E, string> | number, Extract<keyof E, string> | number, Extract<keyof E, string> | number>}
 */
export function enumOf(values, type = Object.values(values).some((value) => value < 0) ? 'i32' : 'u32') {
  const number = kScalars[type];
  if (number?.wasm !== 'i32') throw new TypeError(`an enum is stored as i8, u8, i16, u16, i32 or u32; found ${shown(type)}`);
  const names = new Map(Object.entries(values).map(([name, value]) => [number.toC(value, name, /** @type {any} */ (undefined)), name]));
  /** @type {import('./scalars.js').Scalar} */
  const scalar = {
    ...number,
    toC(value, name, heap) {
      const known = typeof value === 'string' && Object.hasOwn(values, value);
      if (typeof value === 'string' && !known) throw new TypeError(`${name} must be ${Object.keys(values).join(', ')} or a number; found ${shown(value)}`);
      return number.toC(known ? values[value] : value, name, heap);
    },
    fromC: (value) => names.get(number.fromC(value)) ?? number.fromC(value),
  };
  return /** @type {any} */ (new CTypeBase(once(() => scalarCodec(scalar))));
}

/**
 * Describes a pointer to a type that is described later, as the one it is in: `pointerTo(() => Node)`. TypeScript knows nothing of what it points to.
 * @overload
 * @param {() => any} target
 * @returns {CType<number, Pointer | object | null, any>}
 */
/**
 * Describes a pointer to a struct or a union. Reading gives the address; a live object follows it, and has null for NULL.
 * @template {FieldType} T
 * @overload
 * @param {T} target
 * @returns {CType<number, Pointer | LiveOf<T> | null, LiveOf<T> | null>}
 */
/**
 * @param {any} target
 * @returns {any}
 */
export function pointerTo(target) {
  if (typeof target !== 'function') codecOf(target, 'pointer', false);
  return new CTypeBase(once((wide) => pointerCodec(target, scalarIn({ isWide: wide }, kScalars.pointer))));
}

/**
 * @param {any} target
 * @param {import('./scalars.js').Scalar} number
 */
function pointerCodec(target, number) {
  const codec = scalarCodec({ ...number, toC: (value, name, heap) => number.toC(value === null ? 0 : (addressOfLive(value) ?? value), name, heap) });
  codec.at = (heap, pointer) => {
    const address = codec.read(heap.dataView, pointer);
    return address ? heap.at(typeof target === 'function' ? target() : target, address) : null;
  };
  return codec;
}

/**
 * @param {Record<string, FieldType>} fields
 * @param {string} what
 */
function entriesOf(fields, what) {
  const entries = Object.entries(objectOf(fields, what, 'an object of fields'));
  const number = entries.find(([name]) => /^\d+$/.test(name));
  if (number) throw new TypeError(`field '${number[0]}' is a number, which JavaScript sorts before all other names: the fields would not be in the order of C`);
  return entries;
}

/**
 * @param {number} offset
 * @param {number} align
 */
const alignUp = (offset, align) => Math.ceil(offset / align) * align;

/**
 * @param {any} value
 * @param {string} name
 * @param {string} what
 */
function objectOf(value, name, what) {
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !isBytes(value)) return value;
  throw new TypeError(`${name} must be ${what}; found ${shown(value)}`);
}

/** What programmers of C write, by what it is here. */
const kNamesInC = new Map(
  Object.entries({
    char: 'i8',
    short: 'i16',
    int: 'i32',
    long: 'i32',
    unsigned: 'u32',
    'unsigned char': 'u8',
    'unsigned int': 'u32',
    size_t: 'u32',
    'long long': 'i64',
    float: 'f32',
    double: 'f64',
  }),
);

/**
 * @param {any} type a FieldType
 * @param {string} name of the field, for errors
 * @param {boolean} wide in a 64-bit memory
 * @returns {Codec}
 */
export function codecOf(type, name, wide) {
  const made = typeof type === 'object' && type !== null && kCodecs.get(type);
  if (made) return made(wide);
  if (Array.isArray(type)) return arrayCodec(/** @type {any} */ (type), name, wide);
  if (typeof type === 'string') {
    if (Object.hasOwn(kScalars, type)) return scalarCodec(scalarIn({ isWide: wide }, kScalars[/** @type {ScalarType} */ (type)]));
    const text = /^char\[(\d+)\]$/.exec(type);
    if (text) return textCodec(sizeOf(Number(text[1]), `the length of field '${name}'`));
    if (/:\s*\d+$/.test(type))
      throw new TypeError(
        `field '${name}' is a bit-field ('${type}'), which struct() does not have. Describe the whole unit, like 'u32', and shift and mask it.`,
      );
  }
  const cure = kNamesInC.get(type);
  throw new TypeError(
    `field '${name}' has the unknown type ${shown(type)}${cure ? `: here it is '${cure}'` : ''}. Types are ${Object.keys(kScalars).join(', ')}, char[N], what struct, union, enumOf and pointerTo make, and [type, length].`,
  );
}

/**
 * @param {import('./scalars.js').Scalar} scalar
 * @returns {Codec}
 */
function scalarCodec(scalar) {
  const { size, view, toC, fromC } = scalar;
  const get = /** @type {'getInt32'} */ (`get${view}`);
  const set = /** @type {'setInt32'} */ (`set${view}`);
  return {
    size,
    align: size,
    scalar,
    read: (memory, at) => fromC(memory[get](at, true)),
    write: (memory, at, value, name, heap) => memory[set](at, toC(value, name, heap), true),
  };
}

/**
 * A type that is passed by value, as a number; undefined for structs and what else is passed by address.
 * @param {any} type
 * @param {Heap} heap of the program that it is passed to
 * @returns {import('./scalars.js').Scalar | undefined}
 */
export const byValue = (type, heap) =>
  kCodecs.get(type)?.(heap.isWide).scalar ??
  (typeof type === 'string' && Object.hasOwn(kScalars, type) ? scalarIn(heap, kScalars[/** @type {ScalarType} */ (type)]) : undefined);

/**
 * A fixed string: UTF-8 up to its NUL, or to its end.
 * @param {number} size
 * @returns {Codec}
 */
function textCodec(size) {
  const bytesAt = (/** @type {DataView} */ { buffer, byteOffset }, /** @type {number} */ at) => new Uint8Array(buffer, byteOffset + at, size);
  return {
    size,
    align: 1,
    read(memory, at) {
      const bytes = bytesAt(memory, at);
      const end = bytes.indexOf(0);
      return decoded(end < 0 ? bytes : bytes.subarray(0, end));
    },
    write(memory, at, value, name) {
      if (typeof value !== 'string') throw new TypeError(`${name} must be a string; found ${shown(value)}`);
      const bytes = encoded(value);
      if (bytes.includes(0)) throw new RangeError(`${name} must have no NUL, at which C ends the text; found ${shown(value)}`);
      if (bytes.length >= size) throw new RangeError(`${name} has room for ${Math.max(0, size - 1)} bytes of UTF-8 and a NUL; found ${bytes.length}`);
      bytesAt(memory, at).fill(0).set(bytes);
    },
  };
}

/**
 * @param {readonly [FieldType, number]} type
 * @param {string} name
 * @param {boolean} [wide]
 * @returns {Codec}
 */
function arrayCodec([type, length], name, wide = false) {
  if (typeof length !== 'number')
    throw new TypeError(
      `the length of '${name}' must be a number; found ${shown(length)}. A flexible array is the last field of a struct: [type, 'name of the field that counts']`,
    );
  const element = codecOf(type, name, wide);
  if (element.sizeAt) throw new TypeError(`'${name}' is an array of structs with a flexible array, which C does not have`);
  const { size, align } = element;
  const live = liveArray(element, sizeOf(length, `the length of '${name}'`));
  return {
    size: size * length,
    align,
    read: (memory, at) => Array.from({ length }, (_, index) => element.read(memory, at + index * size)),
    write(memory, at, values, name, heap) {
      const list = elementsOf(values, name);
      if (list.length > length) throw new RangeError(`${name} has room for ${length} values; found ${list.length}`);
      for (let index = 0; index < list.length; index++) element.write(memory, at + index * size, list[index], `${name}[${index}]`, heap);
    },
    at: live,
  };
}

/**
 * @param {any} values
 * @param {string} name
 * @returns {ArrayLike<any>}
 */
function elementsOf(values, name) {
  if (Array.isArray(values) || (ArrayBuffer.isView(values) && !(values instanceof DataView))) return /** @type {any} */ (values);
  throw new TypeError(`${name} must be an array; found ${shown(values)}`);
}

/**
 * @param {Record<string, Field>} fields
 * @param {number} size
 * @param {number} align
 * @returns {Codec}
 */
function fieldsCodec(fields, size, align) {
  const nested = Object.entries(fields).find(([, { sizeAt }]) => sizeAt);
  if (nested) throw new TypeError(`field '${nested[0]}' is a struct with a flexible array, which can't lie inside another type`);
  return {
    size,
    align,
    read: (memory, at) => Object.fromEntries(Object.entries(fields).map(([name, { offset, read }]) => [name, read(memory, at + offset)])),
    write(memory, at, values, name, heap) {
      const given = addressOfLive(values) === undefined ? objectOf(values, name, 'an object with fields of the struct') : copyOf(fields, values);
      for (const [key, value] of Object.entries(given)) {
        if (!Object.hasOwn(fields, key)) throw new TypeError(`${name} has no field '${key}', only ${Object.keys(fields).join(', ')}`);
        fields[key].write(memory, at + fields[key].offset, value, fields[key].label, heap);
      }
    },
    at: liveObject(fields),
  };
}

/**
 * The fields of a live object, which are no properties of its own.
 * @param {Record<string, Field>} fields
 * @param {any} live
 */
const copyOf = (fields, live) => Object.fromEntries(Object.keys(fields).map((name) => [name, live[name]]));

/** @typedef {{ name: string, count: string, element: Codec, offset: number }} Flexible */

/**
 * A struct whose last field is an array as long as another field says.
 * @param {Codec} codec
 * @param {Record<string, Field>} fields
 * @param {Flexible} flexible
 * @returns {Codec}
 */
function withFlexible(codec, fields, { name, count, element, offset }) {
  const counter = fields[count];
  if (!counter || count === name) throw new TypeError(`field '${name}' is counted by '${count}', which the struct does not have before it`);
  const countAt = (/** @type {DataView} */ memory, /** @type {number} */ at) => Number(counter.read(memory, at + counter.offset));
  const arrayOf = (/** @type {number} */ length) => arrayCodec([/** @type {any} */ (wrapped), length], name);
  const wrapped = new CTypeBase(() => element);
  const sizeFor = (/** @type {number} */ length) => Math.max(codec.size, offset + length * element.size);
  return {
    ...codec,
    read: (memory, at) => ({ ...codec.read(memory, at), [name]: arrayOf(countAt(memory, at)).read(memory, at + offset) }),
    write(memory, at, values, label, heap) {
      const { [name]: elements, ...others } = objectOf(values, label, 'an object with fields of the struct');
      codec.write(memory, at, others, label, heap);
      if (elements === undefined) return;
      const room = countAt(memory, at);
      const list = elementsOf(elements, `field '${name}'`);
      if (list.length > room) throw new RangeError(`field '${name}' has room for ${room} values, as '${count}' says; found ${list.length}`);
      arrayOf(room).write(memory, at + offset, list, `field '${name}'`, heap);
    },
    at: (heap, pointer) =>
      liveObject({ ...fields, [name]: { ...fields[name], at: (heap, address) => arrayOf(countAt(heap.dataView, pointer)).at?.(heap, address) } })(
        heap,
        pointer,
      ),
    sizeAt: (memory, at) => sizeFor(countAt(memory, at)),
    complete(values) {
      const length = values[count] ?? elementsOf(values[name] ?? [], `field '${name}'`).length;
      return { size: sizeFor(Number(length)), values: { ...values, [count]: counter.size === 8 ? BigInt(length) : length } };
    },
  };
}

/**
 * A value as it will lie in memory. Nothing is allocated before it fits.
 * @param {any} type a FieldType
 * @param {any} value
 * @param {string} name
 * @param {Heap} heap
 * @returns {Uint8Array}
 */
export function bytesFor(type, value, name, heap) {
  const codec = codecOf(type, name, heap.isWide);
  const { size, values } = codec.complete ? codec.complete(objectOf(value, name, 'an object with fields of the struct')) : { size: codec.size, values: value };
  const bytes = new Uint8Array(sizeOf(size, 'the size of the struct'));
  codec.write(new DataView(bytes.buffer), 0, values, name, heap);
  return bytes;
}
