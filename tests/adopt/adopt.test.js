// Adoption of programs that are built here, with wasi-libc's dlmalloc inside: the same results as before, the heap whole, and no function
// taken for what it is not.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { adopt, inWords } from '../../js/adopt/index.js';
import { readModule } from '../../js/adopt/module.js';
import { leb } from '../../js/wasm/leb128.js';
import { DATA_COUNT, DATA_SEGMENTS } from '../../js/wasm/sections.js';
import { assemble } from '../merge/assemble.js';
import { kDist } from '../toolchain/llvm.js';
import { built, exported, heap, started, stripped, stubs } from './build.js';

const folder = mkdtempSync(join(tmpdir(), 'memory-wasm-adopt-'));
after(() => rmSync(folder, { recursive: true }));
const cli = (...options) => spawnSync(process.execPath, [join(kDist, 'cli.js'), ...options], { encoding: 'utf8', cwd: folder });
const rolesOf = ({ roles }) => Object.fromEntries(roles.map(({ index, role }) => [index, role]));

const kRounds = 3000;
/** (module (memory (export "memory") 1) (func (result i32))): its function gives no result. */
const kInvalid = Uint8Array.from(Buffer.from('AGFzbQEAAAABBQFgAAF/AwIBAAUDAQABBwoBBm1lbW9yeQIACgUBAwABCw==', 'base64'));
/** Where linkers put static data. */
const kDataStart = 1024;
const kLevels = [['-O0'], ['-O1'], ['-O2'], ['-O3'], ['-Os'], ['-Oz'], ['-O2', '-flto']];

for (const level of kLevels) {
  test(`churn, ${level.join(' ')}: the same results, the heap whole, roles by shape as by name`, () => {
    const named = built('churn', level.join(''), [...level, ...exported]);
    const nameless = stripped(named);
    const [byName, byShape] = [named, nameless].map((bytes) => adopt(bytes, heap(), { file: 'churn.wasm', hooks: 'never' }));
    const truth = rolesOf(byName);
    for (const [index, role] of Object.entries(rolesOf(byShape))) assert.equal(truth[index], role, `func[${index}]`);
    const before = started(named);
    for (const one of [byName, byShape]) {
      assert.equal(one.mode, 'replaced', inWords(one));
      const program = started(one.bytes);
      for (const seed of [1, 2, 3]) {
        const sum = before.run(seed, kRounds);
        assert.notEqual(sum, 0);
        assert.equal(program.run(seed, kRounds), sum, `seed ${seed}`);
      }
      assert.equal(program['memory.wasm/heap_check'](), 0);
      assert.equal(program['memory.wasm/heap_in_use'](), 0);
    }
  });
}

const churn = built('churn', 'plain', ['-O2', ...exported]);

/** A file in the tests' folder. */
function saved(name, bytes) {
  const file = join(folder, name);
  writeFileSync(file, bytes);
  return file;
}

test('a recipe gives the same module, without looking again', () => {
  const first = adopt(churn, heap());
  const again = adopt(churn, heap(), { recipe: JSON.parse(JSON.stringify(first.recipe)) });
  assert.deepEqual(again.bytes, first.bytes);
  assert.throws(() => adopt(churn.subarray(0, churn.length), heap(), { recipe: { ...first.recipe, byteLength: 5 } }), /the recipe is not for program\.wasm: it was made of a file of 5 bytes/);
  assert.throws(() => adopt(churn, heap(), { recipe: { ...first.recipe, roles: { 0: { role: 'king', by: 'name' } } } }), /it calls func\[0\] king/);
  const wrong = {
    'it is no recipe of this version': [{ patches: undefined }, { reasons: undefined }, { notes: 5 }],
    'it has no functions, and no reason for that': [{ roles: {} }],
    'at offset 300 there is no i32.and': [{ patches: [300] }],
    'its sbrk is func\\[9999\\]': [{ sbrk: 9999 }],
  };
  for (const [words, changes] of Object.entries(wrong)) {
    for (const change of changes) assert.throws(() => adopt(churn, heap(), { recipe: { ...first.recipe, ...change } }), { name: 'AdoptError', message: new RegExp(words) });
  }
});

