// Whether an engine takes a program, before anything is made of it.

/** What V8 says of a feature that it knows and has turned off: such a program may be valid. */
const kTurnedOff = /--experimental-wasm/;

/**
 * Throws where no engine would take the program: then none takes what is made of it.
 * @param {Uint8Array} bytes
 * @param {string} file
 * @param {'linked' | 'adopted'} aim
 */
export function checkValid(bytes, file, aim) {
  try {
    new WebAssembly.Module(/** @type {BufferSource} */ (bytes));
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    if (!kTurnedOff.test(message)) {
      throw new Error(
        `${file} is not valid: ${message}. Nothing was ${aim}. If the program uses features that Node ${process.version} does not know, take a newer Node.`,
        { cause: error },
      );
    }
  }
}
