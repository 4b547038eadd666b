// `memory.wasm inspect`: what a program is, in words.

import { printable } from './printable.js';
import { dataRange, findingsOf, modes, stackPointer } from './findings.js';

/** @typedef {import('./describe.js').Description} Program */

/**
 * @typedef {object} Inspection
 * @property {string} file
 * @property {number} bytes
 * @property {{ module: string, name: string, kind: string, type?: string, satisfied: boolean }[]} imports `satisfied`: the heap has that function
 * @property {{ name: string, kind: string }[]} exports
 * @property {import('./describe.js').MemoryLimits[]} memories
 * @property {{ start: number, end: number }} [data] where the data is
 * @property {number} [stack] where the stack begins: it grows down
 * @property {number} [heapBase] __heap_base
 * @property {string[]} modes the link modes that load() can use
 * @property {import('./findings.js').Finding[]} findings what is wrong or could be better, with the cure
 */

/**
 * @param {Program} program
 * @param {import('./heap.js').Heap} heap
 * @returns {Inspection}
 */
export function inspectProgram(program, heap) {
  const { file, bytes, imports, exports, memories } = program,
    findings = findingsOf(program, heap);
  const base = exports.find(({ name }) => name === '__heap_base');
  return {
    file,
    bytes,
    imports: imports.map(({ memory, ...entry }) => ({
      ...entry,
      satisfied: entry.module === 'env' && heap.offered.get(entry.name) === entry.type && entry.kind === 'function',
    })),
    exports: exports.map(({ name, kind }) => ({ name, kind })),
    memories,
    data: dataRange(program),
    stack: stackPointer(program),
    heapBase: base && program.globals.find(({ index }) => index === base.index)?.value,
    modes: modes(program, findings),
    findings,
  };
}

/**
 * A report as text. Names in it are safe to print.
 * @param {Inspection} report
 */
export function inWords({ file, bytes, imports, exports, memories, data, stack, heapBase, modes, findings }) {
  const hex = (/** @type {number} */ address) => `0x${address.toString(16)}`;
  const list = (/** @type {string[]} */ items) => (items.length ? items.map((item) => `    ${printable(item)}\n`).join('') : '    none\n');
  const layout = [
    ...(data ? [`data ${hex(data.start)} - ${hex(data.end)}`] : []),
    ...(stack === undefined ? [] : [`stack down from ${hex(stack)}`]),
    ...(heapBase === undefined ? [] : [`__heap_base ${hex(heapBase)}`]),
  ];
  const name = printable(file);
  return `${name}: ${bytes.toLocaleString('en')} bytes
  memory
${list(memories.map(({ least, most, shared, bits }) => `${least} ${least === 1 ? 'page' : 'pages'}${most === undefined ? '' : `, at most ${most}`}${shared ? ', shared' : ''}, ${bits}-bit addresses`))}  layout
${list(layout)}  imports
${list(imports.map(({ module, name, kind, type, satisfied }) => `${module}.${name} ${type ?? kind}${satisfied ? '  <- memory.wasm' : ''}`))}  exports
${list(exports.map(({ name, kind }) => `${name} ${kind}`))}  link modes
${list(modes)}${findings.length ? `  notes\n${findings.map(({ problem, cure }) => `    ${name} ${printable(problem)}\n      ${printable(cure)}\n`).join('')}` : '  nothing is wrong with it\n'}`;
}
