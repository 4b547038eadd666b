// Every clause of C23, C++23 and POSIX on allocation functions, in programs that get memory.wasm in each link mode, and that have
// libmemory.a linked in. docs/conformance.md lists the clauses.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kLinkedOnly, linked, linkModes, loaded } from './programs.js';
import { table, writtenTable } from './table.js';

const ways = [...(await linkModes()).map((mode) => [`memory.wasm, ${mode}`, (name) => loaded(name, mode)]), ['libmemory.a', linked]];
const programs = [];
for (const [way, open] of ways) for (const name of ['c', 'cpp']) programs.push({ way, name, ...(await open(name)) });
for (const name of kLinkedOnly) programs.push({ way: 'libmemory.a', name, ...(await linked(name)) });

for (const { way, name, exports, clauses } of programs) {
  test(`${way}: the clauses of ${name}`, () => assert.ok(clauses.length > 2));
  for (const { where, says, run } of clauses) test(`${way}: ${where}: ${says}`, () => assert.equal(run(), undefined));

  if (name !== 'cpp') continue;
  for (let form = 0; form < 6; form++)
    test(`${way}: C++23 [new.delete.single]/3: a throwing form that fails (form ${form}) traps, for there are no exceptions`, () =>
      assert.throws(() => exports.throws(form), WebAssembly.RuntimeError));
}

test('docs/conformance.md lists these clauses (node tests/conformance/table.js --write)', async () => assert.equal(writtenTable(), await table()));
