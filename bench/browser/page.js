// Measures in a browser: page.html?plan=<url of a plan whose paths are urls>. Leaves the results in globalThis.results.
// There is no CPU time here: the wall clock, with the resolution that a cross-origin isolated page has.
import { measureAll } from '../lib/measure/all.js';

const bytes = async (/** @type {string} */ url) => {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.arrayBuffer();
};
const json = async (/** @type {string} */ url) => JSON.parse(new TextDecoder().decode(await bytes(url)));

const host = {
  engine: navigator.userAgent,
  clock: () => performance.now() * 1000,
  wall: () => performance.now(),
  warm: 500,
  browser: true,
  collect: () => new Promise((resolve) => setTimeout(() => resolve(undefined), 20)),
  progress: (/** @type {string} */ text) => void (/** @type {HTMLElement} */ (document.getElementById('progress')).textContent = text),
};

try {
  const plan = await json(/** @type {string} */ (new URLSearchParams(location.search).get('plan')));
  Object.assign(globalThis, { results: await measureAll(plan, host, {
    load: async (url) => WebAssembly.compile(await bytes(url)),
    trace: async ({ path }) => ({ ...await json(`${path}.json`), operations: new Uint32Array(await bytes(`${path}.operations`)) }),
  }) });
} catch (error) {
  Object.assign(globalThis, { results: { failed: String(error) } });
}
