// A program that wasm-bindgen made, loaded by memory.js. wasm-bindgen's JavaScript for bundlers stays as it is: its functions are what the program
// imports, and it is handed the exports. Documents of automerge stand for whatever the program does.

import { load } from '../../dist/memory.js';

const kPackage = '../../build/examples/wasm-bindgen/node_modules/@automerge/automerge-wasm/bundler/';
const kKeys = 1000;

/** @param {boolean} adopt whether memory.wasm takes the place of the program's own malloc, or works beside it */
export async function useDocuments(adopt) {
  const glue = await import(`${kPackage}automerge_wasm_bg.js?adopt=${adopt}`); // it keeps one program: a module for each
  const program = new URL(`${kPackage}automerge_wasm_bg.wasm`, import.meta.url);
  const { exports, heap } = await load(program, { imports: { './automerge_wasm_bg.js': glue }, adopt, onWarning() {} });
  glue.__wbg_set_wasm(exports);

  const before = heap.inUse;
  const block = heap.malloc(1000); // a block of the page's, in the program's memory
  heap.u8.fill(7, block, block + 1000);
  const document = glue.create({});
  for (let i = 0; i < kKeys; i++) document.put('/', `key${i}`, i);
  const copy = glue.load(document.save());
  const result = {
    keys: copy.keys('/').length,
    seesTheProgramsBlocks: heap.inUse - before > 2 * kKeys,
    isUntouched: heap.u8.subarray(block, block + 1000).every((byte) => byte === 7),
    isSound: heap.check() === null,
  };
  document.free();
  copy.free();
  heap.free(block);
  return { ...result, leftOver: heap.inUse - before };
}
