// What the errors of loading and linking say: what happened, to which file, what was found, what to do.

/** @type {Record<string, (...facts: any[]) => string>} */
const kTexts = {
  FetchError: (file, reason) => `${file} could not be fetched: ${reason}. Is the address right, is the server running, and does it allow requests from here (CORS)?`,
  BrokenOff: (file, reason, received) => `${file} broke off after ${received} bytes: ${reason}. Try again.`,
  HttpError: (file, answer) => `${file}: the server answered ${answer}`.trimEnd() + '. Is the file there, under this name?',
  NotWebAssemblyError(file, found, start) {
    const page = start.trimStart().startsWith('<') ? ' That is an HTML page: the server has no file of that name and answered with a page instead.' : '';
    return `${file} is not WebAssembly: expected magic word 00 61 73 6d, found ${found}.${page}`;
  },
  InvalidModuleError: (file, reason, received) =>
    `${file} can't be compiled: ${reason} (${received} bytes arrived). Is the file whole, does this engine know all its features, does the page's Content-Security-Policy have 'wasm-unsafe-eval'?`,
  IntegrityError: (file, found, expected) => `${file} is not the file that was expected: expected ${expected}, found ${found}. Was it rebuilt, or tampered with?`,
  HashKind: (_, kind) => `integrity must be sha256-, sha384- or sha512- and a hash in base64; found '${kind}-'`,
  NoHashes: () => 'integrity can be checked only in a secure context: serve the page by https or from localhost',
  MissingImportError: (file, names) => `${file} imports what nobody provides: ${names}. Pass it in options.imports, or link the library that defines it.`,
  MissingSymbol: (file, symbol, kind) => `${file} needs the address of ${symbol} (${kind}), which nobody defines. Attach the module that does first.`,
  ImportMismatchError: (file, reason) =>
    `${file} declares an import with another type than what is provided: ${reason}. Is malloc declared as void *malloc(size_t), and does the program's memory fit?`,
  LinkModeError: (file, _, link) =>
    `${file} is a compiled WebAssembly.Module: link '${link}' must read its bytes and may have to rewrite them. Pass its URL or bytes, or choose link 'trampoline'.`,
  TwoMemories: (file) => `${file} has a memory of its own, so a program merged with it has two: this engine knows only one. Choose link 'direct', or an engine with the feature multi-memory.`,
  NoBytes: (file) => `${file} is a compiled WebAssembly.Module, whose bytes can't be had. Pass its URL or its bytes.`,
  NoTypes: (file, reason) => `${file} ${reason}. Or choose link 'direct' or 'trampoline'.`,
  NoMemoryError: (file) =>
    `${file} has no memory that can be shared with the heap. Let it export one (clang and wasm-ld do by default; in WAT: (memory (export "memory") 1)) or import one (wasm-ld --import-memory).`,
  MemoryKindError(file, _, heapFile, program, heap) {
    const [found, served, cure] =
      program.is64 !== heap.is64
        ? program.is64 ? ['64-bit', '32-bit', 'memory64.wasm'] : ['32-bit', '64-bit', 'memory.wasm']
        : program.shared ? ['shared', 'unshared', 'memory.shared.wasm'] : ['unshared', 'shared', 'memory.wasm'];
    return `${file} has a ${found} memory, but ${heapFile} serves ${served} ones. Pass the address of ${cure} in options.heap, or build the program for ${served} memory.`;
  },
  OutOfMemoryError: (file, reason, pages) => `${file} wants a memory of ${pages} pages of 64 KiB, which this engine refuses: ${reason}`,
  WrongHeapError: (file, reason) => `${file} ${reason}: it is not memory.wasm, or one of another version. Pass the right file in options.heap.`,
  MallocBeforeLinkError: (name) =>
    `the program called ${name} from its start function, before the heap was linked: the late-bound link modes 'table' and 'trampoline' can't serve it yet. Use link 'direct', or move the call into _initialize.`,
};

/**
 * @param {string} text
 * @param {any[]} facts
 */
export const explain = (text, facts) => kTexts[text](...facts);
