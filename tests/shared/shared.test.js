// The shared heap: the protocol between threads on this machine, and the module and the library in WebAssembly.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { compile, kDist, link } from '../wasm/toolchain.js';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const kBuild = at('../../build/shared');
mkdirSync(kBuild, { recursive: true });

/** Builds a program for this machine. @returns {string} where it is */
function built(name, ...options) {
  const to = join(kBuild, name);
  const warnings = ['-Wall', '-Wextra', '-Wpedantic', '-Werror', '-Wno-attributes=clang::', '-fno-strict-aliasing'];
  execFileSync('g++', ['-std=c++20', ...warnings, '-fvisibility=hidden', `-I${at('../../src')}`, ...options, '-o', to, '-pthread'], { stdio: ['ignore', 'ignore', 'inherit'] });
  return to;
}

describe('on this machine', () => {
  test('every interleaving of the protocol: each freed block comes to its owner once', () => {
    const program = built('interleavings', '-O2', at('interleavings.cpp'));
    const { status, stdout } = spawnSync(program, { encoding: 'utf8' });
    assert.equal(status, 0, stdout);
  });

  test('threads that exchange blocks, and ThreadSanitizer', () => {
    const program = built('threads-tsan', '-O1', '-g', '-fsanitize=thread', at('threads.cpp'));
    const { status, stdout, stderr } = spawnSync(program, ['--no-resize', '--operations', '30000'], { encoding: 'utf8' });
    assert.equal(status, 0, stdout + stderr);
  });

  test('threads that exchange and resize blocks', () => {
    const program = built('threads', '-O2', at('threads.cpp'));
    for (const seed of ['1', '2', '3']) {
      const { status, stdout, stderr } = spawnSync(program, ['--seed', seed, '--operations', '100000'], { encoding: 'utf8' });
      assert.equal(status, 0, stdout + stderr);
    }
  });
});

const kStatus = { free: 0, live: 1, held: 2, ended: 3, broken: 4 };
const kKey = 20250607;
/** Where in the commons the bytes are that say whose each page is. */
const kOwners = 26688;
const heapModule = new WebAssembly.Module(readFileSync(join(kDist, 'memory.shared.wasm')));

const newMemory = (maximum = 2048) => new WebAssembly.Memory({ initial: 1, maximum, shared: true });

/** An instance over the memory with another's heap beside it. What its functions return is unsigned. */
function thread(memory, commons = 0, key = kKey) {
  const { exports } = new WebAssembly.Instance(heapModule, { env: { memory } });
  const heap = Object.fromEntries(Object.entries(exports).map(([name, value]) => [name, typeof value === 'function' ? (...values) => value(...values) >>> 0 : value]));
  assert.equal(heap.heap_protect(key), 1);
  if (commons) assert.equal(heap.heap_attach(commons), 1);
  else heap.free(heap.malloc(1));
  return heap;
}

/** Two instances that stand for two threads, taking turns. */
function two(memory = newMemory()) {
  const first = thread(memory);
  return { memory, first, second: thread(memory, first.heap_shared_state()) };
}

