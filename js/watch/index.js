// memory.watch.js: watches every program with a malloc that the application loads from now on, and reports what is in use at the end, on
// demand, and on SIGUSR2. The application is not changed:
//
//     node --import memory.wasm/watch app.mjs        or        npx memory.wasm watch app.mjs
//     <script src="memory.watch.js"></script>        before the application's own scripts
//
// Programs that memory.js loads get the debug heap (js/load asks for `hook` below); of programs that import malloc the calls are counted; a malloc
// that is inside a program is adopted (adopted.js).

import { adoptedPrograms } from './adopted.js';
import { wantsChecks } from './checked.js';
import { importedAllocators, patch } from './patch.js';

/** @typedef {import('./patch.js').Watched} Watched */
/** @typedef {import('./patch.js').Source} Source */

/** Where memory.js looks for a watcher. */
const kHook = Symbol.for('memory.wasm/watch');

/** The engine's own functions, before they are patched. */
const engine = /** @type {typeof WebAssembly} */ (
  Object.fromEntries(Object.getOwnPropertyNames(WebAssembly).map((name) => [name, Reflect.get(WebAssembly, name)]))
);

/** @type {Watched[]} */
const watched = [];
/** @type {Source[]} */
const sources = [importedAllocators, adoptedPrograms(engine)];
const add = (/** @type {Watched} */ one) => void watched.push(one);

/** What is in use now, program by program. */
const leaks = () => watched.map((one, i) => ({ name: one.name ?? `heap ${i + 1}`, about: one.about, report: one.leaks() }));

/** The same as text. */
const text = () =>
  watched.length
    ? leaks()
        .map(({ name, about, report }) => `memory.wasm watch: ${about ? `${about}\n  ` : `${name}: `}${report}`)
        .join('\n')
    : 'memory.wasm watch: no program with a malloc was loaded.';

const watch = {
  /** Everything that is watched. */
  watched,
  leaks,
  text,
  /** Whatever else can be watched adds itself here. */
  sources,
  /** For memory.js (js/load/watcher.js): it takes the debug heap where nobody chose one, and gives it here. */
  heap: (/** @type {import('../debug/debug-heap.js').DebugHeap} */ heap, /** @type {string | undefined} */ name) => {
    if (wantsChecks) console.error(`memory.wasm watch: --check does not reach ${name ?? 'a program'}, which memory.js loads: give load the option check: true`);
    add({ name, leaks: () => heap.leaks() });
  },
  instantiate: WebAssembly.instantiate,
};
if (!Object.hasOwn(globalThis, kHook)) {
  Object.assign(globalThis, { [kHook]: watch, memoryWasmWatch: watch });
  patch(sources, add);
  const host = /** @type {any} */ (globalThis).process;
  if (host?.versions?.node) {
    host.on('exit', () => host.stderr.write(`${text()}\n`));
    // Not on Windows, which has no such signal.
    if (host.platform !== 'win32') host.on('SIGUSR2', () => host.stderr.write(`${text()}\n`));
  } else globalThis.addEventListener?.('pagehide', () => console.info(text()));
}
