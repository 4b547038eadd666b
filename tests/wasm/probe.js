// What the heap makes of metadata that somebody overwrote: every word of it that no block owns, changed in several ways, one at a time,
// followed by more of the random operations of tests/seeded, whose model tells whether anything was corrupted.
//
//   node tests/wasm/probe.js [--trials N] [--seed S]     a table of what happened, by the kind of word; without N all of them

import { parseArgs } from 'node:util';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { buildPrograms, instancesOver, newWorld } from './seeded-world.js';

const kOperationsBefore = 3000n;
const kOperationsAfter = 300n;
const kPatience = 20_000; // ms that one trial may take
const kSpan = { free: 0, used: 1, own: 2, top: 3 };

/** A repeatable sequence of numbers below `limit`. */
function randomNumbers(seed) {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** Where the heap keeps its own words: [address, kind]. */
function metadataWords({ heap }) {
  const owned = new Set(); // words inside blocks in use
  const spans = [];
  for (let at = heap.heap_span_next(0) >>> 0; at; at = heap.heap_span_next(at) >>> 0) {
    const span = { at, bytes: heap.heap_span_bytes(at) >>> 0, kind: heap.heap_span_kind(at) };
    spans.push(span);
    if (span.kind === kSpan.used) for (let word = at; word < at + heap.malloc_usable_size(at); word += 4) owned.add(word);
  }
  const words = new Map();
  const add = (word, kind) => owned.has(word) || words.set(word, kind);
  const state = heap.heap_state() >>> 0;
  for (const { at, bytes, kind } of spans) {
    if (kind === kSpan.own)
      for (let word = at; word < at + bytes - 4; word += 4) add(word, word >= state && word < state + bytes && at <= state && state < at + bytes ? `state +${word - state}` : `own, ${bytes} bytes, +${word - at}`);
    if (kind === kSpan.free || kind === kSpan.top) {
      add(at, 'free: next');
      add(at + 4, 'free: previous');
      add(at + 8, 'free: inside');
      add(at + bytes - 8, kind === kSpan.free ? 'free: foot' : 'top: last word');
    }
  }
  const isFirst = (i) => i === 0 || spans[i - 1].at + spans[i - 1].bytes !== spans[i].at;
  for (const [i, { at, kind }] of spans.entries()) {
    if (isFirst(i)) continue; // what is below a region is not the heap's
    add(at - 4, kind === kSpan.used ? 'head of a block' : 'head');
  }
  for (const [i, { at, bytes }] of spans.entries()) if (i + 1 === spans.length || isFirst(i + 1)) add(at + bytes - 4, 'fence');
  return [...words];
}

/** The values that a word is changed to. */
function changesOf(old, others, random) {
  const values = [0, ~0, old ^ 1, old ^ 2, old ^ 4, old ^ 8, old + 16, old - 16, old * 2, old ^ (1 << random(32)), old ^ (1 << random(32)), random(2 ** 32), others[random(others.length)], others[random(others.length)]];
  return [...new Set(values.map((value) => value >>> 0))].filter((value) => value !== old >>> 0);
}

/** All trials: { word, kind, value }; a random selection of them if `count` is given. */
export function planTrials(world, seed, count) {
  const random = randomNumbers(seed);
  const memory = new DataView(world.memory.buffer);
  const words = metadataWords(world);
  const others = words.map(([word]) => memory.getUint32(word, true));
  const trials = words.flatMap(([word, kind], i) => changesOf(others[i], others, random).map((value) => ({ word, kind, value })));
  if (!count) return trials;
  const groups = Object.values(groupBy(trials, groupOf));
  return Array.from({ length: count }, (_, i) => groups[i % groups.length][random(groups[i % groups.length].length)]);
}

const groupOf = ({ kind }) => kind.replace(/ ?[+].*|, .*/, '');

/** Object.groupBy, which Node 20 has not. */
function groupBy(items, keyOf) {
  const groups = {};
  for (const item of items) (groups[keyOf(item)] ??= []).push(item);
  return groups;
}

export function startingPoint(program, seed) {
  const world = newWorld(program, BigInt(seed));
  world.run(BigInt(seed), kOperationsBefore, 1);
  return world;
}

// What the model finds that does no block any harm: a number that is wrong, a heap that can't be told as one.
const kNoticed = ['the largest free block could not be had', 'could not be attached', 'a request was refused although it fits', 'left the heap larger', 'are not in the footprint', 'region was refused', 'heap is not empty'];

/** 'trapped', 'harmless', 'noticed', or how it was corrupted. */
export function attempt(program, snapshot, state, { word, value }) {
  const pages = snapshot.length / 65536;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages + 64 });
  const world = instancesOver(memory, program, 0);
  new Uint8Array(memory.buffer).set(snapshot); // after the program has zeroed its own
  world.heap.heap_attach(state);
  new DataView(memory.buffer).setUint32(word, value, true);
  try {
    world.go_on(kOperationsAfter, 0);
    return 'harmless';
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) return 'trapped';
    return kNoticed.some((text) => error.message.includes(text)) ? 'noticed' : error.message.replace(/: seed.*/, '');
  }
}

