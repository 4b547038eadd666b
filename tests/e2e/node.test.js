// The scenarios in Node. MEMORY_JS names the file to test, relative to the repository: default js/index.js.

import { after, test } from 'node:test';
import { contextOver, makeContext } from './context.js';
import { overOtherHeaps } from './heaps.js';
import { scenarios } from './scenarios/index.js';
import { startServer } from './server.js';

const file = process.env.MEMORY_JS ?? 'js/index.js';
const api = await import(new URL(`../../${file}`, import.meta.url).href);
const server = await startServer();
after(server.stop);

/** Whether this engine knows modules with two memories. The debug heap merged with a program is one. */
const hasTwoMemories = WebAssembly.validate(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 5, 5, 2, 0, 0, 0, 0));

for (const [name, run] of scenarios) {
  test(`${file}: ${name}`, { timeout: 20000 }, () => run(makeContext(api, server.address, process.env.MEMORY_WASM)));
  // 'auto' merges only what imports functions of the heap: everything but linking must be the same when all programs are merged.
  if (name.startsWith('load: ') || (name.startsWith('debug: ') && !hasTwoMemories)) continue;
  test(`${file}: ${name}, merged`, { timeout: 20000 }, () => run(makeContext(api, server.address, process.env.MEMORY_WASM, 'merge')));
}

for (const [name, heap, run] of overOtherHeaps(scenarios)) test(`${file}: ${name}`, { timeout: 20000 }, () => run(contextOver(api, server.address, heap)));
