// Stands between a program and WebAssembly: every instance that is made while it is in place is offered to the sources, which may change its
// imports or the program itself. It changes nothing else.

import { Ledger, watcherOf } from './ledger.js';

/**
 * Something that can be watched: asked before an instance is made. Sources are asked one after the other; each sees what the one before has changed.
 * @typedef {(program: Program, add: (watched: Watched) => void) => Changes | undefined} Source
 *
 * @typedef {object} Program about to be instantiated
 * @property {WebAssembly.Module} module
 * @property {Uint8Array} [bytes] its file, where that is known: it is not for a module that came from another thread, or was compiled before the watcher was there
 * @property {Record<string, Record<string, any>>} imports
 *
 * @typedef {object} Changes
 * @property {Uint8Array} [bytes] of a program to be instantiated instead
 * @property {Record<string, Record<string, any>>} [imports] instead of the caller's
 * @property {(instance: WebAssembly.Instance) => void} [instantiated] called with the instance before anybody else has it
 *
 * @typedef {object} Watched what knows of blocks: a ledger, a debug heap, or another
 * @property {string} [name]
 * @property {string} [about] how it is watched, in words
 * @property {import('../toolkit/heap.js').Heap} [heap] for the inspector
 * @property {() => import('../debug/leaks.js').LeakReport} leaks
 */

/** Programs that import malloc under its own name, from whatever module. @type {Source} */
export function importedAllocators({ module, imports }, add) {
  const entries = WebAssembly.Module.imports(module).filter(({ kind, name }) => kind === 'function' && watcherOf(name));
  const found = entries.filter((entry) => typeof imports[entry.module]?.[entry.name] === 'function');
  if (!found.some(({ name }) => name === 'malloc' || name.startsWith('_Znwm'))) return undefined;
  const ledger = new Ledger(`program ${++programs}`);
  add(ledger);
  const imported = WebAssembly.Module.imports(module).find(({ kind }) => kind === 'memory');
  ledger.memory = imported && imports[imported.module]?.[imported.name];
  const changed = Object.assign(Object.create(null), imports);
  for (const { module: from, name } of found) {
    const watcher = /** @type {NonNullable<ReturnType<typeof watcherOf>>} */ (watcherOf(name));
    changed[from] = { ...changed[from], [name]: watcher(ledger, imports[from][name]) };
  }
  const instantiated = (/** @type {WebAssembly.Instance} */ { exports }) => {
    ledger.memory ??= /** @type {WebAssembly.Memory | undefined} */ (Object.values(exports).find((one) => one instanceof WebAssembly.Memory));
  };
  return { imports: changed, instantiated };
}
let programs = 0;

/** The files of modules. @type {WeakMap<WebAssembly.Module, Uint8Array>} */
const files = new WeakMap();

/** A copy: the caller may change its own. Undefined if it is no bytes: then the engine says so. @param {BufferSource} source */
function copyOf(source) {
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength).slice();
  return /ArrayBuffer\]$/.test(Object.prototype.toString.call(source)) ? new Uint8Array(source).slice() : undefined;
}

/** @param {WebAssembly.Module} module @param {Uint8Array | undefined} bytes */
function known(module, bytes) {
  if (bytes) files.set(module, bytes);
  return module;
}

/**
 * @param {WebAssembly.Module} module
 * @param {any} imports
 * @param {Source[]} sources
 * @param {(watched: Watched) => void} add
 */
function changedBy(module, imports, sources, add) {
  /** @type {Program & { replaced?: Uint8Array }} */
  const program = { module, bytes: files.get(module), imports: imports ?? {} };
  /** @type {((instance: WebAssembly.Instance) => void)[]} */
  const listeners = [];
  for (const source of sources) {
    const changes = source(program, add);
    if (changes?.imports) program.imports = changes.imports;
    if (changes?.bytes) program.bytes = program.replaced = changes.bytes;
    if (changes?.instantiated) listeners.push(changes.instantiated);
  }
  /** @param {WebAssembly.Instance} instance */
  const made = (instance) => {
    for (const listener of listeners) listener(instance);
    return instance;
  };
  return { imports: program.imports, replaced: /** @type {BufferSource | undefined} */ (program.replaced), made };
}

/**
 * Patches WebAssembly. Returns what puts it back.
 * @param {Source[]} sources
 * @param {(watched: Watched) => void} add
 */
export function patch(sources, add) {
  const { compile, compileStreaming, instantiate, instantiateStreaming, Instance, Module } = WebAssembly;
  const streams = 'compileStreaming' in WebAssembly; // not everywhere
  const original = { compile, instantiate, Instance, Module, ...(streams && { compileStreaming, instantiateStreaming }) };

  /** @param {BufferSource} source @param {any[]} rest */
  async function compiled(source, ...rest) {
    const bytes = copyOf(source);
    return known(await Reflect.apply(compile, WebAssembly, [bytes ?? source, ...rest]), bytes);
  }
  /** @param {Response | Promise<Response>} source @param {any[]} rest */
  async function compiledStreaming(source, ...rest) {
    const response = await source,
      copy = response instanceof Response ? response.clone().arrayBuffer() : undefined;
    copy?.catch(() => {}); // whatever is wrong with the download, the engine says so
    const module = await Reflect.apply(compileStreaming, WebAssembly, [response, ...rest]);
    return known(module, copy && new Uint8Array(await copy));
  }
  /** @param {WebAssembly.Module} module @param {any} imports */
  async function instantiated(module, imports) {
    const { imports: changed, replaced, made } = changedBy(module, imports, sources, add);
    return made(await instantiate(replaced ? await compile(replaced) : module, changed));
  }

  Object.assign(WebAssembly, {
    compile: compiled,
    /** @param {BufferSource | WebAssembly.Module} source @param {any} [imports] @param {any[]} rest */
    async instantiate(source, imports, ...rest) {
      if (source instanceof Module) return instantiated(source, imports);
      const module = await compiled(source, ...rest);
      return { module, instance: await instantiated(module, imports) };
    },
    ...(streams && {
      compileStreaming: compiledStreaming,
      /** @param {Response | Promise<Response>} source @param {any} [imports] @param {any[]} rest */
      async instantiateStreaming(source, imports, ...rest) {
        const module = await compiledStreaming(source, ...rest);
        return { module, instance: await instantiated(module, imports) };
      },
    }),
    Module: new Proxy(Module, {
      construct(Target, [source, ...rest], newTarget) {
        const bytes = copyOf(source);
        return known(Reflect.construct(Target, [bytes ?? source, ...rest], newTarget), bytes);
      },
    }),
    Instance: new Proxy(Instance, {
      construct(Target, [module, imports], newTarget) {
        const { imports: changed, replaced, made } = changedBy(module, imports, sources, add);
        return made(Reflect.construct(Target, [replaced ? new Module(replaced) : module, changed], newTarget));
      },
    }),
  });
  return () => void Object.assign(WebAssembly, original);
}
