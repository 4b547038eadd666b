// Makes memory.debug.wasm of its two parts (src/wasm/debug/zones.h):
//
//   inner  the release heap and the zones, over env.memory
//   outer  records and quarantine, over a memory of its own; imports functions and the table of the inner
//
// One module with two memories is what ships. Engines with one memory only take the parts apart again: they are in the custom section
// memory.wasm/parts, the length of the inner (4 bytes) first.
//
// Both are given twice: as the compiler made them, for merging, and as they go into that section.
//
//     node tools/debug-heap.mjs outer.wasm inner.wasm outer.small.wasm inner.small.wasm memory.debug.wasm
import { readFileSync, writeFileSync } from 'node:fs';
import { merge } from '../js/merge/index.js';
import { concatenated } from '../js/wasm/bytes.js';
import { Cursor } from '../js/wasm/cursor.js';
import { body, each, IMPORTED } from '../js/wasm/format.js';
import { leb } from '../js/wasm/leb128.js';
import { MEMORY, TYPE } from '../js/wasm/opcodes.js';
import { A_FUNCTION, A_MEMORY, CODE, CUSTOM, DATA_SEGMENTS, ELEMENTS, EXPORTS, IMPORTS } from '../js/wasm/sections.js';

const [outerFile, innerFile, ...others] = process.argv.slice(2);
const output = others.pop();
const [outer, inner, outerPart, innerPart] = [outerFile, innerFile, ...others].map((file) => new Uint8Array(readFileSync(file)));

const named = (text) => [...leb(text.length), ...new TextEncoder().encode(text)];
const section = (id, ...pieces) => {
  const contents = concatenated(pieces);
  return concatenated([[id], leb(contents.length), contents]);
};

/** The program's memory becomes memory 0 of the outer, its own memory 1; its table is the inner's, which a merge puts in the same place. */
function withProgramMemory(bytes) {
  const cursor = new Cursor(bytes, 'the outer module', 0, []);
  cursor.maps[MEMORY] = (index) => index + 1;
  cursor.maps[TYPE] = (index) => index; // without it the walk passes over immediates such as memory.grow's
  const pieces = [bytes.subarray(0, 8)];
  cursor.at = 8;
  while (cursor.at < bytes.length) {
    const start = cursor.at,
      id = cursor.byte(),
      size = cursor.number(),
      end = cursor.at + size;
    if (id === IMPORTS) pieces.push(imports(cursor));
    else if (id === EXPORTS) pieces.push(exports(cursor));
    else if (id === CODE) pieces.push(code(cursor));
    else if (id === ELEMENTS || id === DATA_SEGMENTS)
      throw new Error(`${outerFile} has section ${id}: a function's address is taken, or a variable isn't 0 at the start`);
    else pieces.push(bytes.subarray(start, end));
    cursor.at = end;
  }
  return concatenated(pieces);
}

function imports(cursor) {
  const functions = [];
  each(cursor, () => {
    const start = cursor.at;
    (cursor.text(), cursor.text());
    const kind = cursor.byte();
    IMPORTED[kind](cursor);
    if (kind === A_FUNCTION) functions.push(cursor.bytes.slice(start, cursor.at));
  });
  const memory = [...named('env'), ...named('memory'), A_MEMORY, 0, 0];
  return section(IMPORTS, leb(functions.length + 1), memory, ...functions);
}

function exports(cursor) {
  const list = [];
  each(cursor, () => {
    const start = cursor.at;
    cursor.text();
    const kind = cursor.byte(),
      at = cursor.at,
      index = cursor.number();
    list.push(cursor.bytes.slice(start, at), leb(kind === A_MEMORY ? index + 1 : index));
  });
  return section(EXPORTS, leb(list.length / 2), ...list);
}

function code(cursor) {
  const count = cursor.number(),
    bodies = [];
  for (let i = 0; i < count; i++) {
    const end = cursor.number() + cursor.at,
      start = cursor.at;
    body(cursor, end);
    const rewritten = cursor.rewritten(start, end);
    bodies.push(leb(rewritten.length), rewritten);
    cursor.at = end;
  }
  return section(CODE, leb(count), ...bodies);
}

const offered = new Set(WebAssembly.Module.exports(new WebAssembly.Module(outer)).map(({ name }) => name));
const exportAs = (name) => (name === 'memory' || name.startsWith('zone_') || offered.has(name) ? undefined : name);
const { bytes, resolved } = merge(withProgramMemory(outer), inner, { file: outerFile, exportAs });
const length = new Uint8Array(Uint32Array.of(innerPart.length).buffer);
writeFileSync(output, concatenated([bytes, section(CUSTOM, named('memory.wasm/parts'), length, innerPart, outerPart)]));
console.log(`${output}: ${resolved.length} functions of the inner module in the outer`);
