// memory.merge.js: the merger, and the link mode that uses it.

export * from './merge/index.js';
export { linkMerge, linkMergeOrDirect } from './link-merge.js';
