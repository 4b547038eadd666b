/** A module that can't be merged. The message says which file, at which offset, and what was found there. */
export class MergeError extends Error {
  name = 'MergeError';
}
