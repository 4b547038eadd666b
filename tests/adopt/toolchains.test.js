// A sample of what `npm run test:adopt:toolchains` and `npm run fuzz:adopt` try: other toolchains than wasi-libc's, and programs made at random.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tried } from './fuzz/fuzz.mjs';
import { kBuilds } from './toolchains/builds.mjs';
import { outcome } from './toolchains/run.mjs';

/** By toolchain, allocator and level: what is done without names. */
const kSample = [
  ['clang 19, wasi-libc', 'dlmalloc', '-Oz -flto', 'replaced'],
  ['Rust 1.63', 'dlmalloc', 'z lto=fat', 'replaced'],
  ['Zig 0.16', "wasm_allocator under C's names", 'ReleaseSmall', 'none'],
  ['AssemblyScript', 'TLSF, runtime minimal', '-O2', 'none'],
];

for (const [toolchain, allocator, level, mode] of kSample) {
  test(`${toolchain}, ${allocator}, ${level}: ${mode}; no wrong role, the same results`, async () => {
    const build = kBuilds.find((one) => one.toolchain === toolchain && one.allocator === allocator && one.level === level);
    const { ways, faults } = await outcome(build);
    assert.deepEqual(faults, []);
    assert.equal(ways[1].mode, mode, ways[1].reasons.join());
  });
}

test('programs made at random: those that are accepted behave as before', () => {
  const all = Array.from({ length: 10 }, (_, i) => tried(i + 1, ['wasi-libc']));
  for (const { seed, faults } of all) assert.deepEqual(faults, [], `seed ${seed}`);
  assert.ok(all.filter(({ mode }) => mode === 'replaced').length >= 8, 'most are accepted');
});
