// Programs that were linked badly: `memory.wasm inspect` and load() name what is wrong with each, and its cure, in the same words. Where nothing can
// work load() throws; where something goes wrong later it warns.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { inspect } from '../../dist/memory.cli.js';
import { load, loadSync } from '../../dist/memory.js';
import { assemble } from '../merge/assemble.js';
import { compile, kDist } from './llvm.js';

const kC = 'tests/toolchain/programs/badly-linked.c';
const kWell = ['-O1', '-fno-builtin', '-Wl,--no-entry,--allow-undefined,--export=__heap_base'];
const kStackFirst = '-Wl,--stack-first';

/** Each is built once. @type {Map<string, string>} */
const files = new Map();

/** The file of a program. */
function built(source, name, options) {
  if (!files.has(name)) {
    const { bytes, complaint, file } = compile(19, source, `badly-${name}`, [...kWell, ...options]);
    if (!bytes) throw new Error(complaint);
    files.set(name, file);
  }
  return files.get(name);
}

function assembled(name, text) {
  const file = built(kC, name, []);
  writeFileSync(file, assemble(text));
  return file;
}

/**
 * By what is wrong: how to make it, the text of the problem and of the cure, the id that inspect has for it, and the error that load() throws. Without one it warns.
 * @type {Record<string, { file: () => string, id: string, problem: RegExp, cure: RegExp, error?: string }>}
 */
const kBad = {
  'stack too small': {
    file: () => built(kC, 'small-stack', [kStackFirst, '-Wl,-z,stack-size=1024']),
    id: 'small-stack', problem: /stack of 1,024 bytes/, cure: /stack-size=65536/,
  },
  'no export': {
    file: () => built(kC, 'no-export', [kStackFirst, '-DNO_EXPORT']),
    id: 'no-exports', problem: /exports no function/, cure: /--export=name/,
  },
  'no memory': {
    file: () => assembled('no-memory', '(module (import "env" "malloc" (func (param i32) (result i32))) (func (export "run")))'),
    id: 'no-memory', problem: /has no memory/, cure: /\(memory \(export "memory"\) 1\)/, error: 'NoMemoryError',
  },
  'constructors wrapped': {
    file: () => built('tests/toolchain/programs/wrapped.cpp', 'wrapped', [kStackFirst, '-fno-exceptions']),
    id: 'wrapped-exports', problem: /constructors anew in every call/, cure: /--export=__wasm_call_ctors/,
  },
  'maximum without growth': {
    file: () => built(kC, 'maximum', [kStackFirst, '-Wl,--initial-memory=131072,--max-memory=131072']),
    id: 'memory-cannot-grow', problem: /can't grow beyond its first 2 pages/, cure: /larger --max-memory/,
  },
  'own allocator': {
    file: () => built(kC, 'own', [kStackFirst, '-DOWN_MALLOC', '-Wl,--export=malloc']),
    id: 'own-malloc', problem: /a heap of its own \(malloc\)/, cure: /Leave malloc undefined/,
  },
  'shared': {
    file: () => built(kC, 'shared', [kStackFirst, '-matomics', '-mbulk-memory', '-Wl,--shared-memory,--max-memory=1048576']),
    id: 'shared-memory', problem: /shared/, cure: /another heap|heap: 'shared'|unshared/, error: 'MemoryKindError',
  },
  '64-bit': {
    file: () => built(kC, 'memory64', [kStackFirst, '--target=wasm64', '-Wl,-mwasm64', '-O0']),
    id: 'memory64', problem: /64-bit/, cure: /--target=wasm32|heap: 'memory64'|32-bit/, error: 'MemoryKindError',
  },
  '-O0 with the stack last': {
    file: () => built(kC, 'stack-last', ['-O0']),
    id: 'stack-into-data', problem: /stack above its data/, cure: /--stack-first/,
  },
  'malloc of another type': {
    file: () => built(kC, 'type', [kStackFirst, '-DOTHER_MALLOC', '-w']),
    id: 'wrong-type', problem: /malloc.*i64/, cure: /#include <stdlib\.h>|malloc\(size_t\)/, error: 'ImportMismatchError',
  },
};

for (const [name, { file, id, problem, cure, error }] of Object.entries(kBad)) {
  test(`inspect names it: ${name}`, async () => {
    const { findings } = await inspect(file());
    const found = findings.find((finding) => finding.id === id);
    assert.ok(found, `found: ${findings.map((finding) => finding.id)}`);
    assert.match(found.problem, problem);
    assert.match(found.cure, cure);
  });

  for (const link of error ? ['auto'] : ['merge', 'direct', 'table', 'trampoline']) {
    test(`load ${error ? 'throws' : 'warns'}: ${name}, link '${link}'`, async () => {
      const warnings = [];
      const attempt = load(readFileSync(file()), { link, onWarning: (warning) => warnings.push(warning) });
      if (error) return assert.rejects(attempt, (thrown) => thrown.name === error && problem.test(thrown.message) && cure.test(thrown.message));
      await attempt;
      assert.deepEqual(warnings.map((warning) => warning.id), [id]);
      assert.match(warnings[0].problem, problem);
      assert.match(warnings[0].cure, cure);
    });
  }
}

test('a heap of its own that is not exported is found by its name', async () => {
  const text = '(module (memory (export "memory") 1) (func $dlmalloc (param i32) (result i32) (i32.const 16)) (func (export "run") (drop (call $dlmalloc (i32.const 1)))))';
  const warnings = [];
  await load(assemble(text, '--debug-names'), { onWarning: ({ problem }) => warnings.push(problem) });
  assert.match(warnings.join(), /a heap of its own \(dlmalloc\)/);
});

test('AssemblyScript with its own runtime, which exports it and has no names', async () => {
  const warnings = [];
  const bytes = assemble('(module (memory (export "memory") 1) (func (export "__new") (param i32 i32) (result i32) (i32.const 16)))');
  await load(bytes, { onWarning: ({ problem }) => warnings.push(problem) });
  assert.match(warnings.join(), /a heap of its own \(__new\)/);
  assert.equal((await inspect(bytes)).findings[0].id, 'own-malloc');
});

test('a program that is linked well gets no warning', async () => {
  const file = built(kC, 'well', [kStackFirst]);
  const { exports } = await load(readFileSync(file), { onWarning: ({ problem }) => assert.fail(problem) });
  assert.ok(exports.square(3) > 0);
  assert.deepEqual((await inspect(file)).findings, []);
});

test('a program that is only a memory gets no warning: the README begins with one', async () => {
  await load(assemble('(module (memory (export "memory") 1))'), { onWarning: ({ problem }) => assert.fail(problem) });
});

test('without onWarning the console says it, with the name of the file', async (t) => {
  const said = t.mock.method(console, 'warn', () => {});
  await load(new URL(`file://${kBad['stack too small'].file()}`));
  assert.equal(said.mock.callCount(), 1);
  assert.match(said.mock.calls[0].arguments[0], /^memory\.wasm: file:.*badly-small-stack-19\.wasm has a stack of 1,024 bytes: .* Link with -z stack-size=65536/);
});

test('loadSync warns, too', async () => {
  const warning = await new Promise((resolve) => loadSync(readFileSync(kBad['-O0 with the stack last'].file()), { heap: readFileSync(`${kDist}/memory.wasm`), onWarning: resolve }));
  assert.equal(warning.id, 'stack-into-data');
});
