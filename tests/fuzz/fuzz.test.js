// The inputs that the fuzzer found worth keeping, on what ships. `tests/fuzz/run --time N` looks for more.

import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { replay } from './replay.js';

const kCorpus = new URL('corpus/', import.meta.url);

for (const name of readdirSync(kCorpus)) test(name, () => replay(readFileSync(new URL(name, kCorpus))));
