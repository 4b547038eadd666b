// The server of the e2e tests: files of the repository on loopback, and beside them the ways in which servers go wrong.
// /<fault>/<path> serves <path> with that fault.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import sirv from 'sirv';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const kWasm = { 'content-type': 'application/wasm' };

/** @type {Record<string, (response: import('node:http').ServerResponse, bytes: Buffer) => void>} */
const faults = {
  'wrong-mime': (response, bytes) => response.writeHead(200, { 'content-type': 'text/plain' }).end(bytes),
  page: (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('\n<!doctype html><title>Not found</title>'),
  empty: (response) => response.writeHead(200, kWasm).end(),
  denied: (response) => response.writeHead(403, kWasm).end(),
  truncated: (response, bytes) => response.writeHead(200, kWasm).end(bytes.subarray(0, bytes.length - 40)),
  'truncated-early': (response, bytes) => response.writeHead(200, kWasm).end(bytes.subarray(0, 20)),
  'broken-off': (response, bytes) => {
    response.writeHead(200, { ...kWasm, 'content-length': bytes.length });
    response.write(bytes.subarray(0, bytes.length - 40), () => setTimeout(() => response.destroy(), 20));
  },
  stalled: (response, bytes) => {
    response.writeHead(200, { ...kWasm, 'content-length': bytes.length });
    response.write(bytes.subarray(0, bytes.length / 2));
  },
  compressed: (response, bytes) => {
    const packed = gzipSync(bytes);
    response.writeHead(200, { ...kWasm, 'content-encoding': 'gzip', 'content-length': packed.length }).end(packed);
  },
  // Pieces that arrive one by one, each smaller than a section's header.
  trickle: async (response, bytes) => {
    response.writeHead(200, kWasm);
    for (let at = 0; at < bytes.length; at += 3) {
      response.write(bytes.subarray(at, at + 3));
      if (at < 400) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    response.end();
  },
};

/** What a page needs to be allowed to use memory.wasm, and nothing more; the nonce is for the scripts inside the pages. And shared memory. */
export const kStrictPolicy = {
  'content-security-policy': "default-src 'self'; script-src 'self' 'wasm-unsafe-eval' 'nonce-test'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

/** Serves `root`. Returns the address, with a slash at the end, and a function that stops the server. */
export async function startServer({ root = repository, headers = {} } = {}) {
  const files = sirv(root, { dev: true, dotfiles: true });
  // A connection that the server closes between two requests, after the 5 seconds of Node's default, would fail the second one on a busy machine.
  const server = createServer({ keepAliveTimeout: 0 }, async (request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const [, fault, path] = /^\/([^/]+)\/([^?]*)/.exec(request.url ?? '') ?? [];
    if (!Object.hasOwn(faults, fault ?? '')) return files(request, response, () => response.writeHead(404).end());
    faults[fault](response, await readFile(root + path));
  });
  // A test that computes for seconds would find its connection closed by the server when it fetches again.
  server.keepAliveTimeout = 120_000;
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  return {
    address: `http://127.0.0.1:${server.address().port}/`,
    stop: () => (server.closeAllConnections(), server.close()),
  };
}
