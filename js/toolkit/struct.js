// C structs: from a description of the fields to C's layout, and from there reading, writing, and objects over memory.

/**
 * @typedef {'i8' | 'u8' | 'i16' | 'u16' | 'i32' | 'u32' | 'i64' | 'u64' | 'f32' | 'f64' | 'bool' | 'pointer'} NumberType
 * @typedef {NumberType | Struct<any> | [FieldType, number]} FieldType a number, a struct, or an array: [type, length]
 */

/**
 * @template F
 * @typedef {F extends 'i64' | 'u64' ? bigint : F extends 'bool' ? boolean : F extends NumberType ? number : F extends Struct<infer V> ? V : F extends readonly [infer E, number] ? Value<E>[] : never} Value what a field of this type is in JavaScript
 */

/**
 * @typedef {import('./heap.js').Heap} Heap
 *
 * @typedef {object} Layout how a type lies in memory, and how to get at it
 * @property {number} size in bytes
 * @property {number} align in bytes
 * @property {(heap: Heap, pointer: number) => any} read
 * @property {(heap: Heap, pointer: number, value: any) => void} write
 * @property {(heap: Heap, pointer: number) => any} at a live object, for what is no number
 *
 * @typedef {new (heap: Heap, pointer: number) => any} LiveClass
 */

/** @type {Record<NumberType, string>} what DataView calls it, with the number of its bits */
const kNumbers = {
  i8: 'Int8',
  u8: 'Uint8',
  i16: 'Int16',
  u16: 'Uint16',
  i32: 'Int32',
  u32: 'Uint32',
  i64: 'BigInt64',
  u64: 'BigUint64',
  f32: 'Float32',
  f64: 'Float64',
  bool: 'Uint8',
  pointer: 'Uint32',
};

/**
 * A C struct with these fields, in this order, laid out as clang does for wasm32.
 * @template V what it is in JavaScript
 */
export class Struct {
  /** @param {Record<string, FieldType>} fields */
  constructor(fields) {
    let end = 0;
    let align = 1;
    /** Where each field lies, from the beginning of the struct. @type {Record<string, { offset: number } & Layout>} */
    this.fields = {};
    for (const [name, type] of Object.entries(fields)) {
      const layout = layoutOf(type, name);
      const offset = alignUp(end, layout.align);
      this.fields[name] = { offset, ...layout };
      end = offset + layout.size;
      align = Math.max(align, layout.align);
    }
    /** sizeof, in bytes */
    this.size = alignUp(end, align);
    /** alignof, in bytes */
    this.align = align;
    /** @type {LiveClass | undefined} */
    this._Live = undefined;
  }

  /**
   * A copy of the struct at `pointer`.
   * @param {Heap} heap
   * @param {number} pointer
   * @returns {V}
   */
  read(heap, pointer) {
    heap.subarray(pointer, this.size);
    const entries = Object.entries(this.fields).map(([name, { offset, read }]) => [name, read(heap, (pointer >>> 0) + offset)]);
    return Object.fromEntries(entries);
  }

  /**
   * Writes the fields that `values` has.
   * @param {Heap} heap
   * @param {number} pointer
   * @param {Partial<V>} values
   */
  write(heap, pointer, values) {
    heap.subarray(pointer, this.size);
    for (const [name, value] of Object.entries(values)) {
      const field = this.fields[name];
      if (!field) throw new TypeError(`the struct has no field '${name}', only ${Object.keys(this.fields)}`);
      field.write(heap, (pointer >>> 0) + field.offset, value);
    }
  }

  /**
   * An object over the memory at `pointer`: each field reads and writes there.
   * @param {Heap} heap
   * @param {number} pointer
   * @returns {V}
   */
  at(heap, pointer) {
    heap.subarray(pointer, this.size);
    this._Live ??= liveClass(this.fields);
    return new this._Live(heap, pointer >>> 0);
  }
}

