// Interleaved rounds over all candidates: a round runs every candidate once, so that whatever else the machine does
// falls on all of them alike.

/**
 * @typedef {object} Host
 * @property {() => number} clock CPU time if there is one, in microseconds
 * @property {() => Promise<void>} collect drops dead instances, so that their memories don't pile up
 * @property {() => number} wall milliseconds
 * @property {number} warm for so many milliseconds each candidate runs before it is measured, so that the engine has compiled it for speed
 * @property {boolean} browser the clock is the wall's and interruptions count, so that only the least of many short pieces says
 *   something; instances that are gone are collected late, so that each candidate keeps one
 * @property {(text: string) => void} progress
 */

/** Runs it once at least, and until the engine had its time. @param {Host} host @param {() => void} run */
export function warmUp({ wall, warm }, run) {
  for (const end = wall() + warm; ;) {
    run();
    if (wall() >= end) return;
  }
}

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
