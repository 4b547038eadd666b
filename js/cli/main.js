#!/usr/bin/env node
// The command memory.wasm.

import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { describe } from './describe.js';
import { inspect, inWords } from './inspect.js';
import { link, optimize } from './link.js';

/** The heaps that ship, beside this file. */
const beside = (/** @type {string} */ name) => fileURLToPath(new URL(`./${name}`, import.meta.url));

/** @param {string} path @param {string} [hint] */
async function read(path, hint = '') {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    throw new Error(`${path} can't be read: ${/** @type {Error} */ (error).message}.${hint}`);
  }
}

/** @param {import('./describe.js').Description} program @param {{ heap?: string, debug?: boolean }} options */
function heapFor({ memories: [memory] }, { heap, debug }) {
  if (heap) return heap;
  return beside(debug ? 'memory.debug.wasm' : memory?.bits === 64 ? 'memory64.wasm' : memory?.shared ? 'memory.shared.wasm' : 'memory.wasm');
}

const command = new Command('memory.wasm').description('A heap for freestanding WebAssembly programs.');

command
  .command('link')
  .argument('<program>', 'a .wasm file that imports env.malloc and the like')
  .description('merge a program and its heap into one module that needs neither a loader nor a second file')
  .requiredOption('-o, --output <file>', 'where to write the module')
  .option('--heap <file>', 'the heap (default: the one of this package for the program\'s memory)')
  .option('--debug', 'merge the debug heap')
  .option('--export <names>', 'functions of the heap to export too, with commas: malloc,free')
  .option('--export-heap', 'export all of the heap behind "memory.wasm/"')
  .option('--optimize', 'run Binaryen on the result (npm install binaryen)')
  .action(async (path, options) => {
    const program = await read(path), file = basename(path), description = describe(program, file);
    const heapPath = heapFor(description, options);
    const heap = await read(heapPath, options.heap ? '' : ' Is it part of this build? Name another with --heap.');
    const exports = options.export?.split(',') ?? [];
    const { bytes, resolved, mismatched, dropped } = link(program, heap, { file, heapFile: basename(heapPath), exports, exportHeap: options.exportHeap });
    const result = options.optimize ? await optimize(bytes, description.customs.has('name')) : bytes;
    await writeFile(options.output, result);
    console.log(`${options.output}: ${result.length.toLocaleString('en')} bytes; from the heap: ${resolved.map(name => name.slice(4)).join(', ') || 'nothing'}`);
    if (mismatched.length) console.error(`still imported, because its type is not the heap's: ${mismatched.join(', ')}`);
    if (dropped.length) console.error(`left out, because the offsets it tells are no longer true: ${dropped.join(', ')}. Link with 'direct' while debugging.`);
  });

command
  .command('inspect')
  .argument('<program>', 'a .wasm file')
  .description('what a program imports and exports, where its data and stack lie, how it can be linked, and the cure for what is wrong')
  .option('--json', 'as JSON')
  .option('--heap <file>', 'the heap to compare its imports with')
  .action(async (path, options) => {
    const program = describe(await read(path), basename(path)), heapPath = heapFor({ ...program, memories: [] }, options);
    const heap = describe(await read(heapPath), basename(heapPath));
    const offered = new Map(heap.exports.filter(({ kind }) => kind === 'function').map(({ name, index }) => [name, heap.functions[index]]));
    const report = inspect(program, offered);
    console.log(options.json ? JSON.stringify(report, null, 2) : inWords(report));
  });

command.parseAsync().catch(error => {
  console.error(`memory.wasm: ${error.message}`);
  process.exitCode = 1;
});
