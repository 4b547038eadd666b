// Live objects: a property for each field of a struct or element of an array, which reads and writes memory. They hold an address, not a view, so
// growth does not touch them.

/**
 * @typedef {import('./heap.js').Heap} Heap
 * @typedef {import('./types.js').Codec} Codec
 * @typedef {import('./types.js').Field} Field
 */

/** What every live object is over. */
class LiveObject {
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

  /** @param {any} value */
  static addressOf(value) {
    return typeof value === 'object' && value !== null && #pointer in value ? value.#pointer : undefined;
  }

  /**
   * @param {Field} field
   * @returns {PropertyDescriptor}
   */
  static accessor({ offset, at, read, write, label }) {
    return {
      enumerable: true,
      get: /** @this {LiveObject} */ function () {
        return at ? at(this.#heap, this.#pointer + offset) : read(this.#heap.dataView, this.#pointer + offset);
      },
      set: /** @this {LiveObject} */ function (/** @type {any} */ value) {
        write(this.#heap.dataView, this.#pointer + offset, value, label, this.#heap);
      },
    };
  }
}

/**
 * The address of a live object; undefined for anything else.
 * @param {unknown} value
 * @returns {number | undefined}
 */
export const addressOfLive = (value) => LiveObject.addressOf(value);

/**
 * @param {Record<string, Field>} fields
 * @param {object} prototype of their prototype
 * @returns {new (heap: Heap, pointer: number) => any}
 */
function liveClass(fields, prototype) {
  const Live = class extends LiveObject {};
  Object.setPrototypeOf(Live.prototype, prototype);
  for (const [name, field] of Object.entries(fields)) Object.defineProperty(Live.prototype, name, LiveObject.accessor(field));
  return Live;
}

/**
 * Makes live objects with these fields. Their class is made when the first is.
 * @param {Record<string, Field>} fields
 */
export function liveObject(fields) {
  /** @type {ReturnType<typeof liveClass> | undefined} */
  let Live;
  return (/** @type {Heap} */ heap, /** @type {number} */ pointer) => new (Live ??= liveClass(fields, Object.prototype))(heap, pointer);
}

/**
 * Makes live arrays: they have the methods of arrays that do not change the length.
 * @param {Codec} element
 * @param {number} length
 */
export function liveArray(element, length) {
  /** @type {ReturnType<typeof liveClass> | undefined} */
  let Live;
  return (/** @type {Heap} */ heap, /** @type {number} */ pointer) => {
    if (!Live) {
      const fields = Array.from({ length }, (_, index) => ({ ...element, offset: index * element.size, label: `element ${index}` }));
      Live = liveClass(Object.fromEntries(Object.entries(fields)), Array.prototype);
      Object.defineProperty(Live.prototype, 'length', { value: length }); // not by assignment: intrinsics may be frozen
    }
    return new Live(heap, pointer);
  };
}
