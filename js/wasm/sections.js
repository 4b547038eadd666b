/** Section numbers. */
export const CUSTOM = 0, TYPES = 1, IMPORTS = 2, FUNCTIONS = 3, TABLES = 4, MEMORIES = 5, GLOBALS = 6, EXPORTS = 7,
  START = 8, ELEMENTS = 9, CODE = 10, DATA_SEGMENTS = 11, DATA_COUNT = 12, TAGS = 13;

/** What an import or export can be, besides tables (1), globals (3) and tags (4). */
export const A_FUNCTION = 0, A_MEMORY = 2;
