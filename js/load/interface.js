// What makes a file the heap that this release is written for: the functions that every heap has, and the version of their interface.

/** A version is major * 65536 + minor. A newer minor version only adds. */
export const kVersion = 0x10000;

export const kNeeded = ['malloc', 'free', 'calloc', 'realloc', 'heap_add_region', 'heap_footprint', 'heap_version'];

/** @param {number} version that a heap has */
export const suits = (version) => version >>> 16 === kVersion >>> 16 && version >= kVersion;

/** @param {number} version */
export const inWords = (version) => `${version >>> 16}.${version & 0xffff}`;
