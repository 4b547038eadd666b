// An instrumented program with a runtime of its own, for tests: nothing but what the file says may be touched, reports are kept.

import { hasSecondMemory, createRuntime } from '../../js/check/runtime.js';
import { instrument } from '../../js/check/instrument.js';
import { CHECK } from '../../js/check/shadow.js';
import { readHeader } from '../../js/wasm/header.js';

/**
 * @param {Uint8Array} bytes
 * @param {import('../../js/check/instrument.js').InstrumentOptions} [options]
 */
export function checked(bytes, options) {
  const instrumented = instrument(bytes, { mode: hasSecondMemory() ? 'call' : 'import', ...options });
  /** @type {string[]} */
  const reports = [];
  if (instrumented.mode === 'none') return { ...instrumented, reports, imports: () => ({}) };
  /** A runtime and a memory for one instance. */
  const imports = () => {
    const runtime = createRuntime(instrumented, {
      grouped: () => instrument(bytes, { mode: instrumented.mode, ...options, moved: true }).grouped,
      report: ({ address, size, site, shadow, write }) => void reports.push(`${write ? 'write' : 'read'} of ${size} at ${address}, shadow ${shadow.toString(16)}, site ${site.toString(16)}`),
      overflow: (pointer, frame, site) => void reports.push(`stack at ${pointer}, frame ${frame}, site ${site.toString(16)}`),
      uninitialized: (address, size, site) => void reports.push(`uninitialized ${size} at ${address}, site ${site.toString(16)}`),
    });
    const { memories: [memory] } = readHeader(bytes, true);
    runtime.begin(memory.initial * 65536);
    if (memory.import) return runtime.imports;
    const count = pages => memory.is64 && pages !== undefined ? BigInt(pages) : pages;
    const own = new WebAssembly.Memory({ initial: count(memory.initial), maximum: count(memory.maximum), shared: memory.shared, ...memory.is64 && { address: 'i64' } });
    return { [CHECK]: { ...runtime.imports[CHECK], memory: own } };
  };
  return { ...instrumented, reports, imports };
}
