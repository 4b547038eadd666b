// An application that uses memory.js, and leaks.
import { load } from '../../../dist/memory.js';

const { exports } = await load(new URL('../../../build/e2e/misuse-O0.wasm', import.meta.url));
exports.leak(3);
exports.clean();
if (process.argv[2] === 'wait') {
  console.log('ready');
  setTimeout(() => {}, 20_000);
}
