// The memories and instances that tests/seeded runs in: one fresh memory for each history, as tests/seeded/main.cpp has on the host.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile, kDist, link } from './toolchain.js';

export const kHistory = 50_000;

/** How many pages a history may take beyond the program's own. The same in tests/seeded/main.cpp. */
const pagesOf = (seed) => 32 << Number(seed % 6n);

const heapIn = (file) => new WebAssembly.Module(readFileSync(join(kDist, file)));

/** Builds the program in each way. The memory is imported, so that its maximum can differ from history to history. */
export function buildPrograms({ wide = false } = {}) {
  const options = ['--import-memory', '--stack-first', '--export=__stack_pointer', '--export=__heap_base'];
  if (wide) return buildWidePrograms(options);
  const objects = ['operations.cpp', 'program.cpp'].map((file) => compile(`tests/seeded/${file}`));
  const direct = moduleOf(link('seeded-direct.wasm', objects, '--allow-undefined', ...options));
  const linked = (library) => moduleOf(link(`seeded-${library}.wasm`, [...objects, join(kDist, library)], ...options));
  return {
    direct: { ...direct, heapModule: heapIn('memory.wasm') },
    small: { ...direct, heapModule: heapIn('memory.small.wasm') },
    static: linked('libmemory.a'),
    'small static': linked('libmemory-small.a'),
  };
}

/** The same for 64-bit memories, which not every engine knows. @param {string[]} options */
function buildWidePrograms(options) {
  const objects = ['operations.cpp', 'program.cpp'].map((file) => compile(`tests/seeded/${file}`, '--target=wasm64'));
  const linked = (name, ...more) => ({ module: new WebAssembly.Module(readFileSync(link(name, [...objects, ...more], '-mwasm64', ...options))), pages: kWidePages, wide: true });
  return {
    memory64: { ...linked('seeded64-direct.wasm', '--allow-undefined'), heapModule: heapIn('memory64.wasm') },
    'memory64 static': linked('seeded64-static.wasm', join(kDist, 'libmemory64.a')),
  };
}

/** More than the programs have. */
const kWidePages = 200;

/** @param {{ wide?: boolean }} program @param {number} initial @param {number} maximum */
const memoryFor = ({ wide }, initial, maximum) =>
  new WebAssembly.Memory(wide ? { initial: BigInt(initial), maximum: BigInt(maximum), address: 'i64' } : { initial, maximum });

const moduleOf = (path) => ({ module: new WebAssembly.Module(readFileSync(path)), pages: pagesNeededBy(path) });

/** The initial size that the program wants its memory to have. */
function pagesNeededBy(path) {
  for (let pages = 1; ; pages++) {
    try {
      new WebAssembly.Instance(new WebAssembly.Module(readFileSync(path)), anyImports(path, pages));
      return pages;
    } catch (error) {
      if (!/memory import|Import.*memory/i.test(error.message) || pages > 4096) throw error;
    }
  }
}

function anyImports(path, pages) {
  const imports = { env: { memory: new WebAssembly.Memory({ initial: pages }) }, test: { failed() {} } };
  for (const { module, name, kind } of WebAssembly.Module.imports(new WebAssembly.Module(readFileSync(path))))
    if (kind === 'function') imports[module][name] = () => 0;
  return imports;
}

/**
 * A fresh memory with the program and, unless that is linked in, the heap.
 * @param {{ module: WebAssembly.Module, heapModule?: WebAssembly.Module, pages: number }} program
 * @param {bigint} seed of the history that will run; also the heap's key
 * @param {{ last?: boolean }} [where] last: the memory grows up to 4 GiB and ends there
 */
export function newWorld(program, seed, { last = false } = {}) {
  const initial = last ? 65536 - pagesOf(seed) : program.pages;
  const memory = memoryFor(program, initial, initial + pagesOf(seed));
  const world = instancesOver(memory, program, seed);
  if (last) world.set_lowest_address(initial * 65536);
  return { memory, ...world };
}

/** Program and heap over a memory that may have been used before. */
export function instancesOver(memory, { module, heapModule }, seed) {
  const heap = heapModule && new WebAssembly.Instance(heapModule, { env: { memory } }).exports;
  heap?.heap_protect(Number(seed & 0xffffffffn));
  const failed = (what, operation) => {
    throw new Error(`${stringAt(memory, what)}: seed ${seed}, operation ${operation}`);
  };
  const program = new WebAssembly.Instance(module, { env: { memory, ...heap }, test: { failed } }).exports;
  return { heap, ...program };
}

/** The same world in another memory, as a host restores a snapshot: new instances, the bytes copied, the heap attached. */
export function moved(world, program, seed) {
  const state = world.heap.heap_state();
  const memory = memoryFor(program, world.memory.buffer.byteLength / 65536, program.pages + pagesOf(seed));
  const other = instancesOver(memory, program, seed);
  new Uint8Array(memory.buffer).set(new Uint8Array(world.memory.buffer));
  if (state && !other.heap.heap_attach(state)) throw new Error(`seed ${seed}: the heap of a snapshot could not be attached`);
  return { memory, ...other };
}

function stringAt(memory, pointer) {
  const bytes = new Uint8Array(memory.buffer, Number(pointer));
  return Buffer.from(bytes.subarray(0, bytes.indexOf(0))).toString();
}

/** Runs the histories from `seed` on. Yields their digests. */
export function* digests(program, seed, operations) {
  for (let left = operations, at = BigInt(seed); left > 0; left -= kHistory, at++) {
    const digest = newWorld(program, at).run(at, BigInt(Math.min(left, kHistory)), 1);
    yield { seed: at, digest: BigInt.asUintN(64, digest).toString(16).padStart(16, '0') };
  }
}

/** One history in which the world moves to another memory after every so many operations. Its digest. */
export function digestWhenMoved(program, seed, operations, every) {
  let world = newWorld(program, seed);
  let digest = world.run(seed, BigInt(Math.min(every, operations)), 1);
  for (let done = every; done < operations; done += every) {
    world = moved(world, program, seed);
    digest = world.go_on(BigInt(Math.min(every, operations - done)), 1);
  }
  return digest;
}
