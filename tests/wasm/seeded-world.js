// The memories and instances that tests/seeded runs in, in every engine: one fresh memory for each history, as tests/seeded/main.cpp has on the host.
// seeded-programs.js builds what runs there.

export const kHistory = 50_000;

/** How many pages a history may take beyond the program's own. The same in tests/seeded/main.cpp. */
const pagesOf = (seed) => 32 << Number(seed % 6n);

/** @param {{ wide?: boolean, shared?: boolean }} program @param {number} initial @param {number} maximum */
const memoryFor = ({ wide, shared = false }, initial, maximum) =>
  new WebAssembly.Memory(wide ? { initial: BigInt(initial), maximum: BigInt(maximum), address: 'i64' } : { initial, maximum, shared });

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
export function instancesOver(memory, { module, heapModule, shared }, seed) {
  const heap = heapModule && new WebAssembly.Instance(heapModule, { env: { memory } }).exports;
  heap?.heap_protect(Number(seed & 0xffffffffn));
  const failed = (what, operation) => {
    throw new Error(`${stringAt(memory, what)}: seed ${seed}, operation ${operation}`);
  };
  const program = new WebAssembly.Instance(module, { env: { memory, ...heap }, test: { failed } }).exports;
  if (shared) program.set_region_unit(65536);
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
  return new TextDecoder().decode(bytes.slice(0, bytes.indexOf(0)));
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
