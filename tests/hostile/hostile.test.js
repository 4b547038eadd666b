// Time and memory are bounded by a multiple of a program's size, whatever it is made of (measure.js has the figures); what lies is refused at once;
// code that is tried comes to an end; and nobody reaches through a tool what is the heap's, or what all code of a page shares.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adopt } from '../../js/adopt/index.js';
import { load } from '../../js/index.js';
import { merge } from '../../js/merge/index.js';
import { changedPrototypes } from '../fuzz/prototypes.js';
import { assemble } from '../merge/assemble.js';
import { candidates, endless, growing, inherited, lying, malformed, reaching } from './programs.js';
import { heap, loaded, tools } from './tools.js';

/** A program ten times as large may take so many times as long: linear would be ten, and a busy machine is not even. */
const kTenTimes = 40;
/** What a tool may take at least before a ratio says anything, in milliseconds. */
const kLeast = 30;
/** Bytes of a merged module over those of program and heap. */
const kGrowth = 2;

const cpuTime = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** Milliseconds of CPU time that a tool takes for a program, which it may refuse. */
function timeOf(tool, bytes) {
  const start = cpuTime();
  let result, refusal;
  try {
    result = tools[tool](bytes);
  } catch (error) {
    refusal = error;
  }
  return { time: cpuTime() - start, result, refusal };
}

const kWords = /offset 0x[\da-f]+: |is not valid: /;

for (const tool of Object.keys(tools)) {
  for (const [name, make] of Object.entries({ ...growing, 'functions called malloc': candidates })) {
    test(`${tool}, ${name}: ten times as large takes about ten times as long`, () => {
      const [small, large] = [make(2000), make(20000)];
      const before = timeOf(tool, small).time;
      const { time, result, refusal } = timeOf(tool, large);
      if (refusal) assert.match(refusal.message, kWords);
      assert.ok(time < Math.max(before, kLeast) * kTenTimes, `${before} ms, then ${time} ms`);
      if (tool === 'merge') assert.ok(result < kGrowth * (large.length + heap.length), `${result} bytes of ${large.length}`);
    });
  }
  for (const [name, bytes] of Object.entries(lying)) {
    test(`${tool}, ${name}: read or refused at once, with little memory`, () => {
      const before = process.memoryUsage().arrayBuffers;
      const { time, refusal } = timeOf(tool, bytes);
      if (refusal) assert.match(refusal.message, kWords);
      assert.ok(time < 2000, `${time} ms`);
      assert.ok(process.memoryUsage().arrayBuffers - before < 10 * bytes.length + 1e6);
    });
  }
}

for (const [name, bytes] of Object.entries(malformed)) {
  test(`${name}: an error that was meant, or a report`, async () => {
    for (const tool of Object.keys(tools)) {
      const { refusal } = timeOf(tool, bytes);
      if (refusal) assert.match(refusal.message, kWords);
    }
    for (const link of ['auto', 'merge', 'direct', 'table', 'trampoline']) await assert.rejects(load(bytes, { heap, link }), { name: /^(InvalidModule|Merge)Error$/ });
  });
}

test('a program that is malformed is not said to be cut short while it arrives', async () => {
  const bytes = malformed['a type that there is not'];
  const body = new ReadableStream({
    start(to) {
      to.enqueue(bytes.slice(0, 30));
      to.enqueue(bytes.slice(30));
      to.close();
    },
  });
  await assert.rejects(load(new Response(body, { headers: { 'content-type': 'application/wasm' } }), { heap }), { message: /unknown type/ });
});

test('more data segments than an engine takes arguments', () => {
  const bytes = growing['data segments'](130_000);
  for (const tool of ['inspect', 'check', 'adopt']) assert.equal(timeOf(tool, bytes).refusal, undefined);
});

for (const [name, bytes] of Object.entries(inherited)) {
  test(`${name}: nothing that a program names reaches a prototype`, async () => {
    for (const tool of Object.keys(tools)) {
      timeOf(tool, bytes);
      assert.deepEqual(changedPrototypes(), [], tool);
    }
    for (const link of ['merge', 'direct', 'table', 'trampoline']) {
      await assert.rejects(load(bytes, { heap, link }), { name: 'MissingImportError' });
      assert.deepEqual(changedPrototypes(), [], link);
    }
    const { heap: running } = await loaded(growing.exports(1));
    await assert.rejects(running.attach(bytes), { name: 'MissingImportError' });
    assert.deepEqual(changedPrototypes(), [], 'attach');
  });
}

for (const [name, bytes] of Object.entries(endless)) {
  test(`adopt, a malloc with ${name}: it is given up`, () => {
    assert.ok(WebAssembly.validate(bytes));
    const before = cpuTime();
    const { mode, reasons } = adopt(bytes, heap);
    assert.equal(mode, 'none');
    assert.match(reasons.join(), /no candidate behaves as malloc/);
    assert.ok(cpuTime() - before < 8000, `${cpuTime() - before} ms`);
  });
}

for (const [name, bytes] of Object.entries(reaching)) {
  test(`${name} is out of bounds for a program`, () => {
    assert.equal(WebAssembly.validate(bytes), false);
    assert.throws(() => merge(bytes, heap), { name: 'MergeError', message: /index \d+ of \d+/ });
  });
}

test('what every object inherits is no import', async () => {
  for (const [module, name] of [['env', 'valueOf'], ['env', 'toString'], ['constructor', 'getPrototypeOf'], ['__proto__', 'toString']]) {
    const program = assemble(`(module (import "${module}" "${name}" (func)) (memory (export "memory") 1))`);
    for (const link of ['merge', 'direct', 'table', 'trampoline']) {
      await assert.rejects(load(program, { heap, link, imports: { env: {} } }), { name: 'MissingImportError' }, `${module}.${name}, ${link}`);
    }
  }
});

test('an import called like a property of objects may be given', async () => {
  const program = assemble('(module (import "env" "valueOf" (func $f (result i32))) (memory (export "memory") 1) (func (export "run") (result i32) (call $f)))');
  const { exports } = await load(program, { heap, imports: { env: { valueOf: () => 7 } } });
  assert.equal(exports.run(), 7);
});

test('a heap\'s function that is imported often is there once', () => {
  const { bytes, code } = merge(growing['imports of the same function'](1000), heap);
  assert.ok(WebAssembly.validate(bytes));
  assert.equal(code, 'rewritten');
  assert.ok(bytes.length < 2 * heap.length);
});
