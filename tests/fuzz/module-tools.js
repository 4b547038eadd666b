// All that reads a program, on one input, and what must be true of each: it returns a module or an error that says what is wrong with the file,
// never an error that the code did not mean; a valid program stays valid; time is bounded by the file's size; and nothing that the file names
// reaches a prototype.

import { readFileSync } from 'node:fs';
import { adopt, AdoptError } from '../../js/adopt/index.js';
import { instrument } from '../../js/check/instrument.js';
import { describe } from '../../js/cli/describe.js';
import { heapIn } from '../../js/cli/heap.js';
import { inspectProgram, inWords } from '../../js/cli/inspect.js';
import { linkProgram } from '../../js/cli/link.js';
import { merge, merger, MergeError } from '../../js/merge/index.js';
import { concatenate } from '../../js/wasm/bytes.js';
import { FormatError } from '../../js/wasm/cursor.js';
import { readHeader } from '../../js/wasm/header.js';
import { changedPrototypes } from './prototypes.js';

/** @typedef {import('./module-mutations.js').Random} Random */

const heapFile = (name) => new Uint8Array(readFileSync(new URL(`../../dist/${name}`, import.meta.url)));
export const heaps = { release: heapFile('memory.wasm'), secure: heapFile('memory.secure.wasm'), debug: heapFile('memory.debug.wasm') };
const cliHeaps = { release: heapIn(heaps.release, 'memory.wasm'), debug: heapIn(heaps.debug, 'memory.debug.wasm') };

/** Something that must not be. */
export class Finding extends Error {
  name = 'Finding';
}

/** Errors that say what is wrong with a file: all others were not meant. */
const kMeant = new Set([Error, AdoptError, FormatError, MergeError]);

/** What there is beside a file's size: the heap that is put into it, and what a process does besides. In milliseconds of CPU time. */
const kBase = 1500;
/** Milliseconds for each byte. */
const kPerByte = 0.02;

const isValid = (bytes) => WebAssembly.validate(bytes);

/** Whether no engine takes it, as far as this one knows: V8 says of a feature that is turned off how to turn it on. */
function isInvalidEverywhere(bytes) {
  try {
    return !new WebAssembly.Module(bytes);
  } catch (error) {
    return !/--experimental-wasm/.test(error.message);
  }
}

/** Why a valid program may be refused. */
const kFair = {
  merge: /its memory is|has \d+ memories|exports .* already/,
  check: /its memory|has \d+ memories|memories|already/,
  link: /./,
};

/**
 * @template T
 * @param {() => T} work
 * @returns {{ result?: T, refusal?: string }}
 */
function outcomeOf(work) {
  try {
    return { result: work() };
  } catch (error) {
    if (!kMeant.has(error.constructor)) throw error;
    return { refusal: error.message };
  }
}

/** @param {Uint8Array} bytes @param {{ result?: { bytes: Uint8Array }, refusal?: string }} outcome @param {RegExp} fair */
function staysValid(bytes, { result, refusal }, fair) {
  if (!isValid(bytes)) return;
  if (result && !isValid(result.bytes)) throw new Finding('a valid program becomes an invalid one');
  if (!result && !fair.test(refusal ?? '')) throw new Finding(`a valid program is refused: ${refusal}`);
}

/** @param {Random} random @param {Uint8Array} bytes @param {Uint8Array} heap */
function inPieces(random, bytes, heap) {
  const { push } = merger(heap);
  const pieces = [];
  for (let at = 0; at < bytes.length;) {
    const size = 1 + random.below(40);
    pieces.push(push(bytes.slice(at, (at += size)), false));
  }
  return { bytes: concatenate([...pieces, push(new Uint8Array(0), true)]) };
}

/** Each tool on one input. @type {Record<string, (bytes: Uint8Array, random: Random) => void>} */
export const kTools = {
  merge(bytes, random) {
    const whole = outcomeOf(() => merge(bytes, heaps.release));
    staysValid(bytes, whole, kFair.merge);
    const pieces = outcomeOf(() => inPieces(random, bytes, heaps.release));
    if (whole.refusal !== pieces.refusal) throw new Finding(`in pieces: ${pieces.refusal ?? 'merged'}; whole: ${whole.refusal ?? 'merged'}`);
    if (whole.result && Buffer.compare(whole.result.bytes, /** @type {any} */ (pieces.result).bytes)) throw new Finding('merged in pieces, it has other bytes');
  },
  secure(bytes) {
    const { result } = outcomeOf(() => merge(bytes, heaps.secure));
    if (result && isValid(result.bytes) && !isValid(bytes)) throw new Finding('an invalid program becomes a valid one, merged with the secure heap');
  },
  check(bytes, random) {
    const mode = random.of(/** @type {const} */ (['call', 'inline', 'import']));
    const outcome = outcomeOf(() => instrument(bytes, { mode, contexts: random.one(2), uninitialized: random.one(2) }));
    if (mode === 'import' || process.versions.node >= '22') staysValid(bytes, outcome, kFair.check);
  },
  header(bytes) {
    outcomeOf(() => readHeader(bytes, true));
  },
  inspect(bytes) {
    const { result } = outcomeOf(() => inWords(inspectProgram(describe(bytes, 'program.wasm'), cliHeaps.release)));
    // eslint-disable-next-line no-control-regex
    if (result && /[\0-\x09\x0b-\x1f\x7f-\x9f]/.test(result)) throw new Finding('inspect prints what a terminal would obey');
  },
  link(bytes, random) {
    const check = random.one(4);
    const outcome = outcomeOf(() => linkProgram(bytes, describe(bytes, 'program.wasm'), check ? cliHeaps.debug : cliHeaps.release, { exports: [], exportHeap: random.one(2), check }));
    if (outcome.result && isInvalidEverywhere(bytes)) throw new Finding('an invalid program is linked');
    if (!check) staysValid(bytes, outcome, kFair.link);
  },
  adopt(bytes, random) {
    const { result } = outcomeOf(() => adopt(bytes, heaps.release, { hooks: random.of(['refused', 'always', 'never']) }));
    if (result && isValid(bytes) && !isValid(result.bytes)) throw new Finding('a valid program becomes an invalid one');
  },
};

/**
 * Runs one tool on one input. Throws what must not be, with the tool's name.
 * @param {string} tool
 * @param {Uint8Array} bytes
 * @param {Random} random
 */
export function tryTool(tool, bytes, random) {
  const start = process.cpuUsage();
  try {
    kTools[tool](bytes, random);
  } catch (error) {
    throw Object.assign(new Finding(`${tool}: ${error.message}`, { cause: error }), { stack: `${tool}: ${error.stack}` });
  }
  const { user, system } = process.cpuUsage(start);
  const time = (user + system) / 1000;
  const most = kBase + kPerByte * bytes.length;
  if (time > most) throw new Finding(`${tool}: ${time.toFixed(0)} ms for ${bytes.length} bytes, more than ${most.toFixed(0)}`);
  const changed = changedPrototypes();
  if (changed.length) throw new Finding(`${tool}: ${changed.join(', ')}`);
}
