// The list of goals itself: the runner refuses a name that is not there, and every goal says what it wants.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

test('an unknown name is refused', () => {
  const { status, stderr } = spawnSync(process.execPath, [fileURLToPath(new URL('run.mjs', import.meta.url)), 'nothing'], { encoding: 'utf8' });
  assert.equal(status, 2);
  assert.match(stderr, /no goals 'nothing'/);
});

for (const file of readdirSync(new URL('.', import.meta.url)).filter((name) => name.endsWith('.goals.mjs'))) {
  test(`${file}: each line has a goal, what is wanted, and a way to measure it`, async () => {
    const { default: goals } = await import(`./${file}`);
    assert.ok(goals.length > 0);
    for (const { goal, wanted, measure } of goals) {
      assert.ok(goal && wanted, JSON.stringify({ goal, wanted }));
      assert.equal(typeof measure, 'function', goal);
    }
  });
}
