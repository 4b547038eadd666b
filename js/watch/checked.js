// Whether the accesses of adopted programs are checked, and a program for which they are. In Node the environment variable MEMORY_WASM_CHECK asks for
// it (`memory.wasm watch --check` sets it), in a page the attribute data-check of the watcher's script.

import { adoptInstrumented } from '../adopt/index.js';
import { readModule } from '../adopt/module.js';
import { patchedProgram } from '../adopt/recipe.js';
import { createChecker } from '../check/checker.js';
import { CHECK } from '../check/shadow.js';
import { debugCore } from '../core.js';
import * as debugging from '../debug/index.js';
import { A_MEMORY } from '../wasm/sections.js';
import { heapBytes } from './heap-bytes.js';

const { document, process } = /** @type {any} */ (globalThis);

/** Values of the environment variable that ask for nothing. */
const kOff = [undefined, '', '0', 'false'];

/** Whether checks are asked for. A script knows its own element only while it begins. */
export const wantsChecks = !kOff.includes(process?.env?.MEMORY_WASM_CHECK) || Boolean(document?.currentScript?.hasAttribute('data-check'));

/** @typedef {Record<string, Record<string, any>>} Imports */

/**
 * What is to be instantiated instead of an adopted program. Each instance needs one of its own: they have a shadow each.
 * @param {import('./patch.js').Program & { bytes: Uint8Array }} program
 * @param {import('../adopt/recipe.js').Recipe} recipe
 * @param {{ name: string, onError: (error: any) => void, wasm: typeof WebAssembly }} options
 */
export function checkedProgram({ bytes, imports }, recipe, { name, onError, wasm }) {
  const patched = patchedProgram(bytes, recipe);
  const core = { ...debugging, MemoryWasmError: debugCore.MemoryWasmError };
  const checker = createChecker(core, patched.bytes, { file: name, allowed: patched.headerReads, onError, wasm });
  const adopted = adoptInstrumented(checker, heapBytes('debug'), recipe, wasm);
  checker.rewritten(adopted.originalOf);
  const { memory, isOurs } = memoryFor(checker.bytes, imports, wasm);
  checker.begin(memory);
  const checks = { ...checker.imports[CHECK], ...(isOurs && { memory }) };
  return { bytes: adopted.bytes, imports: besideOthers(imports, checks), follow: checker.follow };
}

/**
 * The memory of an instrumented program, which always imports it: from the application, or, where the program had one of its own, from us.
 * @param {Uint8Array} bytes
 * @param {Imports} imports
 * @param {typeof WebAssembly} wasm
 */
function memoryFor(bytes, imports, wasm) {
  const entry = readModule(bytes, 'the program').imports.find(({ kind }) => kind === A_MEMORY);
  const { module, name, limits } = /** @type {import('../adopt/module.js').Import & { limits: import('../wasm/format.js').Limits }} */ (entry);
  if (module !== CHECK) return { memory: imports[module][name], isOurs: false };
  return { memory: new wasm.Memory({ initial: limits.initial, maximum: limits.maximum }), isOurs: true };
}

/** The application's imports, of which nothing is read that the engine does not ask for, and ours. @param {Imports} imports @param {Record<string, any>} checks */
const besideOthers = (imports, checks) => new Proxy(imports, { get: (of, name) => (name === CHECK ? checks : Reflect.get(of, name)) });
