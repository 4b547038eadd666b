// `memory.wasm flags`: what clang needs to compile and link a program with the headers and archives that ship beside this file.

import { existsSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { checkOptions, kFlag, kText } from '../options.js';
import { kHeapWords } from './heap.js';

/**
 * What the programs of a heap are compiled and linked with: the kind of their memory, and the archive that has the heap, if one ships.
 * @typedef {{ target?: string, compile?: string[], link?: string[], dynamic?: string[], archive?: string, libc?: boolean }} Kind
 */

/** Threads need a memory that is shared; each but the first needs a stack of its own. */
const kThreads = {
  // The stack pointer is exported, and changes: LLVM 14 and 15 ask for mutable-globals, later ones have it by themselves.
  compile: ['-matomics', '-mbulk-memory', '-mmutable-globals'],
  link: ['--shared-memory', '--max-memory=268435456', '--export=__stack_pointer'],
  dynamic: ['--import-memory'],
};

/** @type {Record<import('../heaps.js').HeapName, Kind>} */
const kKinds = {
  release: { archive: 'memory', libc: true },
  small: { archive: 'memory-small', libc: true },
  debug: { libc: true },
  secure: { libc: true },
  shared: { ...kThreads, archive: 'memory-shared' },
  memory64: { target: 'wasm64', link: ['-mwasm64'], archive: 'memory64' },
};

/**
 * @typedef {object} FlagsOptions
 * @property {boolean} [dynamic] the heap is loaded beside the program. Otherwise it is linked in
 * @property {string} [heap] a word of load's option `heap`, default 'release'
 */

/**
 * @param {string} folder of the command: with include/ and the archives, or share/memory_wasm of an installation
 * @param {FlagsOptions} [options]
 * @param {string} [from] the folder in which clang will run
 */
export function flags(folder, options = {}, from = process.cwd()) {
  checkOptions(options, { dynamic: kFlag, heap: kText }, 'flags', 'options');
  const { dynamic, heap = 'release' } = options;
  const [headers, archives] = placesAround(folder).map((place) => shortest(place, from));
  const path = [headers, archives].find((place) => /\s/.test(place));
  if (path)
    throw new Error(`The path ${path} has a space in it, which $(memory.wasm flags) would split. Run it from another folder, or pass the flags by hand.`);
  if (!Object.hasOwn(kKinds, heap)) throw new Error(`There is no heap '${heap}'. The heap is one of ${kHeapWords}.`);
  const kind = kKinds[/** @type {import('../heaps.js').HeapName} */ (heap)];
  if (!dynamic && !kind.archive) throw new Error(`The heap '${heap}' has no archive to link in: it is loaded beside the program. Add --dynamic.`);
  const link = [
    '--no-entry',
    '--stack-first',
    ...(kind.link ?? []),
    ...(dynamic ? ['--allow-undefined', '--export=__heap_base', ...(kind.dynamic ?? [])] : []),
  ];
  const libraries = [...(kind.libc ? ['memory_c'] : []), ...(dynamic ? [] : [/** @type {string} */ (kind.archive)])];
  return [
    `--target=${kind.target ?? 'wasm32'}`,
    '-nostdlib',
    ...(kind.compile ?? []),
    `-I${headers}`,
    `-Wl,${link.join(',')}`,
    ...(libraries.length ? [`-L${archives}`] : []),
    ...libraries.map((name) => `-l${name}`),
  ].join(' ');
}

/** The folders of the headers and of the archives. The package has them beside the command, an installation in include/ and lib/. @param {string} folder */
const placesAround = (folder) =>
  existsSync(join(folder, 'include')) ? [join(folder, 'include'), folder] : [join(folder, '../../include'), join(folder, '../../lib')];

/** A path as one would type it. @param {string} folder @param {string} from */
function shortest(folder, from) {
  const near = relative(from, folder) || '.';
  return isAbsolute(near) || near.length >= folder.length ? folder : near;
}
