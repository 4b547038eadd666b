// The demo in the terminal: creates records, reads each back from memory at its address, and prints the heap before and after some are deleted.

import { readFile } from 'node:fs/promises';
import { load } from './memory.js';
import { byAddress, layOut } from './heap-rows.js';
import { addressText, bytesInWords, bytesText, floatText, readRecord } from './record.js';

const kBytesPerCharacter = 16;
const kCharacters = { used: '#', free: '.', overhead: '=', top: '·' };

const file = (name) => readFile(new URL(name, import.meta.url));
const { exports, heap, link } = await load(file('program.wasm'), { heap: file('memory.wasm') });

console.log(`program.wasm reaches the malloc of memory.wasm by link '${link}'.\n`);

const pointers = [1, 2, 3, 4, 5, 6, 7, 8].map((id) => create(id, id * 1.1, id * 2.2));
printHeap();

for (const pointer of pointers.filter((_, index) => index % 2 === 0)) remove(pointer);
printHeap();

const broken = heap.check();
if (broken) throw new Error(`The heap is damaged: ${broken.message}`);

function create(id, x, y) {
  const pointer = exports.createRecord(id, x, y) >>> 0;
  if (!pointer) throw new Error('createRecord returned NULL: no memory is left.');
  const record = readRecord(heap, pointer);
  console.log(
    `createRecord(${id}, ${floatText(Math.fround(x))}, ${floatText(Math.fround(y))})`.padEnd(28) +
      `${addressText(pointer)}  ${bytesText(heap, pointer, 12)}  id ${record.id}, x ${floatText(record.x)}, y ${floatText(record.y)}`,
  );
  return pointer;
}

function remove(pointer) {
  exports.deleteRecord(pointer);
  console.log(`deleteRecord(${addressText(pointer)})`);
}

function printHeap() {
  const { rows, shownBytes, allBytes } = layOut(byAddress(heap.spans()), { maxRows: 4, minBytesPerRow: 64 * kBytesPerCharacter });
  console.log(`\nThe heap: ${bytesInWords(heap.inUse)} in use, footprint ${bytesInWords(heap.footprint)}`);
  for (const row of rows) console.log(`  ${addressText(row.start)}  ${row.segments.map(characters).join('')}`);
  console.log(`  ${kCharacters.used} in use  ${kCharacters.free} free  ${kCharacters.overhead} overhead  ${kCharacters.top} top, free; a character is ${kBytesPerCharacter} bytes`);
  if (shownBytes < allBytes) console.log(`  ... and ${bytesInWords(allBytes - shownBytes)} more of top`);
  console.log();
}

function characters({ span, from, to }) {
  return kCharacters[span.kind].repeat(Math.round((to - from) / kBytesPerCharacter));
}
