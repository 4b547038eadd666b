// All scenarios: what must hold in every host. Each is [name, async (t) => void, why not over some heaps]; t is made by
// ../context.js, and ../heaps.js has the heaps.

import attach from './attach.js';
import calls from './calls.js';
import check from './check.js';
import debug from './debug.js';
import heap from './heap.js';
import heapOf from './heap-of.js';
import load from './load.js';
import memory64 from './memory64.js';
import secure from './secure.js';
import strict from './strict.js';
import structs from './structs.js';
import toolkit from './toolkit.js';

export const scenarios = Object.entries({ load, heap, toolkit, structs, calls, strict, heapOf, attach, debug, check, memory64, secure }).flatMap(([area, list]) => list.map(([name, ...rest]) => [`${area}: ${name}`, ...rest]));
