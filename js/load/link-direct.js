// Link mode 'direct': the memory first, then the heap, then the program with the heap's functions as its imports. Wasm calls
// wasm, and a start function or constructor may allocate. A program that defines its memory is made to import it.

import { failure } from '../errors.js';
import { importMemory } from './import-memory.js';
import { functionsOf } from './instantiate.js';
import { compiledHeap, instantiateHeap } from './link.js';
import { declaredEnd, declaredMemory, memoryFor, memoryImport } from './program-memory.js';

/** @type {import('./link.js').Linker} */
export function* linkDirect(parts) {
  const { program, heap, imports, instantiate, onHeapExports } = parts;
  const { head, declared } = headFor(program);
  const memory = memoryFor(program, declared, imports);
  const [module, code] = yield [program.compile(head), compiledHeap(heap)];
  const end = declaredEnd(declared, memory, false);
  const heapExports = yield* instantiateHeap(code, memory, parts);
  onHeapExports(heapExports, memory, declared.maximum);
  const layers = [memoryImport(declared, memory), imports, { env: functionsOf(heapExports) }];
  const instance = yield instantiate(module, layers, program.name);
  return { link: 'direct', module, instance, exports: instance.exports, end };
}

/** @param {import('./input.js').Input} program */
function headFor(program) {
  const { head, header, name } = program;
  if (!head || !header) throw failure('LinkModeError', [name, 'direct']);
  const declared = declaredMemory(program);
  if (declared.import) return { head, declared };
  if (header.heapMemory) throw failure('LinkModeError later-memory', [name, header.heapMemory]);
  return { head: importMemory(head, header), declared };
}
