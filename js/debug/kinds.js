// Why bytes may not be touched: what the shadow has for them, beside the number of bytes that are there (shadow.js).

export const NOBODYS = 0,
  WHOLE = 8,
  NULL_PAGE = 0xf1,
  BEFORE_BLOCK = 0xf2,
  AFTER_BLOCK = 0xf3,
  FREED = 0xf4,
  HEAPS_OWN = 0xf5;
