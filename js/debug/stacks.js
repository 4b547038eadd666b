// Stacks of calls by number: each different one is kept once. They are taken as the engine writes them, which is cheap to compare, and
// read only when somebody looks.

/**
 * @typedef {object} Frame a call
 * @property {string} name of the function; empty outside of any
 * @property {string} place where in which file: 'file.js:12:3', 'program.wasm:wasm-function[7]:0x1a2'
 * @property {number} [index] of a wasm function in its module
 * @property {number} [offset] of the call in the wasm file
 * @property {string} [source] the line in the source, where it is known
 */

const kDeepest = 64;

/** Functions of the heap itself, which stand first in every stack. Those of C++ have their full names where the file has a name section. */
const kHeapFunction =
  /^(malloc|free|calloc|realloc|reallocarray|aligned_alloc|memalign|posix_memalign|malloc_usable_size|free_sized|free_aligned_sized|strn?dup|operator (new|delete)\b.*|_Zn[wa].*|_Zd[la].*|zone_\w+|heap_\w+|check:\w+|memory_wasm::.*)$/;

/** Files of memory.wasm, through which JavaScript calls the heap. */
const kOwnFile = /\/(memory(\.\w+)*\.js|js\/(toolkit|load|extras)\/[\w-]+\.js):/;

/** A frame as V8 writes it: "    at name (place)" or "    at place". */
const kV8 = /^\s+at (?:(.*?) \((.*)\)|(.*))$/;
/** As Firefox and WebKit write it: "name@place". */
const kOthers = /^(.*?)@(.*)$/;
const kWasm = /wasm-function\[(\d+)\](?::0x([0-9a-f]+))?/;

/** @param {string} line @returns {Frame | undefined} */
function frameOf(line) {
  const v8 = kV8.exec(line);
  const [name, place] = v8 ? [v8[1], v8[2] ?? v8[3]] : (kOthers.exec(line)?.slice(1) ?? []);
  if (place === undefined) return undefined;
  const wasm = kWasm.exec(place) ?? kWasm.exec(name ?? '');
  if (!wasm) return { name: name ?? '', place: place.replace(/^file:\/\//, '') };
  const [, file, own] = /^(?:(\S*?\.wasm)\.)?(?:<\?>\.)?(.*)$/.exec(name ?? '') ?? [];
  return {
    name: own && !kWasm.test(own) ? own : `wasm-function[${wasm[1]}]`,
    place: file ? `${file}:${wasm[0]}` : wasm[0],
    index: Number(wasm[1]),
    ...(wasm[2] && { offset: parseInt(wasm[2], 16) }),
  };
}

/** The stack of calls here, as text. */
function here() {
  const limits = /** @type {{ stackTraceLimit?: number }} */ (Error); // V8's
  const before = limits.stackTraceLimit;
  Reflect.set(limits, 'stackTraceLimit', kDeepest); // not by assignment: intrinsics may be frozen
  const { stack = '' } = new Error();
  Reflect.set(limits, 'stackTraceLimit', before);
  return stack;
}

export class Stacks {
  /** @type {Map<string, number>} */
  #numbers = new Map();
  /** By number. The first is the stack that nobody took. */
  #texts = [''];
  /** @type {(Frame[] | undefined)[]} */
  #frames = [[]];

  /** Its exported functions have names where it has no name section. @type {{ exports?: Record<string, any> } | undefined} */
  program;

  /**
   * Who knows, of a program that was changed before it ran, which function of its own file a frame is in, and where.
   * @type {((frame: { index: number, offset?: number }) => { index: number, offset: number } | undefined) | undefined}
   */
  original;

  /** Who finds the line in the source for a frame of the program. @type {((frame: Frame) => string | undefined) | undefined} */
  locate;

  /** The number of the stack that is there now. */
  take() {
    const text = here();
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.#texts.length);
    return this.#texts.push(text) - 1;
  }

  /**
   * The calls, the innermost first, without those of the heap and of this file.
   * @param {number} number
   * @returns {Frame[]}
   */
  frames(number) {
    return (this.#frames[number] ??= this.#read(this.#texts[number]));
  }

  /** @param {string} text */
  #read(text) {
    const frames = /** @type {Frame[]} */ (text.split('\n').map(frameOf).filter(Boolean));
    const last = frames.findLastIndex(({ name, index }) => index !== undefined && kHeapFunction.test(name));
    const own = frames.slice(last + 1);
    while (own.length > 1 && kOwnFile.test(own[0].place)) own.shift();
    // Without names of the heap's functions: what is certain are the frames of JavaScript before the first of wasm.
    const start =
      last < 0
        ? Math.max(
            0,
            own.findIndex(({ index }) => index !== undefined),
          )
        : 0;
    return own.slice(start).map((call) => {
      const name = call.index !== undefined && call.name.startsWith('wasm-function[') ? this.#exported(call.index) : undefined;
      const frame = this.#inOwnFile(name ? { ...call, name } : call);
      const source = this.locate?.(frame);
      return source ? { ...frame, source } : frame;
    });
  }

  /** The call at its place in the program's own file. @param {Frame} frame */
  #inOwnFile(frame) {
    if (frame.index === undefined || !this.original) return frame;
    const found = this.original({ index: frame.index, offset: frame.offset });
    if (!found) return { ...frame, offset: undefined }; // of a function that was added
    const { index, offset } = found;
    const renumbered = (/** @type {string} */ text) => text.replace(kWasm, (_, __, at) => `wasm-function[${index}]${at ? `:0x${offset.toString(16)}` : ''}`);
    return { ...frame, name: renumbered(frame.name), place: renumbered(frame.place), index, offset };
  }

  /** The name of an exported function: its own name is its index. @param {number} index */
  #exported(index) {
    return Object.entries(this.program?.exports ?? {}).find(([, value]) => typeof value === 'function' && value.name === String(index))?.[0];
  }

  /** How many different stacks there are. */
  get count() {
    return this.#texts.length - 1;
  }
}

/**
 * @param {Frame[]} frames
 * @param {string} indent
 */
export const inLines = (frames, indent) =>
  frames.length
    ? frames.map(({ name, place, source }) => `${indent}at ${name ? `${name} (${source ?? place})` : place}`).join('\n')
    : `${indent}(no stack was taken)`;
