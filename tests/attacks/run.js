// node tests/attacks/run.js [--only TEXT]: every named attack on dist/memory.wasm, and what came of it.

import { parseArgs } from 'node:util';
import { kAttacks, kReaders } from './attacks.js';
import { isCorrupt, outcomeOf, World } from './world.js';

/** What came of one attack. */
export function attempt(attack) {
  const world = new World();
  return outcomeOf(() => {
    attack(world);
    world.check();
  });
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } });
  for (const [kind, attacks] of [['attacks', kAttacks], ['attacks by a reader', kReaders]]) {
    const results = Object.entries(attacks).filter(([name]) => name.includes(values.only)).map(([name, attack]) => [name, attempt(attack)]);
    for (const [name, result] of results) console.log(`${isCorrupt(result) ? 'SUCCEEDS' : 'fails   '} ${name}: ${result.what ?? result.outcome}`);
    console.log(`${results.filter(([, result]) => isCorrupt(result)).length} of ${results.length} ${kind} succeed\n`);
  }
}
