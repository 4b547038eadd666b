// `memory.wasm watch app.mjs`: Node with the watcher preloaded.

import { spawn } from 'node:child_process';

/**
 * Runs an application under the watcher. Returns its exit code.
 * @param {string} watcher the address of memory.watch.js
 * @param {string[]} application the file and its arguments
 * @param {{ check?: boolean }} [options] `check`: each access to memory is checked, of programs whose malloc is adopted
 * @returns {Promise<number>}
 */
export const watch = (watcher, application, { check } = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', watcher, ...application], {
      stdio: 'inherit',
      env: { ...process.env, ...(check && { MEMORY_WASM_CHECK: '1' }) },
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? (signal ? 1 : 0)));
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGUSR2'])) process.on(signal, () => child.kill(signal));
  });
