// Checked memory in every host, by functions in the program or, where the engine allows one memory only, beside it: each mistake of
// tests/check/programs/ under its name, at its line; what is right gives no report.

import { assert } from '../assert.js';
import { thrown } from '../toolkit.js';
import { kLanguages, kMistakes } from '../../check/mistakes.js';

const load = (t, program, check) => t.api.load(t.url(`checked${program}`), { heap: t.heap.replace('memory.wasm', 'memory.debug.wasm'), debug: {}, check });

/** A module with a function `trap`. */
const kTrap = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 8, 1, 4, 116, 114, 97, 112, 0, 0, 10, 5, 1, 3, 0, 0, 11);
/** Whether this engine says at which byte of a module a frame is. WebKit doesn't. Not asked before a scenario runs: a page may forbid compilation. */
const hasOffsets = () => /:0x/.test(thrown(new WebAssembly.Instance(new WebAssembly.Module(kTrap)).exports.trap).stack);

export default [
  ...['-O0', '-O2'].flatMap((level) => [
    [
      `checked memory, ${level}: every mistake`,
      async (t) => {
        for (const [name, args, error, expected] of kMistakes) {
          const { exports, check, heap } = await load(t, level, { uninitialized: name === 'never_written' });
          const found = thrown(() => exports[name](...args));
          assert.equal(found.name, error, `${name}: ${found.message}`);
          assert.instanceOf(found, t.api.MemoryWasmError);
          const { operation, size, distance, block, stack } = found.finding;
          assert.deepEqual({ operation, size, ...(block && { distance, byteLength: block.byteLength }) }, expected, name);
          assert.equal(stack[0].name, name);
          assert.match(stack[0].source, /misuse\.c:\d+/);
          assert.equal(check.findings[0], found);
          assert.equal(heap.findings.at(-1), found);
        }
      },
    ],
    [
      `checked memory, ${level}: nothing wrong`,
      async (t) => {
        const { exports, check, heap } = await load(t, level, { uninitialized: true });
        const plain = await t.load(`checked${level}`);
        assert.equal(exports.clean(), plain.exports.clean());
        assert.deepEqual([...check.findings, ...heap.findings], []);
        assert.ok(check.checked > 0 && check.checked < check.accesses, 'some accesses are checked');
      },
    ],
  ]),
  ...Object.entries(kLanguages).map(([language, { clean, mistakes }]) => [
    `checked memory, misuse.${language}: every mistake, at the access or by the debug heap, with its line; nothing wrong`,
    async (t) => {
      for (const [name, error, expected] of mistakes) {
        const { exports, heap } = await load(t, `-${language}`, true);
        const found = thrown(() => exports[name]());
        assert.equal(found.name, error, `${name}: ${found.message}`);
        for (const [key, value] of Object.entries(expected)) assert.equal(found.finding[key], value, found.message);
        assert.equal(heap.findings.at(-1), found);
        const { stack, size } = found.finding,
          frame = stack.find((frame) => frame.name.endsWith(name));
        assert.ok(frame, found.message);
        // Where frames have no offsets only the access itself, whose place is known, has a line.
        if (hasOffsets() || (size && frame === stack[0])) assert.match(frame.source, new RegExp(`misuse\\.${language}:\\d+`), found.message);
      }
      const { exports, check, heap } = await load(t, `-${language}`, true);
      const plain = await t.load(`checked-${language}`);
      assert.equal(exports[clean](), plain.exports[clean]());
      assert.deepEqual([...check.findings, ...heap.findings], []);
    },
  ]),
  [
    'checked memory: the mode that the engine can have, and the others by name',
    async (t) => {
      const twoMemories = WebAssembly.validate(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 5, 2, 0, 0, 0, 0));
      for (const mode of ['call', 'inline', 'import']) {
        const { exports, check } = await load(t, '-O2', { mode });
        assert.equal(check.mode, twoMemories ? mode : 'import');
        assert.equal(thrown(() => exports.write_past()).name, 'OverrunError');
      }
    },
  ],
  [
    'checked memory: an address that wraps around by a constant',
    async (t) => {
      for (const mode of ['call', 'inline', 'import']) {
        const { exports, heap } = await load(t, '-wraps', { mode });
        assert.equal(exports.near(520000 - 524280), 42, mode);
        assert.equal(exports.behind(524290 - 524296), 42, mode);
        assert.equal(exports.far(2000000 - 0x60000000), 42, mode);
        assert.deepEqual(heap.findings, []);
      }
    },
  ],
];
