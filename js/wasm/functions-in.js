// The functions that a compiled module exports.

/** @param {WebAssembly.Module} module */
export const functionsIn = (module) =>
  new Set(
    WebAssembly.Module.exports(module)
      .filter(({ kind }) => kind === 'function')
      .map(({ name }) => name),
  );
