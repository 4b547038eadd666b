// The ready page, dist/inspector.html: a program, a trace or a snapshot that is dropped on it is shown. Nothing leaves the machine.

import { load } from '../index.js';
import { inspect } from './index.js';
import { snapshotHeap } from './snapshot-heap.js';

/** @template {HTMLElement} T @param {string} id */
const get = (id) => /** @type {T} */ (document.getElementById(id));
const drop = /** @type {HTMLElement} */ (document.querySelector('.drop'));
const say = (/** @type {string} */ text) => (get('status').textContent = text);

/** (module (memory (export "memory") 1) (global (export "__heap_base") i32 (i32.const 1024))): a heap for a trace. */
// prettier-ignore
const kNoProgram = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 5, 3, 1, 0, 1, 6, 7, 1, 127, 0, 65, 128, 8, 11,
  7, 24, 2, 6, 109, 101, 109, 111, 114, 121, 2, 0, 11, 95, 95, 104, 101, 97, 112, 95, 98, 97, 115, 101, 3, 0);

/** @type {Record<string, Function>} */
let functions = {};

/** Functions that a program imports and the heap does not have: each returns 0, and is said. @param {Uint8Array} bytes */
function standIns(bytes) {
  const module = new WebAssembly.Module(/** @type {BufferSource} */ (bytes));
  /** Without prototypes, so that no name from the file reaches one. @type {Record<string, Record<string, () => number>>} */
  const imports = Object.create(null);
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module))
    if (kind === 'function' && from !== 'env') (imports[from] ??= Object.create(null))[name] = () => 0;
  return imports;
}

/** @param {Uint8Array} bytes @param {string} name */
async function openProgram(bytes, name) {
  const imports = standIns(bytes),
    check = get('check').matches(':checked');
  const { exports, heap } = await load(bytes, { heap: 'debug', debug: { onError() {} }, imports, ...(check && { check: { onError() {} } }) });
  functions = Object.fromEntries(Object.entries(exports).filter(([, value]) => typeof value === 'function'));
  get('name').replaceChildren(...Object.keys(functions).map((name) => new Option(`${name} (${functions[name].length})`, name)));
  get('calls').hidden = !Object.keys(functions).length;
  const missing = Object.entries(imports).flatMap(([from, names]) => Object.keys(names).map((name) => `${from}.${name}`));
  show(heap, `${name}: call its functions, and look at its heap.${missing.length ? ` It imports ${missing.join(', ')}, which return 0 here.` : ''}`);
}

/** @param {Uint8Array} bytes @param {string} name */
async function openTrace(bytes, name) {
  const { heap } = await load(kNoProgram, { heap: 'debug', debug: { stacks: false } });
  show(heap, `${name}: a trace, which runs on a heap of its own.`).replay(bytes);
}

/** @param {any} heap @param {string} text */
function show(heap, text) {
  get('shown').replaceChildren();
  say(text);
  return inspect(heap, get('shown'));
}

/** @param {File} file */
async function open(file) {
  get('calls').hidden = true;
  try {
    const bytes = new Uint8Array(await file.arrayBuffer()),
      start = String.fromCharCode(...bytes.subarray(0, 4));
    if (start === '\0asm') await openProgram(bytes, file.name);
    else if (start === 'WMT1') await openTrace(bytes, file.name);
    else if (start.startsWith('{')) show(snapshotHeap(JSON.parse(new TextDecoder().decode(bytes))), `${file.name}: a snapshot.`);
    else say(`${file.name} is no program, no trace and no snapshot.${file.name.endsWith('.br') ? ' It is compressed: unpack it first (brotli -d).' : ''}`);
  } catch (error) {
    say(String(error));
  }
}

get('file').addEventListener('change', () => {
  const [file] = /** @type {HTMLInputElement} */ (get('file')).files ?? [];
  if (file) open(file);
});
for (const name of ['dragenter', 'dragover', 'dragleave', 'drop']) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.toggle('over', name === 'dragenter' || name === 'dragover');
    const [file] = name === 'drop' ? (/** @type {DragEvent} */ (event).dataTransfer?.files ?? []) : [];
    if (file) open(file);
  });
}
get('open').addEventListener('submit', (event) => event.preventDefault());
get('call').addEventListener('submit', (event) => {
  event.preventDefault();
  const [name, given, times] = ['name', 'arguments', 'times'].map((id) => /** @type {HTMLInputElement} */ (get(id)).value);
  const values = given
    .split(',')
    .map((text) => text.trim())
    .filter(Boolean)
    .map((text) => (text.endsWith('n') ? BigInt(text.slice(0, -1)) : Number(text)));
  try {
    let result;
    for (let i = 0; i < Number(times); i++) result = functions[name](...values);
    get('result').textContent = `${name} returned ${result === undefined ? 'nothing' : result}`;
  } catch (error) {
    get('result').textContent = String(error);
  }
});
