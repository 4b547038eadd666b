// Interleaved rounds over all candidates: a round runs every candidate once, so that whatever else the machine does
// falls on all of them alike.

/**
 * @typedef {object} Host
 * @property {() => number} clock CPU time if there is one, in microseconds
 * @property {() => Promise<void>} collect drops dead instances, so that their memories don't pile up
 * @property {(text: string) => void} progress
 */

/** Each round begins with another candidate. @template T @param {T[]} list @param {number} by @returns {T[]} */
export function rotated(list, by) {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

/**
 * One candidate that traps must not end the run: it is reported as failed and left out from then on.
 * @template {{ name: string }} T
 * @param {T[]} candidates @param {Record<string, any>} results @param {(candidate: T) => any} action
 */
export async function guarded(candidates, results, action) {
  for (const candidate of candidates) {
    if (results[candidate.name]?.failed) continue;
    try {
      await action(candidate);
    } catch (error) {
      results[candidate.name] = { failed: String(error) };
    }
  }
}
