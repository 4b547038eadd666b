// Programs with threads that are linked with their heap: with libmemory-shared.a, and with the heaps that it is measured against. Every thread
// instantiates the program over the same memory; the linker's start function initialises the data once.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile, kDist, link } from '../wasm/toolchain.js';

const kStackBytes = 65536;
const kFirstPages = 16;
const kPages = 4096;

/** What Debian's package emscripten has: the malloc that -pthread links, and the C library it needs. */
const kEmscripten = '/usr/share/emscripten/cache/sysroot/lib/wasm32-emscripten';
export const hasEmscripten = existsSync(join(kEmscripten, 'libdlmalloc-mt.a'));

/** What a program is linked with, by heap. */
const kHeaps = {
  shared: () => [join(kDist, 'libmemory-shared.a')],
  locked: () => ['malloc', 'malloc_more'].map((file) => compile(`src/libc/${file}.cpp`, '-matomics', '-fno-strict-aliasing', '-fvisibility=hidden', '-Ibench/locked')),
  nothing: () => [compile('tests/shared/nothing.c', '-matomics', '-Wno-pedantic')],
  emscripten: () => ['libdlmalloc-mt.a', 'libc-mt.a'].map((file) => join(kEmscripten, file)),
};

/** worker.c with a heap. @param {'shared' | 'locked' | 'nothing' | 'emscripten'} heap */
export function linkedProgram(heap) {
  const object = compile('tests/shared/worker.c', '-matomics', '-Wno-pedantic');
  const memory = ['--import-memory', '--shared-memory', `--initial-memory=${kFirstPages * 65536}`, `--max-memory=${kPages * 65536}`];
  const exported = ['__stack_pointer', '__wasm_init_tls', '__tls_size', 'malloc', '__wasm_call_ctors'].map((name) => `--export=${name}`);
  const options = [...memory, '-z', `stack-size=${kStackBytes}`, '--stack-first', '--allow-undefined', ...exported, '--export-if-defined=_emscripten_thread_init'];
  return new WebAssembly.Module(readFileSync(link(`linked-${heap}.wasm`, [object, ...kHeaps[heap]()], ...options)));
}

/** worker.c with libmemory.a, for one thread. */
export function linkedProgramForOne() {
  const object = compile('tests/shared/worker.c', '-Wno-pedantic');
  return new WebAssembly.Module(readFileSync(link('linked-one.wasm', [object, join(kDist, 'libmemory.a')], '-z', `stack-size=${kStackBytes}`, '--stack-first')));
}

/** What Emscripten's archives call of its JavaScript here. @param {WebAssembly.Memory} memory */
const emscriptens = (memory) => ({
  /** By a fifth at least, as its JavaScript does. */
  emscripten_resize_heap(bytes) {
    const before = memory.buffer.byteLength;
    const wanted = Math.min(kPages * 65536, Math.max(bytes >>> 0, before * 1.2));
    if (wanted < bytes >>> 0) return 0;
    memory.grow(Math.ceil((wanted - before) / 65536));
    return 1;
  },
  emscripten_memcpy_big: (to, from, count) => void new Uint8Array(memory.buffer).copyWithin(to >>> 0, from >>> 0, (from >>> 0) + (count >>> 0)),
});

/**
 * A thread's instance. What else Emscripten's C library imports is not called.
 * @param {{ module: WebAssembly.Module, memory: WebAssembly.Memory, place?: number }} thread `place`: where its stack is, and behind it what is its own;
 *   nothing for the first thread
 */
export function instantiate({ module, memory, place }) {
  const stubs = Object.fromEntries(WebAssembly.Module.imports(module).map(({ name }) => [name, () => 0]));
  const { exports } = new WebAssembly.Instance(module, { env: { ...stubs, ...emscriptens(memory), memory } });
  const { __stack_pointer: stack, __wasm_init_tls: initTls, __wasm_call_ctors: construct, _emscripten_thread_init: initThread } = exports;
  if (place) {
    stack.value = place + kStackBytes;
    initTls(stack.value);
    initThread?.(stack.value + kOwnBytes / 2, 0, 0, 1);
  } else {
    construct();
    initThread?.(exports.malloc(kOwnBytes), 1, 1, 1);
  }
  return exports;
}

/** Thread-local variables, and what Emscripten keeps of a thread. */
const kOwnBytes = 2048;

/** The first thread of a program, and what another one needs. @param {WebAssembly.Module} module */
export function firstThread(module) {
  const memory = new WebAssembly.Memory({ initial: kFirstPages, maximum: kPages, shared: true });
  const exports = instantiate({ module, memory });
  const next = () => {
    const place = exports.malloc(kStackBytes + kOwnBytes) >>> 0;
    new Uint8Array(memory.buffer, place, kStackBytes + kOwnBytes).fill(0);
    return { module, memory, place };
  };
  return { exports, memory, next };
}
