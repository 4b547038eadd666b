// Runs the scripts of the WebAssembly specification's tests, as wabt's wast2json translates them, and notes what each command
// comes to. It judges nothing: two runs are compared.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Options of wabt's tools. */
export const kFeatures = ['exceptions', 'threads', 'tail-call', 'memory64', 'multi-memory', 'extended-const', 'relaxed-simd'].map(name => `--enable-${name}`);

/** @param {string} file .wast @returns {{ commands: any[], modules: Map<string, Uint8Array> } | undefined} undefined: wabt doesn't take it */
export function translate(file) {
  const folder = mkdtempSync(join(tmpdir(), 'wast-'));
  try {
    execFileSync('wast2json', [file, '-o', join(folder, 'script.json'), '--no-check', ...kFeatures], { stdio: 'ignore' });
    const { commands } = JSON.parse(readFileSync(join(folder, 'script.json'), 'utf8'));
    const names = commands.map(({ filename, module_type: type }) => type === 'text' ? undefined : filename).filter(Boolean);
    return { commands, modules: new Map(names.map(name => [name, new Uint8Array(readFileSync(join(folder, name)))])) };
  } catch {
    return undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const numbers = new DataView(new ArrayBuffer(8));
/** @param {{ type: string, value: any }} constant */
function toValue({ type, value }) {
  if (type === 'i32') return Number(value) | 0;
  if (type === 'i64') return BigInt.asIntN(64, BigInt(value));
  if (type === 'f32') return (numbers.setUint32(0, Number(value)), numbers.getFloat32(0));
  if (type === 'f64') return (numbers.setBigUint64(0, BigInt(value)), numbers.getFloat64(0));
  if (value === 'null') return null;
  if (type === 'externref') return `extern ${value}`;
  throw new TypeError(`no value for ${type}`);
}

const plain = value => Array.isArray(value) ? value.map(plain).join() : typeof value === 'bigint' ? `${value}n` : Object.is(value, -0) ? '-0' : typeof value === 'function' ? 'function' : String(value);
const failure = error => error instanceof RangeError ? 'exhaustion' : `${error.name}: ${error.message.replace(/\d+|"[^"]*"/g, '')}`;

/**
 * @param {NonNullable<ReturnType<typeof translate>>} script
 * @param {(bytes: Uint8Array) => Uint8Array | { bytes: Uint8Array, imports: () => WebAssembly.Imports }} through changes each module before it
 *   is compiled, and may have it import more
 * @returns {string[]} a line for each command
 */
export function run({ commands, modules }, through) {
  const spectest = {
    print() {}, print_i32() {}, print_i64() {}, print_f32() {}, print_f64() {}, print_i32_f32() {}, print_f64_f64() {},
    global_i32: 666, global_i64: 666n, global_f32: 666.6, global_f64: 666.6,
    table: new WebAssembly.Table({ initial: 10, maximum: 20, element: 'anyfunc' }), memory: new WebAssembly.Memory({ initial: 1, maximum: 2 }),
  };
  /** @type {WebAssembly.Imports} */
  const registry = { spectest };
  /** @type {Record<string, WebAssembly.Instance>} */
  const instances = {};
  let current;
  const instantiate = filename => {
    const changed = through(modules.get(filename)), { bytes, imports } = 'imports' in changed ? changed : { bytes: changed, imports: () => ({}) };
    return new WebAssembly.Instance(new WebAssembly.Module(bytes), { ...registry, ...imports() });
  };
  const act = ({ type, module, field, args = [] }) => {
    const exported = (module ? instances[module] : current).exports[field];
    return type === 'get' ? exported.value : exported(...args.map(toValue));
  };
  const does = {
    module({ filename, name }) {
      current = instantiate(filename);
      if (name) instances[name] = current;
    },
    register: ({ name, as }) => { registry[as] = (name ? instances[name] : current).exports; },
    action: ({ action }) => act(action),
    assert_return: ({ action }) => act(action),
    assert_trap: ({ action, filename }) => filename ? instantiate(filename) : act(action),
    assert_exhaustion: ({ action }) => act(action),
    assert_exception: ({ action }) => act(action),
    assert_uninstantiable: ({ filename }) => instantiate(filename),
    assert_unlinkable: ({ filename }) => instantiate(filename),
  };
  return commands.map(command => {
    try {
      const result = does[command.type]?.(command);
      return `${command.line} ${command.type}: ${result instanceof WebAssembly.Instance ? '' : plain(result)}`;
    } catch (error) {
      if (error.name === 'MergeError') throw error;
      return `${command.line} ${command.type}: ${failure(error)}`;
    }
  });
}