/**
 * Describes a C struct: `struct({ id: 'i32', x: 'f32', y: 'f32' })`. Arrays are `[type, length]`, and a struct can be a field's type.
 * @template {Record<string, FieldType>} const F
 * @param {F} fields
 * @returns {Struct<{ -readonly [K in keyof F]: Value<F[K]> }>}
 */
export const struct = (fields) => new Struct(fields);

/**
 * @param {number} offset
 * @param {number} align
 */
const alignUp = (offset, align) => Math.ceil(offset / align) * align;

/**
 * @param {FieldType} type
 * @param {string} name of the field, for errors
 * @returns {Layout}
 */
function layoutOf(type, name) {
  if (type instanceof Struct) {
    const { size, align } = type;
    return { size, align, read: type.read.bind(type), write: type.write.bind(type), at: type.at.bind(type) };
  }
  if (Array.isArray(type)) return arrayLayout(layoutOf(type[0], name), type[1]);
  if (!Object.hasOwn(kNumbers, type)) {
    throw new TypeError(`field '${name}' has the unknown type '${type}'. Types are ${Object.keys(kNumbers)}, a struct, or [type, length].`);
  }
  return numberLayout(type);
}

/**
 * @param {NumberType} type
 * @returns {Layout}
 */
function numberLayout(type) {
  const name = kNumbers[type];
  const size = parseInt(name.replace(/\D+/, '')) / 8;
  const get = /** @type {'getInt32'} */ (`get${name}`);
  const set = /** @type {'setInt32'} */ (`set${name}`);
  const number = (/** @type {Heap} */ heap, /** @type {number} */ pointer) => heap.dataView[get](pointer, true);
  const read = type === 'bool' ? (/** @type {Heap} */ heap, /** @type {number} */ pointer) => !!number(heap, pointer) : number;
  return { size, align: size, read, at: read, write: (heap, pointer, value) => heap.dataView[set](pointer, value, true) };
}

/**
 * @param {Layout} element
 * @param {number} length
 * @returns {Layout}
 */
function arrayLayout(element, length) {
  const { size, align, read, write } = element;
  /** @type {LiveClass | undefined} */
  let Live;
  return {
    size: size * length,
    align,
    read: (heap, pointer) => Array.from({ length }, (_, index) => read(heap, pointer + index * size)),
    write(heap, pointer, values) {
      if (values.length > length) throw new RangeError(`${values.length} values for an array of ${length}`);
      for (let index = 0; index < values.length; index++) write(heap, pointer + index * size, values[index]);
    },
    at(heap, pointer) {
      Live ??= liveClass(/** @type {any} */ (Array.from({ length }, (_, index) => ({ offset: index * size, ...element }))), Array.prototype, { length });
      return new Live(heap, pointer);
    },
  };
}

/**
 * A class whose objects have an accessor for each field.
 * @param {Record<string, { offset: number } & Layout>} fields
 * @param {object} [prototype]
 * @param {object} [more] properties of all objects
 * @returns {LiveClass}
 */
function liveClass(fields, prototype = Object.prototype, more = {}) {
  class Live {
    #heap;
    #pointer;

    /**
     * @param {Heap} heap
     * @param {number} pointer
     */
    constructor(heap, pointer) {
      this.#heap = heap;
      this.#pointer = pointer;
    }

    /** @param {{ offset: number } & Layout} field */
    static accessor({ offset, at, write }) {
      return {
        enumerable: true,
        get: /** @this {Live} */ function () {
          return at(this.#heap, this.#pointer + offset);
        },
        set: /** @this {Live} */ function (/** @type {any} */ value) {
          write(this.#heap, this.#pointer + offset, value);
        },
      };
    }
  }
  Object.setPrototypeOf(Live.prototype, prototype);
  for (const name of Object.keys(fields)) Object.defineProperty(Live.prototype, name, Live.accessor(fields[name]));
  Object.assign(Live.prototype, more);
  return Live;
}
