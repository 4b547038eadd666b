// Real programs over each allocator: one run on a fresh instance, as programs run.
import { PAGE } from '../instance.js';
import { guarded, rotated } from '../rounds.js';

/** @import { Host } from '../rounds.js' */

/** @typedef {{ milliseconds: number[], pages: number, answer: number }} ProgramResult */

/**
 * @param {{ name: string, module: WebAssembly.Module }[]} candidates @param {string} program @param {number} rounds @param {Host} host
 * @returns {Promise<Record<string, ProgramResult>>}
 */
export async function measureProgram(candidates, program, rounds, host) {
  /** @type {Record<string, ProgramResult>} */
  const results = {};
  const run = (/** @type {WebAssembly.Module} */ module) => {
    const exports = /** @type {any} */ (new WebAssembly.Instance(module, wasi(module)).exports);
    exports._initialize();
    const start = host.clock();
    const answer = exports.run();
    const milliseconds = (host.clock() - start) / 1000;
    return { milliseconds, answer, pages: (exports.memory.buffer.byteLength - exports.__heap_base.value) / PAGE };
  };
  await guarded(candidates, results, async ({ name, module }) => {
    for (let warm = 0; warm < 2; warm++) run(module);
    const { answer, pages } = run(module);
    const other = Object.entries(results).find(([, result]) => 'answer' in result && result.answer !== answer);
    if (other) throw new Error(`answered ${answer}, with ${other[0]} ${other[1].answer}`);
    results[name] = { milliseconds: [], answer, pages };
    await host.collect();
  });
  for (let round = 0; round < rounds; round++) {
    await guarded(rotated(candidates, round), results, async ({ name, module }) => {
      const { milliseconds, answer } = run(module);
      if (answer !== results[name].answer) throw new Error(`answered ${answer}, before ${results[name].answer}`);
      results[name].milliseconds.push(milliseconds);
      await host.collect();
    });
    host.progress(`${program} ${round + 1}/${rounds}`);
  }
  return results;
}

const EBADF = 8;

/** The programs use no files: every call of WASI is told that there is none. @param {WebAssembly.Module} module */
function wasi(module) {
  /** @type {Record<string, Record<string, () => number>>} */
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) (imports[from] ??= {})[name] = () => EBADF;
  return imports;
}
