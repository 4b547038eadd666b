// No wrong accept: programs of every toolchain here, at every level, with the allocator that the toolchain links in. Each is adopted twice: as it is,
// and without names, so that all is found by shape. Then it runs, and checks its own blocks.
//
//     node tests/adopt/toolchains/run.mjs [PART OF A NAME...]
//
// Prints a row a program: what was done, with names and without; the roles that were found by shape, and those of them that the names call wrong;
// whether the results are those of the program as it is; and the heap's own check. Exits with 1 if a role is wrong, a result differs or a heap is
// broken. A toolchain that is not installed is named and left out.

import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { adopt } from '../../../js/adopt/index.js';
import { heap, started, stripped } from '../build.js';
import { kBuilds, made } from './builds.mjs';
import { wrongRoles } from './truth.mjs';

const kSeeds = [1, 2, 3];
const kRounds = 3000;
const require = createRequire(import.meta.url);

/** The exports of a program, by the JavaScript that came with it, if some did. */
async function exportsOf(bytes, glue) {
  if (!glue) return started(bytes);
  const program = await require(glue)({ wasmBinary: bytes });
  return { run: program._run, ...program.asm };
}

/**
 * @param {Uint8Array} bytes
 * @param {string | undefined} glue
 * @param {Uint8Array} [named] the same program, where it was adopted: with its names
 */
async function results(bytes, glue) {
  try {
    const exports = await exportsOf(bytes, glue);
    const sums = kSeeds.map((seed) => exports.run(seed, kRounds) >>> 0);
    return { text: sums.join(), check: exports['memory.wasm/heap_check']?.() ?? 0, sums };
  } catch (error) {
    return { text: String(error).split('\n')[0], check: 0, sums: [] };
  }
}

/**
 * One program: adopted as it is, and without names.
 * @param {import('./builds.mjs').Build} build
 */
export async function outcome(build) {
  const { bytes, glue } = made(build);
  const before = await results(bytes, glue);
  const faults = before.sums.length && before.sums.every(Boolean) ? [] : [`does not run by itself: ${before.text}`];
  const ways = [];
  for (const [way, program] of [['named', bytes], ['nameless', stripped(bytes, Boolean(glue))]]) {
    const adopted = adopt(program, heap(), { file: build.toolchain });
    faults.push(...wrongRoles(bytes, adopted).map((wrong) => `${way}: ${wrong}`));
    const after = await results(adopted.bytes, glue);
    if (after.text !== before.text) faults.push(`${way}, ${adopted.mode}: gives ${after.text}, and ${before.text} as it is`);
    if (after.check) faults.push(`${way}: heap_check says ${after.check}`);
    ways.push(adopted);
  }
  return { build, ways, faults };
}

function row({ build: { toolchain, allocator, level }, ways: [named, nameless], faults }) {
  const roles = nameless.roles.map(({ role }) => role).join(' ');
  const why = nameless.mode === 'replaced' ? '' : nameless.reasons[0];
  return `| ${[toolchain, allocator, level, named.mode, nameless.mode, roles, faults.join('; ') || 'same, whole', why].join(' | ')} |`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wanted = process.argv.slice(2);
  const outcomes = [];
  const absent = new Set();
  console.log('| toolchain | allocator | level | with names | without | roles by shape | results, heap | not replaced |\n|---|---|---|---|---|---|---|---|');
  for (const build of kBuilds) {
    if (!wanted.every((part) => `${build.toolchain} ${build.allocator} ${build.level}`.includes(part))) continue;
    try {
      outcomes.push(await outcome(build));
      console.log(row(outcomes.at(-1)));
    } catch (error) {
      absent.add(`${build.toolchain}, ${build.allocator} ${build.level}: ${error.message}`);
    }
  }
  for (const one of absent) console.log(`left out: ${one}`);
  const faults = outcomes.flatMap((one) => one.faults);
  const count = (mode) => outcomes.filter(({ ways }) => ways[1].mode === mode).length;
  console.log(`${outcomes.length} programs: ${faults.length} faults; without names ${count('replaced')} replaced, ${count('hooked')} hooked, ${count('none')} left alone`);
  if (faults.length) process.exitCode = 1;
}
