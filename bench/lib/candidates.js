// What a candidate is, and how one is made of objects, sources or a module; peers.js has those of other projects.
import { existsSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { REPOSITORY, assembleTrampolines, compile, linkAllocator, linkImporting, linkMerged, linkStatic } from './build.js';

/**
 * @typedef {object} Built
 * @property {string} name
 * @property {string} [source] where it comes from, with its version
 * @property {'static' | 'merged' | 'direct' | 'js' | 'wasm'} link
 * @property {string} program path of the harness module
 * @property {string[]} [objects] what was linked, when it was linked statically
 * @property {string} [roomy] the same with larger tables, for the scaling
 * @property {string} [limited] the same with a memory that ends at 72 MB, for the refusals
 * @property {string} [heap] path of the allocator's module when it isn't in the program
 * @property {string} [trampolines] path of the module between the two, with link 'wasm'
 * @property {string[]} [only] the only workloads it can run; no trace then
 * @property {number} [maxAlignment] aligned_alloc refuses more: traces that ask for more are not run
 * @property {string} [alone] path of a module with the allocator's code alone, for its size
 * @property {Record<string, string>} [levels] the same at -Oz, -Os, -O2 when there are sources
 */

const LEVELS = ['-Oz', '-Os', '-O2'];

/** @typedef {{ file: string, flags?: string[] }} Source */

/** @param {string} name @param {Source[]} sources @param {string} [fastest] the level at which its makers build it @returns {Built} */
export function fromSources(name, sources, fastest = '-O2') {
  const objects = (/** @type {string} */ level) => sources.map(({ file, flags = [] }) => compile(file, [...flags, level], `.${name}${level}`));
  return {
    ...fromObjects(name, objects(fastest)),
    levels: Object.fromEntries(LEVELS.map((level) => [level, linkAllocator(name + level, objects(level))])),
  };
}

/** @param {string} name @param {string[]} objects @returns {Built} */
export function fromObjects(name, objects) {
  return { name, link: 'static', objects, program: linkStatic(name, objects), alone: linkAllocator(name, objects) };
}

/**
 * A candidate from the command line or from dist/.
 * @param {string} name @param {string} path @param {string[]} links for a .wasm: the ways to reach it
 * @returns {Built[]}
 */
export function candidate(name, path, links) {
  const file = resolve(path);
  if (!existsSync(file)) throw new Error(`${name}: there is no file ${file}`);
  switch (extname(file)) {
    case '.a':
    case '.o':
      return [fromObjects(name, [file])];
    case '.c':
    case '.cc':
    case '.cpp':
      return [fromSources(name, [{ file }])];
    case '.wasm':
      return links.map((link) => /** @type {Built} */ ({
        name: links.length > 1 ? `${name} ${link}` : name,
        link, alone: file,
        ...link === 'merged' ? { program: linkMerged(name, file) } : { program: linkImporting(), heap: file },
        ...link === 'wasm' && { trampolines: assembleTrampolines() },
      }));
    default:
      throw new Error(`${name}: expected a .wasm, .a, .o, .c or .cpp, found ${path}`);
  }
}

/** Our own heap as built into dist/, if it is there. @param {string[]} links @returns {Built[]} */
export function ours(links) {
  const library = join(REPOSITORY, 'dist/libmemory.a'), module = join(REPOSITORY, 'dist/memory.wasm');
  return [
    ...existsSync(library) ? candidate('memory.wasm', library, links) : [],
    ...existsSync(module) && links.length ? candidate('memory.wasm', module, links).map((built) => ({ ...built, name: `memory.wasm ${built.link}` })) : [],
  ];
}

