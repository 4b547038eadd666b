// `node bench/js/browser.mjs chromium`: toolkit.mjs in a browser.

import { browsers } from '../../tests/e2e/browsers.js';
import { startServer } from '../../tests/e2e/server.js';

const server = await startServer();
console.log(await browsers[process.argv[2] ?? 'chromium'](`${server.address}bench/js/page.html`, 'globalThis.results'));
server.stop();
