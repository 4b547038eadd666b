// Whether the accesses of adopted programs are checked, and a program for which they are. In Node the environment variable MEMORY_WASM_CHECK asks for
// it (`memory.wasm watch --check` sets it), in a page the attribute data-check of the watcher's script.

import { adoptInstrumented } from '../adopt/index.js';
import { headerReads, patchedProgram } from '../adopt/recipe.js';
import { createChecker } from '../check/checker.js';
import { CHECK } from '../check/shadow.js';
import { core, debugCore } from '../core.js';
import * as debugging from '../debug/index.js';
import { readHeader } from '../wasm/header.js';
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
  const options = { file: name, allowed: headerReads(bytes, recipe), onError, wasm };
  const checker = createChecker({ ...debugging, MemoryWasmError: debugCore.MemoryWasmError }, patchedProgram(bytes, recipe), options);
  const adopted = adoptInstrumented(checker, heapBytes('debug'), recipe, wasm);
  // It imports its memory always: from the application, or, where it had one of its own, from us.
  const checks = { ...checker.imports[CHECK] };
  const changed = besideOthers(imports, checks);
  const instrumented = { name, header: readHeader(checker.bytes, true) };
  const declared = core.declaredMemory(instrumented);
  const memory = core.memoryFor(instrumented, declared, changed);
  Object.assign(checks, core.memoryImport(declared, memory)[CHECK]);
  checker.begin(memory);
  return { bytes: adopted, imports: changed, follow: checker.follow };
}

/** The application's imports, of which nothing is read that the engine does not ask for, and ours. @param {Imports} imports @param {Record<string, any>} checks */
const besideOthers = (imports, checks) => new Proxy(imports, { get: (of, name) => (name === CHECK ? checks : Reflect.get(of, name)) });
