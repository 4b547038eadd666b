// The mistakes of AssemblyScript with C's heap, for their lines in a source map: one a function, marked as in misuse.c.

// @ts-ignore: decorator
@external("env", "malloc")
declare function malloc(size: usize): usize;
// @ts-ignore: decorator
@external("env", "free")
declare function free(pointer: usize): void;

export function ts_write_past(): void {
  const items = malloc(13); // ALLOCATED
  store<u8>(items + 13, 1); // WRONG
}

export function ts_dangling(): i32 {
  const items = malloc(16); // ALLOCATED
  free(items); // FREED
  return load<i32>(items, 8); // WRONG
}

export function ts_freed_twice(): void {
  const items = malloc(16); // ALLOCATED
  free(items); // FREED
  free(items); // WRONG
}

export function ts_clean(): i32 {
  const items = malloc(16);
  store<i32>(items, 42, 12);
  const value = load<i32>(items, 12);
  free(items);
  return value;
}
