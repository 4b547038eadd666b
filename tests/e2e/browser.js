// `npm run test:browser -- chromium [shared]`: the scenarios in a browser, with the summary of Node's test runner; those over one heap, if a heap is named.

import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { browsers } from './browsers.js';
import { buildPrograms } from './build-programs.js';
import { kStrictPolicy, startServer } from './server.js';

const [, , name = 'chromium', heap] = process.argv;
if (!Object.hasOwn(browsers, name)) throw new Error(`say which browser: ${Object.keys(browsers).join(', ')}; found ${name}`);

buildPrograms();
const server = await startServer({ headers: kStrictPolicy });
after(server.stop);

const results = await browsers[name](`${server.address}tests/e2e/page.html?api=/dist/memory.js${heap ? `&only=${heap}: ` : ''}`, 'globalThis.results');
test(`${name} ran the scenarios`, () => assert.ok(results.length > 0));
test(`${name} obeys the policy that the server sends`, async () => {
  const forbidding = await startServer({ headers: { 'content-security-policy': "script-src 'self' 'nonce-test'" } });
  const [first] = await browsers[name](`${forbidding.address}tests/e2e/page.html?api=/dist/memory.js&count=1`, 'globalThis.results').finally(forbidding.stop);
  assert.match(first.error, /(InvalidModuleError|CompileError): .*'wasm-unsafe-eval'/);
});
for (const result of results) test(`${name}: ${result.name}`, () => assert.equal(result.error, null));
