// `memory.wasm watch app.mjs`: Node with the watcher preloaded.

import { spawn } from 'node:child_process';

/**
 * Runs an application under the watcher. Returns its exit code.
 * @param {string} watcher the address of memory.watch.js
 * @param {string[]} application the file and its arguments
 * @returns {Promise<number>}
 */
export const watch = (watcher, application) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', watcher, ...application], { stdio: 'inherit' });
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? (signal ? 1 : 0)));
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGUSR2'])) process.on(signal, () => child.kill(signal));
  });