function work({ seed, count, progress }) {
  const program = buildPrograms().direct;
  const world = startingPoint(program, seed);
  const trials = planTrials(world, seed, count);
  const snapshot = new Uint8Array(world.memory.buffer.slice(0));
  const state = world.heap.heap_state();
  for (let i = Atomics.load(progress, 0); i < trials.length; i++) {
    Atomics.store(progress, 0, i);
    parentPort.postMessage({ ...trials[i], outcome: attempt(program, snapshot, state, trials[i]) });
  }
}

/**
 * Runs the trials in a worker, so that one that never ends can be told and left behind.
 * @returns {Promise<{ word: number, kind: string, value: number, outcome: string }[]>}
 */
export async function probe(seed, count) {
  const progress = new Int32Array(new SharedArrayBuffer(4));
  const results = [];
  for (let done = false; !done; ) {
    const worker = new Worker(new URL(import.meta.url), { workerData: { seed, count, progress } });
    done = await new Promise((resolve, reject) => {
      let last = -1;
      const watch = setInterval(() => {
        if (Atomics.load(progress, 0) === last && results.length) {
          results.push({ word: 0, kind: `trial ${last}`, value: 0, outcome: 'hangs' });
          Atomics.add(progress, 0, 1);
          resolve(false);
        }
        last = Atomics.load(progress, 0);
      }, kPatience);
      worker.on('message', (result) => results.push(result));
      worker.on('error', reject);
      worker.on('exit', () => resolve(true));
      worker.on('exit', () => clearInterval(watch));
    });
    await worker.terminate();
  }
  return results;
}

export const isCorrupt = ({ outcome }) => !['trapped', 'harmless', 'noticed'].includes(outcome);

if (!isMainThread) {
  work(workerData);
} else if (process.argv[1] === new URL(import.meta.url).pathname) {
  const { values } = parseArgs({ options: { trials: { type: 'string' }, seed: { type: 'string', default: '1' } } });
  const results = await probe(Number(values.seed), Number(values.trials ?? 0));
  const table = {};
  for (const { kind, outcome } of results) {
    const row = (table[kind] ??= {});
    row[outcome] = (row[outcome] ?? 0) + 1;
  }
  console.table(Object.fromEntries(Object.entries(table).filter(([, row]) => Object.keys(row).some((outcome) => isCorrupt({ outcome })))));
  for (const { word, kind, value, outcome } of results.filter(isCorrupt))
    console.log(`${kind} at ${word} = ${value}: ${outcome}`);
  const count = (test) => results.filter(test).length;
  console.log(`${results.length} trials: ${count((r) => r.outcome === 'trapped')} trapped, ${count((r) => r.outcome === 'harmless')} harmless, ${count((r) => r.outcome === 'noticed')} noticed, ${count(isCorrupt)} corrupt`);
}
