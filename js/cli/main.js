#!/usr/bin/env node
// The command memory.wasm: options in, text out. What a subcommand does is a function in a file of its own, which js/cli/index.js exports.

import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError, Option } from 'commander';
import { kVersion } from '../version.js';
import { heapReport } from './heap-report.js';
import { kAdoptHeaps, kHeapWords } from './heap.js';
import { recipeIn, rolesIn } from './adopt.js';
import { adopt, flags, inspect, inWords, link, read, verify, watch } from './index.js';
import { printable, printableLines } from './printable.js';

/** What ships beside this file. @param {string} name */
const beside = (name) => fileURLToPath(new URL(`./${name}`, import.meta.url));

/** @param {string} path @param {Uint8Array} bytes */
async function write(path, bytes) {
  try {
    await writeFile(path, bytes);
  } catch (error) {
    throw new Error(`${path} can't be written: ${/** @type {Error} */ (error).message}. Is it a file's name in a folder that exists and may be written to?`);
  }
}

/** Names, comma-separated, in one option or in several. @param {string} value @param {string[]} before */
const names = (value, before) => [
  ...before,
  ...value
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean),
];

/** @param {string} value */
const heapNamed = (value) => {
  if (value.startsWith('-')) throw new InvalidArgumentError(`It is the next option: the heap is missing. It is one of ${kHeapWords}, or a file.`);
  return value;
};

const command = new Command('memory.wasm')
  .description('A heap for freestanding WebAssembly programs.')
  .version(kVersion)
  .showHelpAfterError('(--help lists the options)')
  .enablePositionalOptions();

command
  .command('link')
  .argument('<program>', 'a .wasm file that imports env.malloc and the like')
  .description('merge a program and its heap into one module that needs neither a loader nor a second file')
  .requiredOption('-o, --output <file>', 'where to write the module')
  .option('--heap <heap>', `the heap: ${kHeapWords}, or a file; default: release, and debug with --check`, heapNamed)
  .option('--check', 'the program checks every access to memory, and traps before a wrong one')
  .option('--export <names>', 'functions of the heap to export too, comma-separated: malloc,free', names, [])
  .option('--export-heap', 'export all of the heap behind "memory.wasm/"')
  .option('--optimize', 'run Binaryen on the result (npm install binaryen)')
  .action(async (path, { output, heap, check, export: exports, exportHeap, optimize }) => {
    const { bytes, resolved, notes } = await link(path, { heap, check, exports, exportHeap, optimize });
    await write(output, bytes);
    console.log(
      printable(`${output}: ${bytes.length.toLocaleString('en')} bytes; from the heap: ${resolved.map((name) => name.slice(4)).join(', ') || 'nothing'}`),
    );
    for (const note of notes) console.error(printable(note));
  });

command
  .command('inspect')
  .argument('<file>', 'a .wasm file; a trace (.wmt, .wmt.br) or a snapshot of a heap (.json) from the inspector')
  .description('what a program imports and exports, where its data and stack are, how it can be linked, and the cure for each problem')
  .option('--json', 'as JSON')
  .option('--svg <file>', 'where to write the picture of a trace or snapshot')
  .option('--heap <heap>', `the heap to compare its imports with: ${kHeapWords}, or a file`, heapNamed, 'release')
  .action(async (path, { json, svg, heap }) => {
    const ofHeap = heapReport(await read(path), basename(path));
    if (svg && !ofHeap) throw new Error(`${path} is neither a trace nor a snapshot of a heap: only those have a picture. Leave out --svg.`);
    if (svg && ofHeap) await write(svg, new TextEncoder().encode(ofHeap.svg));
    const report = ofHeap?.json ?? (await inspect(path, { heap }));
    console.log(printableLines(json ? JSON.stringify(report, null, 2) : (ofHeap?.text ?? inWords(/** @type {any} */ (report)))));
  });

command
  .command('flags')
  .description('the flags for clang: clang $(memory.wasm flags) program.c -o program.wasm')
  .option('--static', 'the heap linked in, and nothing to load (default)')
  .addOption(new Option('--dynamic', 'the heap loaded beside the program, by memory.js').conflicts('static'))
  .option('--heap <heap>', `the heap that the program is for: ${kHeapWords}`, heapNamed, 'release')
  .action(({ dynamic, heap }) => console.log(flags(beside('.'), { dynamic, heap })));

command
  .command('verify')
  .argument('<source>', 'the folder of a checkout of memory.wasm')
  .description('build the source and compare the result with the memory.wasm that ships beside this command')
  .action(async (source) => {
    const { same, text } = verify(await read(beside('memory.wasm')), source);
    console.log(text);
    if (!same) process.exitCode = 1;
  });

command
  .command('adopt')
  .argument('<program>', 'a .wasm file with a malloc inside')
  .description("put the heap in the place of the program's own malloc, if that is found and nothing stands against it; without -o: say what was found")
  .option('-o, --output <file>', 'where to write the module')
  .option('--heap <heap>', `the heap: ${kAdoptHeaps.join(', ')}, or a file`, heapNamed, 'release')
  .option('--recipe <file>', 'what was found: read from this file if it is there, else written to it')
  .option('--export-heap', 'export all of the heap behind "memory.wasm/"')
  .option('--malloc <function>', 'the function that is malloc: func[123], or its name; likewise:')
  .option('--free <function>')
  .option('--calloc <function>')
  .option('--realloc <function>')
  .option('--memalign <function>')
  .action(async (path, { output, heap, recipe: recipePath, exportHeap, ...functions }) => {
    const recipe = recipePath && existsSync(recipePath) ? recipeIn(recipePath, await read(recipePath)) : undefined;
    const adopted = await adopt(path, { heap, recipe, exportHeap, roles: rolesIn(functions) });
    console.log(printableLines(adopted.text));
    if (adopted.mode !== 'replaced') return void (process.exitCode = 1);
    if (recipePath && !recipe) await write(recipePath, new TextEncoder().encode(`${JSON.stringify(adopted.recipe, null, 2)}\n`));
    if (output) await write(output, adopted.bytes);
  });

command
  .command('watch')
  .argument('<application...>', 'a JavaScript file, and its arguments')
  .option('--check', 'check each access to memory, in programs that have a malloc inside')
  .description('run an application in Node and report at the end which blocks its WebAssembly programs have not freed, by the stack that allocated them')
  .passThroughOptions()
  .action(async (application, { check }) => {
    process.exitCode = await watch(new URL('./memory.watch.js', import.meta.url).href, application, { check });
  });

command.parseAsync().catch((error) => {
  console.error(printable(`memory.wasm: ${error.message}`));
  process.exitCode = 1;
});
