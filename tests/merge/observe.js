// What a module does when it runs, as plain data that can be compared: results, traps, what it logged, what it left behind.

/** @param {unknown} value */
function plain(value) {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (Array.isArray(value)) return `[${value.map(plain)}]`;
  return typeof value === 'object' && value ? 'object' : typeof value === 'function' ? 'function' : String(value);
}

/** Where code lies differs, so offsets and indices in messages do too. Deep recursion ends where the engine's stack does. @param {any} error */
const failure = error => error instanceof RangeError && /stack|recursion/i.test(error.message) ? 'stack overflow' :
  `${error?.name ?? 'thrown'}: ${String(error?.message ?? plain(error)).replace(/[#@+]\d+|0x[0-9a-f]+/g, '').replace(/"[^"]*"/g, '')}`;

/** @param {ArrayBufferLike} buffer @returns {number} */
function checksum(buffer) {
  const words = new Int32Array(buffer);
  let sum = words.length;
  for (let i = 0; i < words.length; i++) sum = Math.imul(sum ^ words[i], 0x9e3779b1);
  return sum;
}

/**
 * Instantiates a module, calls every function that it exports, and looks at what else it exports.
 * @param {Uint8Array} bytes
 * @param {WebAssembly.Imports} imports
 * @param {string} [prefix] of exports that are not to be looked at
 * @returns {{ log: string[], exports?: WebAssembly.Exports }} `log` ends at a stack overflow: what comes after depends on where it was
 */
export function observe(bytes, imports, prefix = '\0') {
  /** @type {string[]} */
  const log = [];
  let exports;
  try {
    ({ exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports));
  } catch (error) {
    log.push(`instantiation: ${failure(error)}`);
    return { log };
  }
  for (const [name, value] of Object.entries(exports)) {
    if (name.startsWith(prefix) || typeof value !== 'function') continue;
    for (const zero of [0, 0n, 1]) {
      let outcome;
      try {
        outcome = plain(value(...Array(value.length).fill(zero)));
      } catch (error) {
        outcome = failure(error);
      }
      log.push(`${name}: ${outcome}`);
      if (outcome === 'stack overflow') return { log, exports };
      if (!value.length) break;
    }
  }
  for (const [name, value] of Object.entries(exports)) {
    if (name.startsWith(prefix)) continue;
    if (value instanceof WebAssembly.Memory) log.push(`${name}: ${value.buffer.byteLength} bytes, checksum ${checksum(value.buffer)}`);
    else if (value instanceof WebAssembly.Table) log.push(`${name}: table of ${value.length}`);
    else if (value instanceof WebAssembly.Global) log.push(`${name}: ${global(value)}`);
    else log.push(`${name}: ${typeof value}`);
  }
  return { log, exports };
}

/** @param {WebAssembly.Global} value */
function global(value) {
  try {
    return plain(value.value);
  } catch (error) { // v128 and exnref can't be read from JavaScript
    return failure(error);
  }
}
