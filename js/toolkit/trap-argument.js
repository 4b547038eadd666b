// What a call of the heap that trapped was called with: for calls that come through JavaScript.

/** The first arguments of calls that trapped. @type {WeakMap<object, unknown>} */
const kArguments = new WeakMap();

/**
 * Notes what a call that trapped was called with. Returns the error.
 * @param {unknown} error
 * @param {unknown} argument
 */
export function noted(error, argument) {
  if (error instanceof WebAssembly.RuntimeError) kArguments.set(error, argument);
  return error;
}

/** @param {unknown} error */
export const argumentOf = (error) => kArguments.get(/** @type {object} */ (error));
