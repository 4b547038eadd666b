// Where memory.wasm lies if the caller doesn't say: beside this file. Written so that bundlers see it: Vite and webpack copy the file
// named in `new URL(..., import.meta.url)` and put its new address here.

export const besideThisFile = () => new URL('./memory.wasm', import.meta.url);
