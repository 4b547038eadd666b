// The declarations that ship, held to types.ts by tsc --strict.

import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

test('dist/memory.d.ts promises what types.ts expects', () => {
  const tsc = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));
  execFileSync(process.execPath, [tsc, '-p', fileURLToPath(new URL('.', import.meta.url))], { stdio: ['ignore', 'inherit', 'inherit'] });
});
