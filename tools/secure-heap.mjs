// Makes memory.secure.wasm: sends all that the heap reads and writes to a second memory, its own, at the same addresses.
//
//     before   memory 0: blocks and metadata
//     after    memory 0: blocks. Only the functions of src/payload.h, those of string.h and the guards of static variables work on it
//              memory 1: metadata. The module defines and exports it: `heap_secure_memory`, for snapshots
//
//     node tools/secure-heap.mjs heap.wasm memory.secure.wasm        heap.wasm has the names of its functions
import { readFileSync, writeFileSync } from 'node:fs';
import { concatenated } from '../js/wasm/bytes.js';
import { Cursor } from '../js/wasm/cursor.js';
import { body, each } from '../js/wasm/format.js';
import { leb } from '../js/wasm/leb128.js';
import { MEMORY, TYPE } from '../js/wasm/opcodes.js';
import { A_MEMORY, CODE, CUSTOM, DATA_SEGMENTS, EXPORTS, FUNCTIONS, GLOBALS, MEMORIES } from '../js/wasm/sections.js';

const [input, output] = process.argv.slice(2);
const bytes = new Uint8Array(readFileSync(input));

const kExported = 'heap_secure_memory';
const kPrivate = 1;

/** Functions that work on the program's memory, by their names in C and C++; and those that name a memory themselves. */
const kOnBlocks = /^(memory_wasm::payload_|mem(cpy|move|set|cmp|chr|rchr)$|bcmp$|st[rp]\w+$|__cxa_guard_)/;
const kOnPages = /^memory_wasm::(private_)?memory_(size|grow)\(/;

const named = (text) => [...leb(text.length), ...new TextEncoder().encode(text)];
const section = (id, ...pieces) => {
  const contents = concatenated(pieces);
  return concatenated([[id], leb(contents.length), contents]);
};

/** The sections with their contents. */
const sections = [];
for (const cursor = Object.assign(new Cursor(bytes, input), { at: 8 }); cursor.at < bytes.length;)
  sections.push({ id: cursor.byte(), contents: cursor.block() });
const find = (id) => sections.find((section) => section.id === id)?.contents;

/** The names of functions. The heap imports none, so a body's number is its function's. */
function functionNames() {
  for (const { id, contents } of sections) {
    const cursor = new Cursor(contents, input);
    if (id !== CUSTOM || cursor.text() !== 'name') continue;
    while (cursor.at < contents.length) {
      const part = cursor.byte(),
        names = new Cursor(cursor.block(), input),
        found = [];
      if (part !== 1) continue;
      each(names, () => (found[names.number()] = names.text()));
      return found;
    }
  }
  throw new Error(`${input} has no names of functions: link it without --strip-all`);
}

function code(contents) {
  const names = functionNames(),
    cursor = new Cursor(contents, input),
    bodies = [];
  cursor.maps[TYPE] = (index) => index; // without a map the walk passes over immediates such as memory.grow's
  const count = cursor.number();
  for (let i = 0; i < count; i++) {
    const end = cursor.number() + cursor.at,
      start = cursor.at;
    if (!names[i]) throw new Error(`${input}: function ${i} has no name`);
    cursor.maps[MEMORY] = kOnBlocks.test(names[i]) || kOnPages.test(names[i]) ? undefined : () => kPrivate;
    body(cursor, end);
    const rewritten = cursor.rewritten(start, end);
    bodies.push(leb(rewritten.length), rewritten);
    cursor.at = end;
  }
  return section(CODE, leb(count), ...bodies);
}

function exports(contents) {
  const cursor = new Cursor(contents, input),
    count = cursor.number();
  return section(EXPORTS, leb(count + 1), contents.subarray(cursor.at), named(kExported), [A_MEMORY, kPrivate]);
}

if (find(DATA_SEGMENTS) || find(MEMORIES)) throw new Error(`${input} is no heap: it has data or a memory`);
const pieces = [bytes.subarray(0, 8)];
for (const { id, contents } of sections) {
  if (id === GLOBALS) pieces.push(section(MEMORIES, leb(1), [0, 0])); // the first section behind the memories
  if (id === CODE) pieces.push(code(contents));
  else if (id === EXPORTS) pieces.push(exports(contents));
  else if (id !== CUSTOM) pieces.push(section(id, contents));
}
if (!find(GLOBALS) || !find(FUNCTIONS)) throw new Error(`${input} is no heap`);
writeFileSync(output, concatenated(pieces));
