// A thread of the tests: joins, and then calls what it is told to.
import { parentPort, workerData } from 'node:worker_threads';
import { load } from '../../dist/memory.js';

const { handle, stack } = workerData;
try {
  const { exports, heap, thread } = await load(handle.program, { join: handle, stack });
  const own = { check: () => heap.check(), leave: () => thread.leave(), inUse: () => (heap.trim(), heap.inUse), hasOverflowed: () => thread.hasOverflowed, malloc: (size) => heap.malloc(size), free: (pointer) => heap.free(pointer) };
  /** Milliseconds of CPU that a call takes. */
  own.cost = (name, ...values) => {
    const before = process.threadCpuUsage();
    exports[name](...values);
    const { user, system } = process.threadCpuUsage(before);
    return (user + system) / 1000;
  };
  parentPort.on('message', ({ name, values }) => {
    try {
      parentPort.postMessage({ result: (exports[name] ?? own[name])(...values) });
    } catch (error) {
      parentPort.postMessage({ error: error.message });
    }
  });
  parentPort.postMessage({ result: thread.number });
} catch (error) {
  parentPort.postMessage({ error: error.message });
}
