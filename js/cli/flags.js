// `memory.wasm flags`: what clang needs to compile and link a program with the headers and archives that ship beside this file.

import { isAbsolute, relative } from 'node:path';

/**
 * @param {string} folder with include/ and the archives
 * @param {{ dynamic?: boolean }} options `dynamic`: the heap is loaded beside the program. Otherwise it is linked in.
 * @param {string} [from] the folder in which clang will run
 */
export function flags(folder, { dynamic }, from = process.cwd()) {
  const path = shortest(folder, from);
  if (/\s/.test(path))
    throw new Error(`The path ${path} has a space in it, which $(memory.wasm flags) would split. Run it from another folder, or pass the flags by hand.`);
  const link = dynamic
    ? ['-Wl,--no-entry,--stack-first,--allow-undefined,--export=__heap_base', `-L${path}`, '-lmemory_c']
    : ['-Wl,--no-entry,--stack-first', `-L${path}`, '-lmemory_c', '-lmemory'];
  return ['--target=wasm32', '-nostdlib', `-I${path}/include`, ...link].join(' ');
}

/** A path as one would type it. @param {string} folder @param {string} from */
function shortest(folder, from) {
  const near = relative(from, folder) || '.';
  return isAbsolute(near) || near.length >= folder.length ? folder : near;
}
