// `load` with one program: as it may arrive (bytes, a Response in pieces, a broken one, what is no program at all), with options that are right
// and wrong. What must be true: it comes to an end; an error is one that `load` means; it makes no difference how the bytes arrive; no promise
// is left without anybody waiting for it; no name from the program reaches a prototype.

import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { load } from '../../js/index.js';
import { MemoryWasmError } from '../../js/errors.js';
import { describe } from '../../js/cli/describe.js';
import { Finding, heaps } from './module-tools.js';
import { changedPrototypes } from './prototypes.js';

/** @typedef {import('./module-mutations.js').Random} Random */

/** Seconds that a load may take. */
const kPatience = 120;

/** What engines and hosts say where code made a mistake: no error that was meant for a user. */
const kAccident = /undefined|is not a function|not iterable|Cannot (read|set|convert|destructure)|Invalid (typed array|array) length|call stack|is not defined|before initialization/;

let unhandled = [];
process.on('unhandledRejection', (error) => unhandled.push(error));
// Node 26: a fetch whose signal aborts at a certain time throws where nobody can catch it. All other errors end the process.
process.on('uncaughtException', (error) => {
  if (!error.stack?.split('\n')[1]?.includes('deps/undici')) throw error;
});

const own = new Error("the caller's own");
const throwing = () => {
  throw own;
};

/** A program whose own code runs while it is loaded may do as it likes: hang, for one. */
function runsCode(bytes) {
  try {
    const { start, exports } = describe(bytes, '');
    return start !== undefined || exports.some(({ name }) => /^(_initialize|__wasm_call_ctors|heap_|malloc|free|calloc|realloc)/.test(name));
  } catch {
    return false;
  }
}

/** More memory than that is the program's wish, and takes the machine's time. */
const isModest = (bytes) => {
  try {
    return describe(bytes, '').memories.every(({ least }) => least < 1000);
  } catch {
    return true;
  }
};

/** @param {Random} random @param {Uint8Array} bytes */
function pieces(random, bytes) {
  const list = [];
  for (let at = 0; at < bytes.length;) list.push(bytes.slice(at, (at += 1 + random.below(60))));
  return list;
}

const asWasm = { headers: { 'content-type': 'application/wasm' } };
const streamOf = (list) => new ReadableStream({ pull: (to) => (list.length ? to.enqueue(list.shift()) : to.close()) });

/** Ways for all of the bytes to arrive. @type {((bytes: Uint8Array, random: Random) => any)[]} */
const kWhole = [
  (bytes) => bytes.slice(),
  (bytes) => bytes.slice().buffer,
  (bytes) => new DataView(bytes.slice().buffer),
  (bytes) => Promise.resolve(bytes.slice()),
  (bytes) => new Response(bytes.slice(), asWasm),
  (bytes) => new Response(bytes.slice()),
  (bytes, random) => new Response(streamOf(pieces(random, bytes)), asWasm),
  (bytes, random) => new Response(streamOf(pieces(random, bytes)), { headers: { 'content-length': String(random.below(2 * bytes.length)) } }),
  async (bytes, random) => new Response(streamOf(pieces(random, bytes)), asWasm),
];

/** Ways for it to go wrong. @type {((bytes: Uint8Array, random: Random) => any)[]} */
const kBroken = [
  (bytes) => new Response(bytes.slice(), { status: 404 }),
  () => new Response(null, asWasm),
  () => Response.error(),
  (bytes, random) => new Response(streamOf([...pieces(random, bytes).slice(0, 2), 'a text']), asWasm),
  (bytes, random) => new Response(new ReadableStream({ pull: (to) => (random.one(3) ? to.error(own) : to.enqueue(bytes.slice(0, 9))) }), asWasm),
  () => Promise.reject(own),
  () => null,
  () => 'no-such-file.wasm',
  () => 'data:application/wasm;base64,AGFzbQ==',
  () => ({}),
  () => [],
  () => 5,
  () => new Uint8Array(0),
  (bytes) => Buffer.from(bytes).toString('latin1'),
  async (bytes) => {
    const used = new Response(bytes.slice(), asWasm);
    await used.arrayBuffer();
    return used;
  },
  (bytes) => (WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : 'not-valid.wasm'),
];

const hashOf = (bytes) => `sha256-${createHash('sha256').update(bytes).digest('base64')}`;

