// Serves the repository to browsers, and below /slow/ as a line of 10 Mbit/s does, all requests sharing it. Scripts and memory.wasm
// travel compressed, as they do from servers; the program does not, so that 1 MB is 1 MB.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';

const root = fileURLToPath(new URL('../../', import.meta.url));
const kBytesPerTick = 12500, kTick = 10; // 10 Mbit/s
const kTypes = { js: 'text/javascript', wasm: 'application/wasm', html: 'text/html' };
/** @type {Map<string, { body: Buffer, encoding?: string }>} */
const files = new Map();

/** @param {string} path */
async function fileAt(path) {
  if (!files.has(path)) {
    const contents = await readFile(root + path), small = !path.endsWith('.big.wasm');
    files.set(path, small ? { body: brotliCompressSync(contents), encoding: 'br' } : { body: contents });
  }
  return files.get(path);
}

/** @type {(() => number)[]} what sends the next bytes of each answer under way, and tells how many it has sent */
const lines = [];
setInterval(() => {
  for (let left = kBytesPerTick; left > 0 && lines.length;) {
    const line = lines.shift(), sent = line(Math.min(left, 1460));
    left -= sent;
    if (sent) lines.push(line);
  }
}, kTick).unref();

/** @returns {Promise<{ address: string, stop: () => void }>} */
export async function start() {
  const server = createServer(async (request, response) => {
    const [, slow, path] = /^\/(slow\/)?([^?]*)/.exec(request.url ?? '') ?? [];
    const file = await fileAt(path).catch(() => undefined);
    if (!file) return response.writeHead(404).end();
    response.writeHead(200, {
      'content-type': kTypes[path.split('.').at(-1)] ?? 'text/plain', 'content-length': file.body.length, 'cache-control': 'no-store',
      'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp', ...(file.encoding && { 'content-encoding': file.encoding }),
    });
    if (!slow) return response.end(file.body);
    let at = 0;
    lines.push(most => {
      const piece = file.body.subarray(at, at += most);
      if (at < file.body.length) response.write(piece);
      else response.end(piece);
      return at < file.body.length ? piece.length : 0;
    });
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  return { address: `http://127.0.0.1:${server.address().port}/`, stop: () => (server.closeAllConnections(), server.close()) };
}
