// UTF-8 in a host that has neither TextDecoder nor TextEncoder, as an AudioWorklet: the same as with them.

import assert from 'node:assert/strict';
import { test } from 'node:test';

/** The module anew, in a host without those two. */
async function without() {
  const { TextDecoder, TextEncoder } = globalThis;
  const { decode, encode } = await import('../../js/wasm/text.js?without');
  const within = (run) => (value) => {
    Object.assign(globalThis, { TextDecoder: undefined, TextEncoder: undefined });
    try {
      return run(value);
    } finally {
      Object.assign(globalThis, { TextDecoder, TextEncoder });
    }
  };
  return { decode: within(decode), encode: within(encode) };
}

test('texts of every length in UTF-8, lone surrogates, and what is no UTF-8', async () => {
  const { decode, encode } = await without();
  for (const text of ['', 'plain % text', 'Grüße', '漢字', '👋🏽', 'a\0b', '\ufeffwith a mark', '%41']) {
    assert.deepEqual(encode(text), new TextEncoder().encode(text), text);
    assert.equal(decode(new TextEncoder().encode(text)), text);
  }
  if (''.toWellFormed) assert.deepEqual(encode('\ud800'), new TextEncoder().encode('\ud800'));
  assert.equal(decode(Uint8Array.of(0xff, 0x41)), '\ufffd', 'of what is no UTF-8 nothing is read');
});