/** What may be given for each option. @type {Record<string, (bytes: Uint8Array, random: Random) => any>} */
const kOptions = {
  heap: (bytes, random) => random.of([heaps.release, heaps.debug, heaps.secure, () => new Response(heaps.release, asWasm), bytes, 'no-such-word', 5, null, () => Promise.reject(own)]),
  link: (bytes, random) => random.of(['auto', 'merge', 'direct', 'table', 'trampoline', 'wasm', null, {}]),
  imports: (bytes, random) =>
    random.of([{}, { env: { malloc: () => 8 } }, { env: { memory: new WebAssembly.Memory({ initial: random.below(20), maximum: 20 }) } }, { env: null }, { env: { f: 'no function' } }, null, 'text', () => {}, []]),
  integrity: (bytes, random) => random.of([hashOf(bytes), { program: hashOf(bytes) }, 'sha256-AAAA', 'md5-AAAA', ['sha256-AAAA'], {}, { other: '' }, null, 7]),
  checkViews: (bytes, random) => random.of([true, false, 'yes']),
  onHeap: (bytes, random) => random.of([() => {}, throwing, 'no function']),
  onProgress: (bytes, random) => random.of([() => {}, throwing, {}]),
  onWarning: (bytes, random) => random.of([() => {}, throwing, 0]),
  signal: (bytes, random) => random.of([AbortSignal.abort(own), new AbortController().signal, AbortSignal.timeout(random.below(3)), 'no signal']),
  debug: (bytes, random) => random.of([{}, { quarantine: 0 }, { stacks: false, onError: 'report' }, { onError: throwing }, true, 'text']),
  check: (bytes, random) => random.of([true, false, { mode: 'import' }, { mode: 'no mode' }, { onError: 'report' }, 'text']),
  adopt: (bytes, random) => random.of([true, false, { malloc: 'func[1]' }, { recipe: {} }, { constructor: 'func[0]' }, { malloc: '__proto__' }]),
  join: (bytes, random) => random.of([{}, null]),
  stack: () => 0,
  unknown: () => 1,
};

/** @param {Uint8Array} bytes @param {Random} random */
function randomOptions(bytes, random) {
  const names = Object.keys(kOptions).filter(() => random.one(8));
  const options = Object.fromEntries([...names, ...(random.one(2) ? ['link'] : [])].map((name) => [name, kOptions[name](bytes, random)]));
  // One that was not chosen must not be there: nobody would wait for it.
  if (typeof options.heap === 'function') options.heap = options.heap();
  return options;
}

/** Whether an error is one that was meant. */
function isMeant(error, { signal } = {}) {
  if (error === own || error instanceof MemoryWasmError || error instanceof WebAssembly.RuntimeError) return true;
  if (signal?.aborted && error === signal.reason) return true;
  return (error instanceof TypeError || error instanceof RangeError) && !kAccident.test(error.message);
}

/** What came of a load: the name of the link mode, or the error. @param {any} program @param {any} options */
async function outcomeOf(program, options) {
  const timer = new AbortController();
  try {
    const loaded = await Promise.race([load(program, options), wait(1000 * kPatience, undefined, { signal: timer.signal }).then(() => Promise.reject(new Finding(`no answer within ${kPatience} s`)))]);
    return { outcome: loaded.link, loaded };
  } catch (error) {
    if (!isMeant(error, options)) throw error;
    return { outcome: `${error.name}: ${error.message}`, error };
  } finally {
    timer.abort();
  }
}

const kQuiet = { onWarning: () => {} };

/** The same bytes in two ways: the same outcome. @param {Uint8Array} bytes @param {Random} random */
async function arrivesAsItWill(bytes, random) {
  const options = () => ({ heap: heaps.release, link: random.of(['auto', 'merge', 'direct', 'table', 'trampoline']), ...kQuiet });
  const chosen = options();
  const [first, second] = [await outcomeOf(bytes.slice(), chosen), await outcomeOf(random.of(kWhole)(bytes, random), chosen)];
  // How much had arrived when the engine or the reader gave up, and whether that was all, is in the message of this one.
  const plain = ({ outcome }) => outcome.replace(/^(InvalidModuleError): .*/s, '$1');
  if (plain(first) !== plain(second)) throw new Finding(`link '${chosen.link}': as bytes: ${first.outcome}; otherwise: ${second.outcome}`);
  if (!first.loaded && WebAssembly.validate(bytes) && /InvalidModule|NotWebAssembly/.test(first.outcome)) throw new Finding(`a valid program is refused: ${first.outcome}`);
}

/**
 * @param {Uint8Array} bytes
 * @param {Random} random
 */
export async function tryLoad(bytes, random) {
  if (runsCode(bytes) || !isModest(bytes)) return;
  unhandled = [];
  const { warn, error: logged } = console;
  console.warn = console.error = () => {};
  let what = '';
  try {
    await arrivesAsItWill(bytes, random);
    const options = randomOptions(bytes, random);
    what = Object.keys(options).join(', ');
    await outcomeOf(random.of(random.one(2) ? kWhole : kBroken)(bytes, random), options);
    await wait(0);
  } catch (error) {
    throw Object.assign(new Finding(`load (${what}): ${error.message}`, { cause: error }), { stack: `load (${what}): ${error.stack}` });
  } finally {
    Object.assign(console, { warn, error: logged });
  }
  if (unhandled.length) throw new Finding(`load (${what}): nobody waits for a promise, which was rejected: ${unhandled[0]?.stack ?? unhandled[0]}`);
  const changed = changedPrototypes();
  if (changed.length) throw new Finding(`load (${what}): ${changed.join(', ')}`);
}
