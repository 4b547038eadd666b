// The side of a Worker of the tests: it makes its program, and then calls what it is told to.
import { parentPort } from 'node:worker_threads';

/** What a call costs this thread, and how long it takes, in milliseconds. @param {() => void} call */
export function costOf(call) {
  const began = performance.now();
  const before = process.threadCpuUsage();
  call();
  const { user, system } = process.threadCpuUsage(before);
  return { cpu: (user + system) / 1000, wall: performance.now() - began };
}

/** Answers with what `make` returns as `first`, and then each message with what the function of its name returns. @param {() => Promise<{ calls: object, first?: unknown }>} make */
export async function serve(make) {
  try {
    const { calls, first } = await make();
    calls.cost = (name, ...values) => costOf(() => calls[name](...values));
    parentPort.on('message', ({ name, values }) => {
      try {
        parentPort.postMessage({ result: calls[name](...values) });
      } catch (error) {
        parentPort.postMessage({ error: error.message });
      }
    });
    parentPort.postMessage({ result: first });
  } catch (error) {
    parentPort.postMessage({ error: error.message });
  }
}
