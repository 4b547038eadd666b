// Attacks a program with a heap whose metadata is in the program's memory, and with one whose metadata is not. The attacker knows the heap's code, and
// sends a name that is too long: behind the block it writes over whatever is there.
import { load } from '../../dist/memory.js';

const program = new URL('../../build/examples/secure.wasm', import.meta.url);

for (const word of ['release', 'secure']) {
  const { exports, heap } = await load(program, { heap: word });
  const [name, neighbour] = [exports.newName(), exports.newAccount()];
  exports.newAccount();
  const long = heap.allocBytes(new Uint8Array(4000).fill(0x41));
  exports.setName(name, long, 4000);
  const broken = heap.check();
  let freed = 'its neighbour was freed';
  try {
    exports.drop(neighbour);
  } catch {
    freed = 'the free of its neighbour trapped';
  }
  console.log(`${word}: ${freed}; the heap is ${broken ? `damaged (${broken.name})` : 'whole'}`);
}