test('the command: adopt -o, with a recipe', () => {
  saved('churn.wasm', churn);
  const { stdout, status } = cli('adopt', 'churn.wasm', '-o', 'adopted.wasm', '--recipe', 'churn.json');
  assert.equal(status, 0);
  assert.match(stdout, /^churn\.wasm: memory\.wasm is in the place of its dlmalloc\n/);
  assert.match(stdout, /malloc: malloc \(func\[\d+\]\), found by export/);
  const bytes = readFileSync(join(folder, 'adopted.wasm'));
  assert.equal(started(bytes).run(1, kRounds), started(churn).run(1, kRounds));
  assert.deepEqual(WebAssembly.Module.exports(new WebAssembly.Module(bytes)), WebAssembly.Module.exports(new WebAssembly.Module(churn)));
  assert.equal(JSON.parse(readFileSync(join(folder, 'churn.json'), 'utf8')).sha256.length, 64);
  assert.equal(cli('adopt', 'churn.wasm', '-o', 'again.wasm', '--recipe', 'churn.json').status, 0);
  assert.deepEqual(readFileSync(join(folder, 'again.wasm')), bytes);
});

test('errors teach', () => {
  saved('churn.wasm', churn);
  for (const heap of ['small', 'shared', 'secure', 'memory64'])
    assert.match(cli('adopt', 'churn.wasm', '--heap', heap).stderr, new RegExp(`adoption has no heap '${heap}': it goes with release and debug`));
  for (const [file, found] of [['memory.shared.wasm', 'is shared between threads'], ['memory64.wasm', 'has 64-bit addresses']])
    assert.match(cli('adopt', 'churn.wasm', '--heap', join(kDist, file)).stderr, new RegExp(`the memory of this heap ${found}.* Take memory\\.wasm or memory\\.debug\\.wasm`));
  assert.match(cli('adopt', 'churn.wasm', '--malloc=func[9999]').stderr, /churn\.wasm has no function func\[9999\] of its own, which was given as malloc/);
  assert.match(cli('adopt', 'churn.wasm', '--malloc=run').stdout, /run \(func\[\d+\]\) was given as malloc, and does not behave like it when it is tried/);
  saved('text.wasm', new TextEncoder().encode('hello'));
  assert.match(cli('adopt', 'text.wasm').stderr, /text\.wasm is not a WebAssembly module: it begins with 68 65 6c 6c 6f/);
  saved('invalid.wasm', kInvalid);
  assert.match(cli('adopt', 'invalid.wasm', '-o', 'made.wasm').stderr, /invalid\.wasm is not valid: .*Compiling function #0 failed.* Nothing was adopted/);
  assert.equal(existsSync(join(folder, 'made.wasm')), false);
  saved('bad.json', new TextEncoder().encode('hello'));
  assert.match(cli('adopt', 'churn.wasm', '--recipe', 'bad.json').stderr, /bad\.json is no recipe: it is not JSON \(Unexpected token/);
  saved('other.json', new TextEncoder().encode('null'));
  assert.match(cli('adopt', 'churn.wasm', '--recipe', 'other.json').stderr, /other\.json is no recipe: it is JSON, but without a version/);
  saved('page.html', new TextEncoder().encode('<!doctype html><title>404</title>'));
  assert.match(cli('adopt', 'page.html').stderr, /page\.html is not a WebAssembly module: .* It is a page \(HTML or XML\)/);
});

test('an engine without multi-memory: the reason names the feature and who has it, and no recipe keeps it', () => {
  const debugHeap = new Uint8Array(readFileSync(join(kDist, 'memory.debug.wasm')));
  const old = { ...Object.fromEntries(['Module', 'Instance', 'Memory', 'Table', 'Global', 'CompileError'].map((name) => [name, WebAssembly[name]])), validate: () => false };
  const { mode, reasons, recipe } = adopt(churn, debugHeap, { hooks: 'refused', wasm: old });
  assert.equal(mode, 'hooked');
  assert.match(reasons.join(), /this engine knows no modules with two memories \(multi-memory: Node 22/);
  assert.deepEqual(recipe.reasons, []);
  assert.equal(adopt(churn, heap(), { recipe }).mode, 'replaced');
});

test('an engine that compiles no more than so much at once, as Chromium on a page: an error of adoption, not of the engine', () => {
  const small = { ...Object.fromEntries(['Instance', 'Memory', 'Table', 'Global', 'CompileError'].map((name) => [name, WebAssembly[name]])), validate: () => true,
    Module: class { constructor() { throw new RangeError('larger than 8MB'); } } };
  assert.throws(() => adopt(churn, heap(), { wasm: small }), { name: 'AdoptError', message: "the program can't be tried here: larger than 8MB" });
});

/** Why a module is refused. */
const reasonsFor = (bytes) => adopt(bytes, heap(), { hooks: 'never' }).reasons.join('; ');

test('what has no malloc is refused, with the reason', () => {
  assert.match(reasonsFor(assemble('(module (memory 1) (func (export "run")))')), /no function is exported or named malloc/);
  assert.match(reasonsFor(assemble('(module (func (export "malloc") (param i32) (result i32) (i32.const 0)))')), /it has no memory/);
  assert.match(reasonsFor(assemble('(module (memory 1) (func (export "__new")) (func (export "__pin")))')), /AssemblyScript's\. Its garbage collector/);
  assert.match(reasonsFor(assemble('(module (memory 1) (func (export "malloc") (param i32) (result i32) (i32.const 64)))')), /no candidate behaves as malloc/);
});

test('another malloc than dlmalloc is refused: an arena that never frees', () => {
  const arena = assemble(`(module (memory 2) (global $top (mut i32) (i32.const 1024))
    (func (export "malloc") (param i32) (result i32) (local i32) (local.set 1 (global.get $top))
      (if (i32.gt_u (local.get 0) (i32.const 60000)) (then (return (i32.const 0))))
      (global.set $top (i32.and (i32.add (i32.add (local.get 1) (local.get 0)) (i32.const 15)) (i32.const -16))) (local.get 1))
    (func (export "free") (param i32)))`);
  assert.match(reasonsFor(arena), /no function behaves as its free/);
});

test('a malloc that has run before is refused: its blocks are in the data', () => {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(churn), stubs(new WebAssembly.Module(churn)));
  exports._initialize?.();
  exports.malloc(100);
  assert.match(reasonsFor(withData(churn, new Uint8Array(exports.memory.buffer))), /its malloc has run before/);
});

/** A module with what its memory held as its data: what Wizer makes. */
function withData(bytes, memory) {
  const { sections, memories } = readModule(bytes, 'program');
  const held = memory.subarray(kDataStart, memories[0].initial * 65536);
  const segment = [0, 0x41, ...leb(kDataStart, 2), 0x0b, ...leb(held.length)];
  const data = [1, ...segment, ...held];
  const kept = sections.filter(({ id }) => id && id !== DATA_SEGMENTS && id !== DATA_COUNT).map(({ whole, end }) => bytes.subarray(whole, end));
  return new Uint8Array(Buffer.concat([bytes.subarray(0, 8), ...kept, Buffer.from([DATA_SEGMENTS, ...leb(data.length)]), Buffer.from(data)]));
}

test('an imported memory that is larger than tries need', () => {
  const bytes = built('churn', 'imported', ['-O2', ...exported, '-Wl,--import-memory', '-Wl,--initial-memory=134217728']);
  const adopted = adopt(bytes, heap(), { hooks: 'never' });
  assert.equal(adopted.mode, 'replaced', inWords(adopted));
  const [sum, before] = [adopted.bytes, bytes].map((program) => {
    const module = new WebAssembly.Module(program);
    const { exports } = new WebAssembly.Instance(module, { ...stubs(module), env: { memory: new WebAssembly.Memory({ initial: 2048 }) } });
    exports._initialize?.();
    return exports.run(1, kRounds);
  });
  assert.equal(sum, before);
});

test('malloc_usable_size: replaced with the others where it is a function; the program may use all that it says', () => {
  for (const level of ['-O0', '-O2']) {
    const bytes = built('usable', level, [level]);
    const adopted = adopt(bytes, heap(), { hooks: 'never' });
    if (adopted.mode === 'none') {
      assert.match(adopted.reasons.join(), /in front of a block|is none of malloc's family|no candidate behaves as malloc/);
      continue;
    }
    const program = started(adopted.bytes);
    assert.equal(program.run(2000), started(bytes).run(2000));
    assert.equal(program['memory.wasm/heap_check'](), 0);
  }
});

test('load(program, { adopt: true }): the heap is the one inside the program', async () => {
  const { load } = await import(pathToFileURL(join(kDist, 'memory.js')).href);
  const warnings = [];
  const { exports, heap: loaded } = await load(churn, { adopt: true, imports: stubs(new WebAssembly.Module(churn)), onWarning: ({ id }) => warnings.push(id) });
  assert.deepEqual(warnings, [], 'the malloc inside is the heap\'s now');
  assert.equal(exports.run(1, kRounds), started(churn).run(1, kRounds));
  assert.equal(loaded.check() ?? undefined, undefined);
  const block = loaded.alloc(100);
  exports.free(block.pointer);
  await assert.rejects(load(assemble('(module (memory (export "memory") 1) (func (export "run")))'), { adopt: true }), { name: 'AdoptError', message: /can't be replaced: no function is exported or named malloc/ });
  const { recipe } = adopt(churn, heap());
  await assert.rejects(load(churn, { adopt: { recipe: { ...recipe, sha256: '00' } } }), { name: 'AdoptError', message: /^the recipe is for another file than .*: it has another SHA-256\. Leave it out: adopting then takes longer once\.$/ });
  await assert.rejects(load(churn, { adopt: true, link: 'direct' }), /options\.adopt and options\.link can't be used together/);
});

const app = `
import { readFileSync } from 'node:fs';
const module = await WebAssembly.compile(readFileSync(process.argv[2]));
const untouched = new Proxy({}, { ownKeys() { throw new Error('the imports were enumerated'); }, get: (_, name) => new Proxy({}, { get: () => () => 0, ownKeys() { throw new Error('enumerated'); } }) });
const { exports } = await WebAssembly.instantiate(module, untouched);
exports._initialize?.();
console.log(exports[process.argv[3]](25), Object.keys(exports).filter((name) => name.startsWith('memory.wasm/')).length);
`;

for (const [work, site, allocations] of [['work', /1,000 bytes in 25 blocks, .*\n +at .*\n? +at work /, 50], ['work_aligned', /1,000 bytes in 25 blocks, .*\n( +at .*\n)? +at work_aligned /, 25]]) {
  test(`the watcher adopts what an application loads, and reports the leak by the function that allocates: ${work}`, () => {
    const program = saved('leak.wasm', built('leak', 'O0', ['-O0']));
    writeFileSync(join(folder, 'app.mjs'), app);
    const watched = () => spawnSync(process.execPath, ['--import', pathToFileURL(join(kDist, 'memory.watch.js')).href, join(folder, 'app.mjs'), program, work], {
      encoding: 'utf8', env: { ...process.env, MEMORY_WASM_RECIPES: folder },
    });
    const { stdout, stderr } = watched();
    assert.equal(stdout, '25 0\n', stderr);
    assert.match(stderr, /memory\.wasm is in the place of its dlmalloc/);
    assert.match(stderr, new RegExp(`1,000 bytes in 25 blocks are in use after ${allocations} allocations`));
    assert.match(stderr, site);
    const kept = join(folder, `${createHash('sha256').update(readFileSync(program)).digest('hex')}.json`);
    const recipe = readFileSync(kept, 'utf8');
    writeFileSync(kept, '{"version":2}');
    assert.match(watched().stderr, site);
    assert.equal(readFileSync(kept, 'utf8'), recipe, 'a recipe that can\'t be used is made anew');
  });
}
