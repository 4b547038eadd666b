// The secure heap's column of the table of misuse in docs/SECURITY.md.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { documented, measured } from '../../attacks/misuse.js';

const kFile = 'memory.secure.wasm';
const cell = documented(readFileSync(new URL('../../../docs/SECURITY.md', import.meta.url), 'utf8'));

for (const [row, effect] of measured([kFile])) test(row, () => assert.equal(cell(row, kFile), effect));
