// All scenarios: what must hold in every host. Each is [name, async (t) => void]; t is made by ../context.js.

import attach from './attach.js';
import heap from './heap.js';
import load from './load.js';
import toolkit from './toolkit.js';

export const scenarios = Object.entries({ load, heap, toolkit, attach }).flatMap(([area, list]) => list.map(([name, run]) => [`${area}: ${name}`, run]));
