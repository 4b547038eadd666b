// Link mode 'merge': program and heap become one module while the program arrives, so that engines inline malloc and free into
// the program. The merger itself is a file of its own, loaded when it is used.

import { MemoryWasmError } from '../errors.js';
import { failure } from './later.js';
import { instantiate } from './instantiate.js';
import { linkDirect } from './link-direct.js';
import { headOf, memoryFor, withMemory } from './program-memory.js';

/** @typedef {import('./link-direct.js').Linked} Linked */

/**
 * From this size on, 'auto' does not merge a program whose code must be rewritten: that costs some 7 ms a megabyte (docs/merge.md), which a
 * program that comes from near by would wait for. Where the code is only copied, merging costs less than a millisecond a megabyte.
 */
const kRewriteLimit = 16e6;

/**
 * @param {typeof import('../merge/index.js')} merging
 * @param {import('./link-direct.js').Parts} parts
 * @param {boolean} [orDirect] links directly if merging costs too much, or if the merger doesn't know something that the program has
 * @returns {Promise<Linked>}
 */
export async function linkMerge({ merger, MergeError, PREFIX }, parts, orDirect) {
  const { program, heap, imports } = parts;
  const { name, total = 0 } = program;
  const { head, memory: limits } = await headOf(program, 'merge');
  let module, mismatched, begun = false;
  /** The names of the heap's exports, by those that they get here. @type {Map<string, string>} */
  const ours = new Map();
  try {
    const { push, report } = merger(await heap.bytes(), {
      file: name,
      leave: (module, name) => imports[module]?.[name] !== undefined,
      exportAs: (name) => (ours.set(PREFIX + name, name), PREFIX + name),
    });
    const start = push(head, false); // the head has the imports, which decide what becomes of the code
    if (orDirect && total >= kRewriteLimit && report.code === 'rewritten') return linkDirect(parts);
    ({ mismatched } = report);
    begun = true;
    module = await program.compile(start, push);
  } catch (error) {
    if (!(error instanceof MergeError)) throw error;
    if (!orDirect) throw new MemoryWasmError('MergeError', `${error.message}. Link 'direct' needs to know less of the files: try it.`, error);
    if (begun) await program.bytes(); // what the merger has taken is there again once all is
    return linkDirect(parts);
  }
  if (mismatched.length) throw await failure('ImportMismatchError', [name, mismatched.join(', ')]);
  const imported = limits.import && (await memoryFor(program, imports));
  const initialBytes = imported?.buffer.byteLength ?? limits.initial * 65536;
  const instance = await instantiate(module, imported ? withMemory(program, imports, imported) : imports, name);
  /** @type {WebAssembly.Exports[]} those of the program, and those of the heap under their own names */
  const [exports, heapExports] = [Object.create(null), {}];
  for (const [name, value] of Object.entries(instance.exports)) {
    const own = ours.get(name);
    if (own) heapExports[own] = value;
    else exports[name] = value;
  }
  const memory = /** @type {WebAssembly.Memory} */ (heapExports.memory);
  return { link: 'merge', module, instance, exports: Object.freeze(exports), memory, heapExports, initialBytes, maximum: limits.maximum };
}
