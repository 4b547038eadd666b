// Stands between a program and WebAssembly: every instance that is made while it is in place and imports an allocation function gets a
// ledger. It changes nothing else.

import { Ledger, watcherOf } from './ledger.js';

/**
 * Something else that can be watched: asked before an instance is made. It may change the imports, or return another module.
 * @typedef {(module: WebAssembly.Module, imports: Record<string, Record<string, any>>, add: (watched: Watched) => void) => Record<string, Record<string, any>> | undefined} Source
 *
 * @typedef {object} Watched what knows of blocks: a ledger, a debug heap, or another
 * @property {string} [name]
 * @property {() => import('../debug/leaks.js').LeakReport} leaks
 */

/** Programs that import malloc under its own name, from whatever module. @type {Source} */
export function importedAllocators(module, imports, add) {
  const entries = WebAssembly.Module.imports(module).filter(({ kind, name }) => kind === 'function' && watcherOf(name));
  const found = entries.filter((entry) => typeof imports[entry.module]?.[entry.name] === 'function');
  if (!found.some(({ name }) => name === 'malloc' || name.startsWith('_Znwm'))) return undefined;
  const ledger = new Ledger(`program ${++programs}`);
  add(ledger);
  const changed = { ...imports };
  for (const { module: from, name } of found) {
    const watcher = /** @type {NonNullable<ReturnType<typeof watcherOf>>} */ (watcherOf(name));
    changed[from] = { ...changed[from], [name]: watcher(ledger, imports[from][name]) };
  }
  return changed;
}
let programs = 0;

/**
 * Patches WebAssembly. Returns what puts it back.
 * @param {Source[]} sources
 * @param {(watched: Watched) => void} add
 */
export function patch(sources, add) {
  const original = { instantiate: WebAssembly.instantiate, instantiateStreaming: WebAssembly.instantiateStreaming, Instance: WebAssembly.Instance };
  const changed = (/** @type {WebAssembly.Module} */ module, /** @type {any} */ imports) =>
    sources.reduce((imports, source) => source(module, imports, add) ?? imports, imports ?? {});

  /** @param {BufferSource | WebAssembly.Module} source @param {any} [imports] @param {any[]} rest */
  async function instantiate(source, imports, ...rest) {
    if (source instanceof WebAssembly.Module) return original.instantiate(source, changed(source, imports));
    const module = await Reflect.apply(WebAssembly.compile, WebAssembly, [source, ...rest]);
    return { module, instance: await original.instantiate(module, changed(module, imports)) };
  }
  /** @param {Response | Promise<Response>} source @param {any} [imports] @param {any[]} rest */
  async function instantiateStreaming(source, imports, ...rest) {
    const module = await Reflect.apply(WebAssembly.compileStreaming, WebAssembly, [source, ...rest]);
    return { module, instance: await original.instantiate(module, changed(module, imports)) };
  }
  const Instance = new Proxy(original.Instance, {
    construct: (Target, [module, imports], newTarget) => Reflect.construct(Target, [module, changed(module, imports)], newTarget),
  });
  Object.assign(WebAssembly, { instantiate, Instance, ...('instantiateStreaming' in WebAssembly && { instantiateStreaming }) });
  return () => void Object.assign(WebAssembly, original);
}
