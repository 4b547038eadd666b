// A thread of a program that is linked with its heap.
import { workerData } from 'node:worker_threads';
import { instantiate } from './linked.js';
import { serve } from './serve.js';

serve(async () => ({ calls: { ...instantiate(workerData) } }));