describe('memory.shared.wasm', () => {
  test('a history of two instances, with a model: each frees and resizes blocks of the other', () => {
    const { memory, first, second } = two();
    let state = 7;
    const random = (limit) => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 8) % limit;
    const heaps = [first, second];
    const model = [];
    const fill = (pointer, size) => new Uint8Array(memory.buffer, pointer, size).fill(pointer >>> 4);
    const add = (pointer, size) => {
      assert.ok(pointer && pointer % 16 === 0);
      for (const [other, length] of random(50) ? [] : model) assert.ok(pointer + size <= other || other + length <= pointer, 'two blocks overlap');
      fill(pointer, size);
      model.push([pointer, size]);
    };
    const intact = (pointer, size, value) => assert.ok(new Uint8Array(memory.buffer, pointer, size).every((byte) => byte === (value & 255)));
    for (let i = 0; i < 40_000; i++) {
      const heap = heaps[random(2)];
      const size = random(30) ? random(600) : random(40_000);
      if (random(2) || model.length < 20) {
        add(random(6) ? heap.malloc(size) : heap.aligned_alloc(64, size), size);
        continue;
      }
      const [[pointer, had]] = model.splice(random(model.length), 1);
      intact(pointer, had, pointer >>> 4);
      if (random(4)) {
        heap.free(pointer);
        continue;
      }
      const moved = heap.realloc(pointer, size);
      intact(moved, Math.min(had, size), pointer >>> 4);
      add(moved, size);
      if (i % 500 === 0) for (const each of heaps) assert.equal(each.heap_check(), 0);
    }
    for (const [pointer] of model) heaps[random(2)].free(pointer);
    for (const heap of heaps) {
      heap.heap_trim();
      assert.equal(heap.heap_check(), 0);
      assert.equal(heap.heap_in_use(), 0);
    }
  });

  test('a block that another thread frees counts as in use until its owner looks; its memory is used again', () => {
    const { memory, first, second } = two();
    for (let round = 0; round < 50; round++) {
      const blocks = Array.from({ length: 400 }, (_, i) => first.malloc(i % 40 ? 200 : 20_000));
      for (const block of blocks) second.free(block);
    }
    assert.ok(memory.buffer.byteLength < 50 * 65536, `${memory.buffer.byteLength} bytes`);
    const block = first.malloc(100);
    const before = first.heap_in_use();
    second.free(block);
    assert.equal(first.heap_in_use(), before);
    first.heap_trim();
    assert.ok(first.heap_in_use() < before);
  });

  test('a heap does not look at each refill for what others freed, but after an eighth of its footprint', () => {
    const { memory, first, second } = two();
    const waiting = [first.malloc(60_000), first.malloc(60_000)];
    for (let i = 0; i < 20_000; i++) first.malloc(128);
    const footprint = memory.buffer.byteLength;
    let refills;
    for (const block of waiting) {
      second.free(block);
      refills = 0;
      for (let last = 0; first.heap_in_use() > last && refills < 1000; refills++) {
        last = first.heap_in_use();
        for (let i = 0; i < 63; i++) first.malloc(128); // a cell's
      }
    }
    const handedOut = refills * 8192;
    assert.ok(handedOut > footprint / 12 && handedOut < footprint / 6, `${refills} refills in ${footprint} bytes`);
  });

  test('no request is refused while blocks wait for their owner', () => {
    const requests = {
      malloc: (heap) => heap.malloc(60_000),
      calloc: (heap) => heap.calloc(1, 60_000),
      aligned_alloc: (heap) => heap.aligned_alloc(64, 60_032),
      realloc: (heap, block) => heap.realloc(block, 90_000),
    };
    for (const [name, request] of Object.entries(requests)) {
      const { first, second } = two(newMemory(200));
      const own = first.malloc(50);
      const blocks = [];
      while (blocks.at(-1) !== 0) blocks.push(first.malloc(100_000));
      while (first.malloc(20_000));
      second.free(blocks[20]);
      assert.notEqual(request(first, own), 0, name);
      assert.equal(first.heap_check(), 0, name);
    }
  });

  test('who frees twice, or what is no block, traps: not the owner', () => {
    const { first, second } = two();
    const [small, large] = [first.malloc(40), first.malloc(5000)];
    for (const block of [small, large]) {
      second.free(block);
      assert.throws(() => second.free(block), WebAssembly.RuntimeError);
    }
    assert.throws(() => second.free(16), WebAssembly.RuntimeError, "the program's own memory");
    assert.throws(() => second.free(first.heap_shared_state()), WebAssembly.RuntimeError, 'the commons');
    const block = first.malloc(40);
    assert.throws(() => second.free(block + 8), WebAssembly.RuntimeError, 'not aligned');
    second.free(0);
    first.malloc(1000);
    assert.equal(first.heap_check(), 0);
  });

  test("another thread's block: realloc moves it, nothing is known of its size", () => {
    const { memory, first, second } = two();
    const block = first.malloc(100);
    new Uint8Array(memory.buffer, block, 100).fill(9);
    assert.equal(second.malloc_usable_size(block), 0);
    second.free_sized(first.malloc(10), 10);
    const moved = second.realloc(block, 40);
    assert.notEqual(moved, block);
    assert.ok(new Uint8Array(memory.buffer, moved, 40).every((byte) => byte === 9));
    assert.ok(second.malloc_usable_size(moved) >= 40);
  });

  test("another thread's block: realloc copies nothing of a third heap's pages", () => {
    const { memory, first } = two();
    const block = first.malloc(200);
    new Uint8Array(memory.buffer, block, 200).fill(9);
    const third = thread(memory, first.heap_shared_state());
    third.malloc(1); // its first page
    const theirs = third.malloc(500_000);
    new Uint8Array(memory.buffer, theirs, 500_000).fill(0x5a);
    assert.ok(theirs > block);
    const second = thread(memory, first.heap_shared_state());
    const moved = second.realloc(block, 1_000_000);
    const bytes = new Uint8Array(memory.buffer, moved, 1_000_000);
    assert.ok(bytes.subarray(0, 200).every((byte) => byte === 9));
    assert.ok(!bytes.includes(0x5a), "the third heap's bytes");
  });

  test('growth: each page has one owner; a memory that is full returns NULL in each thread and changes nothing', () => {
    const { memory, first, second } = two(newMemory(40));
    const blocks = [];
    for (let i = 0; blocks.at(-1) !== 0; i++) blocks.push([first, second][i % 2].malloc(30_000));
    assert.equal(memory.buffer.byteLength, 40 * 65536);
    for (const heap of [first, second]) assert.equal(heap.heap_check(), 0);
    assert.ok(first.heap_footprint() + second.heap_footprint() <= 39 * 65536);
    for (const block of blocks) first.free(block);
    first.heap_trim();
    second.heap_trim();
    assert.equal(first.heap_in_use() + second.heap_in_use(), 0);
  });

  test('reset frees the blocks of one thread; what others freed of them is forgotten', () => {
    const { first, second } = two();
    const kept = second.malloc(100);
    for (let i = 0; i < 1000; i++) second.free(first.malloc(64));
    first.malloc(100);
    first.heap_reset();
    assert.equal(first.heap_in_use(), 0);
    assert.equal(first.heap_check(), 0);
    first.heap_trim();
    assert.equal(first.heap_check(), 0);
    assert.equal(second.heap_check(), 0);
    second.free(kept);
  });

  test('the walk covers one thread, a region belongs to one', () => {
    const { memory, first, second } = two();
    const page = memory.grow(3) * 65536;
    assert.equal(first.heap_add_region(page + 100, 2 * 65536), 65536, 'whole pages only');
    assert.equal(second.heap_add_region(page, 3 * 65536), 0, 'one of the pages is taken');
    assert.equal(second.heap_add_region(page + 2 * 65536, 65536), 65536);
    const block = second.malloc(100);
    const spans = (heap) => {
      const found = [];
      for (let span = heap.heap_span_next(0); span; span = heap.heap_span_next(span)) found.push(span);
      return found;
    };
    assert.ok(spans(second).includes(block) && !spans(first).includes(block));
    for (const heap of [first, second]) assert.equal(heap.heap_check(), 0);
  });

  test('check sees a page that another heap has', () => {
    const { memory, first } = two();
    const { heap_shared_state: state } = first;
    const bytes = new Uint8Array(memory.buffer);
    const owned = (state() + kOwners) + (first.malloc(1) >>> 16);
    assert.equal(bytes[owned], 1);
    bytes[owned] = 2;
    assert.equal(first.heap_check(), 22);
    bytes[owned] = 1;
    assert.equal(first.heap_check(), 0);
  });

  test('a thread that has ended leaves its heap to the next', () => {
    const { memory, first, second } = two();
    const block = second.malloc(100);
    const number = second.heap_shared_number();
    assert.equal(first.heap_shared_status(first.heap_shared_state(), number), kStatus.live);
    assert.equal(first.heap_shared_change(first.heap_shared_state(), number, kStatus.live, kStatus.ended), 1);
    assert.equal(first.heap_shared_change(first.heap_shared_state(), number, kStatus.live, kStatus.ended), 0, 'it is already');
    second.heap_shared_keep(second.malloc(5000));
    first.free(block); // waits for whoever has the heap next
    const third = thread(memory, first.heap_shared_state());
    assert.equal(third.heap_shared_number(), number);
    assert.equal(third.heap_shared_status(third.heap_shared_state(), number), kStatus.live);
    third.heap_trim();
    assert.notEqual(third.heap_in_use(), 0);
    third.free(third.heap_shared_kept());
    assert.equal(third.heap_in_use(), 0);
  });

  test('a heap that was damaged when its thread ended goes to nobody', () => {
    const { memory, first, second } = two();
    const number = second.heap_shared_number();
    new Uint32Array(memory.buffer)[(second.malloc(1000) - 4) >>> 2] ^= 64;
    first.heap_shared_change(first.heap_shared_state(), number, kStatus.live, kStatus.ended);
    const third = thread(memory, first.heap_shared_state());
    assert.notEqual(third.heap_shared_number(), number);
    assert.equal(first.heap_shared_status(first.heap_shared_state(), number), kStatus.broken);
  });

  test('254 threads, and not one more', () => {
    const memory = newMemory(1024);
    const first = thread(memory);
    for (let i = 2; i <= 254; i++) assert.equal(thread(memory, first.heap_shared_state()).heap_shared_number(), i);
    const { exports } = new WebAssembly.Instance(heapModule, { env: { memory } });
    exports.heap_protect(kKey);
    assert.equal(exports.heap_attach(first.heap_shared_state()), 0);
  });

  test('another key, or an address without a heap: not joined, nothing changed', () => {
    const { memory, first } = two();
    const pages = memory.buffer.byteLength;
    const { exports } = new WebAssembly.Instance(heapModule, { env: { memory } });
    exports.heap_protect(kKey + 1);
    assert.equal(exports.heap_attach(first.heap_shared_state()), 0);
    assert.equal(exports.heap_attach(first.heap_shared_state() + 16), 0);
    assert.equal(exports.heap_attach(0), 0);
    assert.equal(memory.buffer.byteLength, pages);
  });
});

