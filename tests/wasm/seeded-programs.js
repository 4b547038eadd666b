// The programs of tests/seeded, for the worlds of seeded-world.js.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { forThreads } from '../../js/load/one-thread.js';
import { readHeader } from '../../js/wasm/header.js';
import { compile, kDist, link } from './toolchain.js';

const heapIn = (file) => new WebAssembly.Module(readFileSync(join(kDist, file)));

const kOptions = ['--import-memory', '--stack-first', '--export=__stack_pointer', '--export=__heap_base'];

/** Builds the program in each way. The memory is imported, so that its maximum can differ from history to history. */
export function buildPrograms({ wide = false } = {}) {
  const options = kOptions;
  if (wide) return buildWidePrograms(options);
  const objects = ['operations.cpp', 'program.cpp'].map((file) => compile(`tests/seeded/${file}`));
  const direct = moduleOf(link('seeded-direct.wasm', objects, '--allow-undefined', ...options));
  const linked = (library) => moduleOf(link(`seeded-${library}.wasm`, [...objects, join(kDist, library)], ...options));
  return {
    direct: { ...direct, heapModule: heapIn('memory.wasm') },
    small: { ...direct, heapModule: heapIn('memory.small.wasm') },
    shared: { ...sharedBy(direct.path), heapModule: heapIn('memory.shared.wasm') },
    static: linked('libmemory.a'),
    'small static': linked('libmemory-small.a'),
  };
}

/** The same for 64-bit memories, which not every engine knows. @param {string[]} options */
function buildWidePrograms(options) {
  const program = (path) => ({ path, module: new WebAssembly.Module(readFileSync(path)), pages: kWidePages, wide: true });
  const { direct, linked } = linkWide(options);
  return {
    memory64: { ...program(direct), heapModule: heapIn('memory64.wasm') },
    'memory64 static': program(linked),
  };
}

/** @param {string[]} options */
function linkWide(options) {
  const objects = ['operations.cpp', 'program.cpp'].map((file) => compile(`tests/seeded/${file}`, '--target=wasm64'));
  const to = (name, ...more) => link(name, [...objects, ...more], '-mwasm64', ...options);
  return { direct: to('seeded64-direct.wasm', '--allow-undefined'), linked: to('seeded64-static.wasm', join(kDist, 'libmemory64.a')) };
}

/** More than the programs have. */
const kWidePages = 200;

/**
 * What a page needs of each heap's program: the files, and what the world is made by. It compiles them itself: this Node may not know what they need.
 * @returns {Record<string, { program: string, heap: string, pages: number, wide?: boolean, shared?: boolean }>}
 */
export function programsForPage() {
  const { direct, shared } = buildPrograms();
  const { path: program, pages } = direct;
  return {
    memory: { program, pages, heap: 'memory.wasm' },
    small: { program, pages, heap: 'memory.small.wasm' },
    secure: { program, pages, heap: 'memory.secure.wasm' },
    shared: { program: shared.path, pages, heap: 'memory.shared.wasm', shared: true },
    memory64: { program: linkWide(kOptions).direct, pages: kWidePages, heap: 'memory64.wasm', wide: true },
  };
}

const moduleOf = (path) => ({ path, module: new WebAssembly.Module(readFileSync(path)), pages: pagesNeededBy(path) });

/** The program with a shared memory. The histories have one thread. */
function sharedBy(path) {
  const bytes = new Uint8Array(readFileSync(path));
  const to = path.replace(/\.wasm$/, '-shared.wasm');
  writeFileSync(to, forThreads(bytes, readHeader(bytes, true)).first);
  return { path: to, module: new WebAssembly.Module(readFileSync(to)), pages: pagesNeededBy(path), shared: true };
}

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

