// Adoption with the debug heap, which needs two memories in a module.

import { testsInNewestNode } from '../newest.js';

testsInNewestNode(new URL('newest', import.meta.url));
