// The tests of dist/memory.wasm that run.js runs on each fault, in one process and the quickest first.

import '../wasm/misuse.test.js';
import '../attacks/attacks.test.js';
import '../wasm/memories.test.js';
import '../conformance/conformance.test.js';
import './seeded-in-wasm.js';
