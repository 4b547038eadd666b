/** A module that can't be merged: says which file, what was found, and at which offset. */
export class MergeError extends Error {
  /** @param {string} file @param {string} problem @param {number} [offset] in the file, in bytes */
  constructor(file, problem, offset) {
    super(`${file}${offset === undefined ? '' : `, offset 0x${offset.toString(16)}`}: ${problem}`);
    this.name = 'MergeError';
    this.file = file;
    this.offset = offset;
  }
}
