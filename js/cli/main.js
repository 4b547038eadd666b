#!/usr/bin/env node
// The command memory.wasm.

import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Command, Option } from 'commander';
import { describe } from './describe.js';
import { flags } from './flags.js';
import { heapIn } from './heap.js';
import { heapReport } from './heap-report.js';
import { inspect, inWords } from './inspect.js';
import { link, notes, optimize } from './link.js';
import { verify } from './verify.js';
import { watch } from './watch.js';

/** The heaps that ship beside this file, by the words of load's option `heap`. @type {Record<string, string>} */
const HEAPS = { release: 'memory.wasm', debug: 'memory.debug.wasm' };

const beside = (/** @type {string} */ name) => fileURLToPath(new URL(`./${name}`, import.meta.url));

/** @param {string} path */
async function read(path) {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    throw new Error(`${path} can't be read: ${/** @type {Error} */ (error).message}.`);
  }
}

/** @param {string} path @param {Uint8Array} bytes */
async function write(path, bytes) {
  try {
    await writeFile(path, bytes);
  } catch (error) {
    throw new Error(`${path} can't be written: ${/** @type {Error} */ (error).message}. Is it a file's name in a folder that exists and may be written to?`);
  }
}

/** The heap that is asked for: a word, or a file. @param {{ heap: string }} options */
async function heapFor({ heap }) {
  const path = Object.hasOwn(HEAPS, heap) ? beside(HEAPS[heap]) : heap;
  return heapIn(await read(path), basename(path));
}

/** Names with commas between them, in one option or in several. @param {string} value @param {string[]} before */
const names = (value, before) => [...before, ...value.split(',').map(name => name.trim()).filter(Boolean)];

const command = new Command('memory.wasm').description('A heap for freestanding WebAssembly programs.').showHelpAfterError('(--help tells the options)').enablePositionalOptions();

command
  .command('link')
  .argument('<program>', 'a .wasm file that imports env.malloc and the like')
  .description('merge a program and its heap into one module that needs neither a loader nor a second file')
  .requiredOption('-o, --output <file>', 'where to write the module')
  .option('--heap <heap>', `the heap: ${Object.keys(HEAPS).join(', ')}, or a file`, 'release')
  .option('--export <names>', 'functions of the heap to export too, with commas: malloc,free', names, [])
  .option('--export-heap', 'export all of the heap behind "memory.wasm/"')
  .option('--optimize', 'run Binaryen on the result (npm install binaryen)')
  .action(async (path, options) => {
    const program = await read(path), description = describe(program, basename(path)), heap = await heapFor(options);
    const what = { exports: options.export, exportHeap: options.exportHeap };
    const { bytes, ...report } = link(program, description, heap, what);
    const result = options.optimize ? await optimize(bytes, description.customs.has('name')) : bytes;
    await write(options.output, result);
    console.log(`${options.output}: ${result.length.toLocaleString('en')} bytes; from the heap: ${report.resolved.map(name => name.slice(4)).join(', ') || 'nothing'}`);
    for (const note of notes(path, description, report, what)) console.error(note);
  });

command
  .command('inspect')
  .argument('<file>', 'a .wasm file; a trace (.wmt, .wmt.br) or a snapshot of a heap (.json) from the inspector')
  .description('what a program imports and exports, where its data and stack lie, how it can be linked, and the cure for what is wrong')
  .option('--json', 'as JSON')
  .option('--svg <file>', 'where to write the picture of a trace or snapshot')
  .option('--heap <heap>', 'the heap to compare its imports with', 'release')
  .action(async (path, options) => {
    const bytes = await read(path), heap = heapReport(bytes, basename(path));
    if (heap) {
      console.log(options.json ? JSON.stringify(heap.json, null, 2) : heap.text);
      if (options.svg) await write(options.svg, new TextEncoder().encode(heap.svg));
      return;
    }
    if (options.svg) throw new Error(`${path} is neither a trace nor a snapshot of a heap: only those have a picture. Leave out --svg.`);
    const report = inspect(describe(bytes, basename(path)), await heapFor(options));
    console.log(options.json ? JSON.stringify(report, null, 2) : inWords(report));
  });

command
  .command('flags')
  .description("the flags for clang: clang $(memory.wasm flags) program.c -o program.wasm")
  .option('--static', 'the heap linked in, and nothing to load (default)')
  .addOption(new Option('--dynamic', 'the heap loaded beside the program, by memory.js').conflicts('static'))
  .action(options => console.log(flags(beside('.'), options)));

command
  .command('verify')
  .argument('<source>', 'the folder of a checkout of memory.wasm')
  .description('build the source and compare the result with the memory.wasm that ships beside this command')
  .action(async source => {
    const { same, text } = verify(await read(beside('memory.wasm')), source);
    console.log(text);
    if (!same) process.exitCode = 1;
  });

command
  .command('watch')
  .argument('<application...>', 'a JavaScript file, and its arguments')
  .description('run an application in Node and report at the end which blocks its WebAssembly programs have not freed, by the stack that allocated them')
  .passThroughOptions()
  .action(async application => {
    process.exitCode = await watch(pathToFileURL(beside('memory.watch.js')).href, application);
  });

command.parseAsync().catch(error => {
  console.error(`memory.wasm: ${error.message}`);
  process.exitCode = 1;
});
