// `memory.wasm inspect`: what a program is, in words.

import { dataRange, findingsOf, modes, stackPointer } from './findings.js';

/** @typedef {import('./describe.js').Description} Program */

/**
 * @param {Program} program
 * @param {import('./heap.js').Heap} heap
 */
export function inspect(program, heap) {
  const { file, bytes, imports, exports, memories } = program, findings = findingsOf(program, heap);
  const base = exports.find(({ name }) => name === '__heap_base');
  return {
    file,
    bytes,
    imports: imports.map(({ memory, ...entry }) => ({ ...entry, satisfied: entry.module === 'env' && heap.offered.get(entry.name) === entry.type && entry.kind === 'function' })),
    exports: exports.map(({ name, kind }) => ({ name, kind })),
    memories,
    data: dataRange(program),
    stack: stackPointer(program),
    heapBase: base && program.globals.find(({ index }) => index === base.index)?.value,
    modes: modes(program, findings),
    findings,
  };
}

/** @param {ReturnType<typeof inspect>} report */
export function inWords({ file, bytes, imports, exports, memories, data, stack, heapBase, modes, findings }) {
  const hex = (/** @type {number} */ address) => `0x${address.toString(16)}`;
  const list = (/** @type {string[]} */ items) => items.length ? items.map(item => `    ${item}\n`).join('') : '    none\n';
  const lies = [
    ...(data ? [`data ${hex(data.start)} - ${hex(data.end)}`] : []), ...(stack === undefined ? [] : [`stack down from ${hex(stack)}`]),
    ...(heapBase === undefined ? [] : [`__heap_base ${hex(heapBase)}`]),
  ];
  return `${file}: ${bytes.toLocaleString('en')} bytes
  memory
${list(memories.map(({ least, most, shared, bits }) => `${least} ${least === 1 ? 'page' : 'pages'}${most === undefined ? '' : `, at most ${most}`}${shared ? ', shared' : ''}, ${bits}-bit addresses`))}  lies
${list(lies)}  imports
${list(imports.map(({ module, name, kind, type, satisfied }) => `${module}.${name} ${type ?? kind}${satisfied ? '  <- memory.wasm' : ''}`))}  exports
${list(exports.map(({ name, kind }) => `${name} ${kind}`))}  link modes
${list(modes)}${findings.length ? `  to know\n${findings.map(({ problem, cure }) => `    ${file} ${problem}\n      ${cure}\n`).join('')}` : '  nothing is wrong with it\n'}`;
}
