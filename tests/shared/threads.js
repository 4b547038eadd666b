// Programs and Workers of the tests of threads.
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { load } from '../../dist/memory.js';
import { compile, link } from '../wasm/toolchain.js';

/** Builds each program once. */
function once(build) {
  const built = new Map();
  return (options) => {
    const key = JSON.stringify(options ?? {});
    if (!built.has(key)) built.set(key, build(options));
    return built.get(key);
  };
}

const kExported = ['__stack_pointer', '__wasm_init_tls', '__tls_size', '__tls_align', '__tls_base', '__heap_base'];

/** The program of worker.c. @returns {Uint8Array} */
export const program = once(({ name = 'threads.wasm', pages = 4096, exported = kExported, source = 'worker.c' } = {}) => {
  const object = compile(`tests/shared/${source}`, '-matomics', '-Wno-pedantic');
  const options = ['--shared-memory', `--max-memory=${pages * 65536}`, '--allow-undefined', '-z', 'stack-size=16384', '--stack-first', ...exported.map((symbol) => `--export=${symbol}`)];
  return readFileSync(link(name, [object], ...options));
});

/** That of model.c. */
export const modelProgram = () => program({ name: 'model.wasm', source: 'model.c', exported: ['__stack_pointer', '__heap_base'] });

/** The program of worker.c for one thread and a memory that is not shared. @returns {Uint8Array} */
export const programForOne = once(() => {
  const object = compile('tests/shared/worker.c', '-Wno-pedantic');
  return readFileSync(link('one-thread.wasm', [object], '--allow-undefined', '-z', 'stack-size=16384', '--stack-first', '--export=__heap_base'));
});

export const loadFirst = (options) => load(program(), { heap: 'shared', ...options });

/** A Worker that joins. `call(name, ...values)` answers with what its function returned. */
export const startWorker = (handle, data = {}) => workerOf('worker.js', { handle, ...data });

/** A Worker of this folder, once it is ready. @param {string} file @param {object} workerData */
export async function workerOf(file, workerData) {
  const worker = new Worker(new URL(file, import.meta.url), { workerData });
  let waiting;
  worker.on('message', ({ result, error }) => (error === undefined ? waiting.resolve(result) : waiting.reject(new Error(error))));
  worker.on('error', (error) => waiting.reject(error));
  const answer = () => new Promise((resolve, reject) => (waiting = { resolve, reject }));
  const call = (name, ...values) => {
    worker.postMessage({ name, values });
    return answer();
  };
  return { worker, number: await answer(), call, end: () => worker.terminate() };
}
