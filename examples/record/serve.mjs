// Serves the demo's folder on this machine alone. Plain Node, so that the demo needs no package; for anything more take a real server.
//
//     node serve.mjs FOLDER [PORT]

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

const kTypes = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm', '.svg': 'image/svg+xml' };

/**
 * Starts the server at http://localhost:`port`/, or at any free port if that one is taken. `port` 0 is any free port.
 * @param {string} folder
 * @param {number} port
 */
export async function serve(folder, port) {
  const server = createServer((request, response) => {
    answer(folder, request.url ?? '/', response).catch(() => response.writeHead(500).end());
  });
  await listen(server, port).catch((error) => (error.code === 'EADDRINUSE' ? listen(server, 0) : Promise.reject(error)));
  return { address: `http://127.0.0.1:${server.address().port}/`, stop: () => (server.closeAllConnections(), server.close()) };
}

const listen = (server, port) =>
  new Promise((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', () => done(server.off('error', fail))));

async function answer(folder, path, response) {
  // The URL parser resolves plain .. and the check below what was encoded.
  const { pathname } = new URL(path, 'http://localhost');
  const file = join(folder, decodeURIComponent(pathname.endsWith('/') ? `${pathname}index.html` : pathname));
  const content = file.startsWith(folder + sep) && (await readFile(file).catch(() => null));
  if (!content) return response.writeHead(404, { 'content-type': 'text/plain' }).end(`There is no ${pathname} here.\n`);
  response.writeHead(200, { 'content-type': kTypes[extname(file)] ?? 'application/octet-stream', 'cache-control': 'no-cache' }).end(content);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { address } = await serve(resolve(process.argv[2]), Number(process.argv[3] ?? 8042));
  console.log(`The page: ${address}   (stop with Ctrl-C)`);
}
