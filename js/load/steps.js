// Linking is written once, for `load` and `loadSync`: as a generator that yields what it waits for, a value or a promise of one, or a list
// of them. `load` waits; for `loadSync` nothing is a promise.

/**
 * @template T
 * @typedef {Generator<any, T, any>} Steps
 */

/**
 * @template T
 * @param {Steps<T>} steps
 * @returns {Promise<T>}
 */
export async function waiting(steps) {
  let { done, value } = steps.next();
  while (!done) {
    let result;
    try {
      result = await (Array.isArray(value) ? Promise.all(value) : value);
    } catch (error) {
      ({ done, value } = steps.throw(error));
      continue;
    }
    ({ done, value } = steps.next(result));
  }
  return value;
}

/**
 * @template T
 * @param {Steps<T>} steps
 * @returns {T}
 */
export function atOnce(steps) {
  let { done, value } = steps.next();
  while (!done) ({ done, value } = steps.next(value));
  return value;
}
