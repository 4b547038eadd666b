// The jobs in Chromium: bundled as an application would be, with each package's wasm files beside the bundle, where its glue looks for them.

import { copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromiumForMany } from '../../e2e/browsers.js';
import { startServer } from '../../e2e/server.js';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Packages whose entry for bundlers wants a bundler that knows wasm files: what they have for plain pages. */
const alias = {
  'brotli-wasm': './node_modules/brotli-wasm/index.web.js',
  '@bokuweb/zstd-wasm': './node_modules/@bokuweb/zstd-wasm/dist/web/index.web.js',
};

/** @param {string} folder where the packages are */
async function bundled(folder) {
  const outdir = join(folder, 'page');
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir);
  // Glue asks for Node's modules only where it runs in Node.
  const options = { bundle: true, format: 'esm', outdir, logLevel: 'error', loader: { '.wasm': 'empty' }, external: ['fs', 'path', 'crypto', 'url', 'module', 'util', 'worker_threads', 'child_process', 'node:*'] };
  const { metafile } = await build({ ...options, entryPoints: [join(folder, 'jobs.mjs')], absWorkingDir: folder, splitting: true, metafile: true, alias });
  await build({ ...options, entryPoints: [here('adopting.mjs')] });
  copyFileSync(here('page.html'), join(outdir, 'page.html'));
  // QuickJS has four builds of the same name; the one that is used, release-sync, is the last in this order.
  for (const from of [...new Set(Object.keys(metafile.inputs).map(dirname))].sort())
    for (const name of readdirSync(join(folder, from))) if (name.endsWith('.wasm')) copyFileSync(join(folder, from, name), join(outdir, name));
}

/**
 * A function that does a job in Chromium so many times as it is and adopted, in turn: pairs of results.
 * @param {string} folder in build/ of this repository
 */
export async function chromium(folder) {
  await bundled(folder);
  const [server, browser] = await Promise.all([startServer(), chromiumForMany()]);
  const path = folder.slice(here('../../..').length).replace(/^\//, '');
  return {
    rounds: (name, tries) => browser.read(`${server.address}${path}/page/page.html?${name}&${tries}`, 'globalThis.results'),
    async stop() {
      await browser.close();
      server.stop();
    },
  };
}
