// All scenarios: what must hold in every host. Each is [name, async (t) => void]; t is made by ../context.js.

import attach from './attach.js';
import debug from './debug.js';
import heap from './heap.js';
import load from './load.js';
import toolkit from './toolkit.js';

export const scenarios = Object.entries({ load, heap, toolkit, attach, debug }).flatMap(([area, list]) => list.map(([name, run]) => [`${area}: ${name}`, run]));
