// Runs `work` with a signal that also stops what is still under way when a part of it has failed.

/**
 * Rejects as soon as the caller aborts.
 * @template T
 * @param {AbortSignal | undefined} signal of the caller
 * @param {(signal: AbortSignal | undefined) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function together(signal, work) {
  signal?.throwIfAborted();
  if (!globalThis.AbortController) return work(signal); // in an AudioWorklet
  const stop = new AbortController();
  const forward = () => stop.abort(signal?.reason);
  signal?.addEventListener('abort', forward);
  try {
    // Not everything that `work` waits for can be stopped: a promise of the caller's, an import.
    const aborted = new Promise((_, reject) => stop.signal.addEventListener('abort', () => reject(stop.signal.reason)));
    aborted.catch(() => {});
    return /** @type {T} */ (await Promise.race([work(stop.signal), aborted]));
  } finally {
    signal?.removeEventListener('abort', forward);
    stop.abort();
  }
}
