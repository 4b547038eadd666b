// The numbers of sections, and of what imports and exports can be.

export const CUSTOM = 0;
export const TYPES = 1;
export const IMPORTS = 2;
export const FUNCTIONS = 3;
export const TABLES = 4;
export const MEMORIES = 5;
export const GLOBALS = 6;
export const EXPORTS = 7;
export const START = 8;
export const ELEMENTS = 9;
export const CODE = 10;
export const DATA_SEGMENTS = 11;
export const DATA_COUNT = 12;
export const TAGS = 13;

/** Sections but custom ones stand in this order, each at most once. */
export const ORDER = [TYPES, IMPORTS, FUNCTIONS, TABLES, MEMORIES, TAGS, GLOBALS, EXPORTS, START, ELEMENTS, DATA_COUNT, CODE, DATA_SEGMENTS];

/**
 * Custom sections that are untrue once code has moved: debug information and source maps address code by its offset in the file or in the code
 * section, relocations likewise. A build id names another file.
 */
export const TELLS_OFFSETS = /^(.debug_|reloc.|linking|sourceMappingURL|external_debug|build_id)/;

export const A_FUNCTION = 0;
export const A_TABLE = 1;
export const A_MEMORY = 2;
export const A_GLOBAL = 3;
export const A_TAG = 4;
