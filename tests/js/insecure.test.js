// A page that is not served by https has no crypto.subtle: integrity can't be checked, so nothing is loaded.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { load } from '../../js/index.js';
import { kOut } from '../e2e/build-programs.js';

test('integrity without crypto.subtle', async () => {
  Object.defineProperty(globalThis, 'crypto', { value: {}, configurable: true });
  const memory = new URL('../../dist/memory.wasm', import.meta.url);
  await assert.rejects(load(pathToFileURL(join(kOut, 'record.wasm')), { heap: memory, integrity: 'sha256-AAAA' }), {
    name: 'IntegrityError',
    message: 'integrity can be checked only in a secure context: serve the page by https or from localhost',
  });
});
