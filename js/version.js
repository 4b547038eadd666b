// The version of the package.

export const kVersion =
  // from package.json, by tools/tables.mjs
  '1.0.0';
