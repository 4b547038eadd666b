// The heaps that need a newer engine than Node 20.

import { testsInNewestNode } from '../newest.js';

testsInNewestNode(new URL('newest', import.meta.url));