describe('static linking', () => {
  const kOptions = ['--shared-memory', '--import-memory', '--max-memory=16777216'];
  const program = compile('tests/shared/linked.c', '-matomics', '-mbulk-memory');

  for (const library of ['libmemory.a', 'libmemory-small.a']) {
    test(`the linker refuses ${library} in a program with a shared memory`, () => {
      assert.throws(() => link(`refused-${library}.wasm`, [program, join(kDist, library)], ...kOptions), /wasm-ld/);
    });
  }

  test('libmemory-shared.a: each instance of the program has a heap of its own', () => {
    const file = link('linked.wasm', [program, join(kDist, 'libmemory-shared.a')], ...kOptions);
    const module = new WebAssembly.Module(readFileSync(file));
    const memory = new WebAssembly.Memory({ initial: 2, maximum: 256, shared: true });
    const [first, second] = [0, 1].map(() => new WebAssembly.Instance(module, { env: { memory } }).exports);
    const [a, b] = [first.take(100), second.take(100)];
    assert.notEqual(a >>> 16, b >>> 16, 'two threads have no page in common');
    first.give(b);
    second.give(a);
    assert.throws(() => second.give(a), WebAssembly.RuntimeError);
    for (let i = 0; i < 1000; i++) first.give(second.take(64));
    assert.ok(memory.buffer.byteLength < 16 * 65536);
  });

  test('libmemory-shared.a in a program with one thread and a memory of its own', () => {
    const file = link('linked-alone.wasm', [compile('tests/shared/linked.c'), join(kDist, 'libmemory-shared.a')]);
    const { take, give } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file))).exports;
    give(take(100));
  });
});
