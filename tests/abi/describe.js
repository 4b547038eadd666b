// node tests/abi/describe.js [file] > tests/abi/golden.txt: what a host sees of memory.wasm, one line each, as wabt's wasm-objdump tells it.

import { fileURLToPath } from 'node:url';
import { run } from '../wasm/toolchain.js';

/** The sections' contents as `wasm-objdump -x` prints them: { Type: [line, ...], Import: [...], ... } */
export function sections(file) {
  const found = {};
  let lines = [];
  for (const line of run('wasm-objdump', '-x', file).split('\n')) {
    const [, name] = /^(\w[\w ]*?)(?:\[\d+\])?:$/.exec(line) ?? [];
    if (name) lines = found[name] ??= [];
    else if (line.startsWith(' - ')) lines.push(line.slice(3));
  }
  return found;
}

/** The signature of each function by its index, imported ones first. */
function signatures({ Type, Function }) {
  const types = Type.map((line) => /^type\[\d+\] (.*)$/.exec(line)[1]);
  return Object.fromEntries(
    Function.map((line) => {
      const [, index, type] = /^func\[(\d+)\] sig=(\d+)/.exec(line);
      return [index, types[type]];
    }),
  );
}

/** What a host sees: imports, exports with their types, and the sections that there are. */
export function describe(file) {
  const found = sections(file);
  const types = signatures(found);
  const imports = found.Import.map((line) => `import ${line.replace(/^(\w+)\[\d+\]/, '$1')}`);
  const exports = found.Export.map((line) => {
    const [, kind, index, name] = /^(\w+)\[(\d+)\].* -> "(.*)"$/.exec(line);
    return `export ${kind} ${name}${kind === 'func' ? ` ${types[index]}` : ''}`;
  });
  const tables = found.Table.map((line) => line.replace(/^table\[\d+\]/, 'table'));
  return [`sections ${Object.keys(found).filter((name) => found[name].length).join(' ')}`, ...imports, ...tables, ...exports.sort()];
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  console.log(describe(process.argv[2] ?? fileURLToPath(new URL('../../dist/memory.wasm', import.meta.url))).join('\n'));
