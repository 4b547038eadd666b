// A merge of a program that arrives in pieces comes to the same bytes as one of the whole.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { merge, mergeStream } from '../../js/merge/index.js';
import { behaviour, heap, programs } from './programs.js';

/** @param {Uint8Array} program @param {number} size of the pieces */
async function streamed(program, size) {
  const stream = mergeStream(heap), writer = stream.writable.getWriter();
  const written = (async () => {
    for (let at = 0; at < program.length; at += size) await writer.write(program.slice(at, at + size));
    await writer.close();
  })();
  const [bytes] = await Promise.all([new Response(stream.readable).arrayBuffer(), written]);
  return { bytes: new Uint8Array(bytes), report: stream.report };
}

for (const [name, program] of Object.entries(programs)) {
  test(`${name}: pieces of any size`, async () => {
    const { bytes, ...report } = merge(program, heap);
    for (const size of [1, 2, 3, 5, 7, 11, 16, 50, 64, 100, program.length - 1, program.length]) {
      const pieces = await streamed(program, size);
      assert.deepEqual(pieces, { bytes, report }, `pieces of ${size} bytes`);
    }
  });
}

test('copied and rewritten programs do the same', () => {
  const [copied, rewritten] = ['copied', 'rewritten'].map(name => merge(programs[name], heap));
  assert.equal(copied.code, 'copied');
  assert.equal(rewritten.code, 'rewritten');
  assert.deepEqual(behaviour(copied.bytes), behaviour(rewritten.bytes));
  assert.deepEqual(behaviour(copied.bytes).slice(0, 6), [5050, 0x6c, 3, 3, 9, 65552]);
});

test('what has arrived is passed on before the rest is there', async () => {
  const program = programs.copied, stream = mergeStream(heap), writer = stream.writable.getWriter(), reader = stream.readable.getReader();
  let arrived = 0;
  const reading = (async () => {
    for (let piece; !(piece = await reader.read()).done;) arrived += piece.value.length;
  })();
  for (let at = 0; at < program.length; at += 20) {
    await writer.write(program.slice(at, at + 20));
    if (at > program.length - 200) assert.ok(arrived > program.length / 2, `${arrived} bytes at ${at}`);
  }
  await writer.close();
  await reading;
});

test('compiles while it streams', async () => {
  const stream = new Response(programs.rewritten).body.pipeThrough(mergeStream(heap));
  const module = await WebAssembly.compileStreaming(new Response(stream, { headers: { 'content-type': 'application/wasm' } }));
  assert.ok(WebAssembly.Module.exports(module).some(({ name }) => name === 'memory.wasm/malloc'));
});

test('an error of the file is an error of the stream', async () => {
  const stream = new Response(programs.rewritten.slice(0, 300)).body.pipeThrough(mergeStream(heap));
  await assert.rejects(new Response(stream).arrayBuffer(), error => error.name === 'MergeError');
});
