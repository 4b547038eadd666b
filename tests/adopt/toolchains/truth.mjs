// Who is who in a program, by the names that its toolchain gave: what the roles that adoption finds are compared with. It shares nothing with
// js/adopt/names.js.

import { readModule } from '../../../js/adopt/module.js';

/** The names that functions of a role may have, in the toolchains of builds.mjs. */
const kTruth = {
  malloc: ['malloc', 'dlmalloc', 'emscripten_builtin_malloc', '__libc_malloc', 'emmalloc_malloc', 'mi_malloc', 'c.malloc.malloc'],
  free: ['free', 'dlfree', 'emscripten_builtin_free', '__libc_free', 'emmalloc_free', 'mi_free', 'c.malloc.free'],
  calloc: ['calloc', 'dlcalloc', 'emscripten_builtin_calloc', '__libc_calloc', 'emmalloc_calloc', 'mi_calloc', 'c.malloc.calloc'],
  realloc: ['realloc', 'dlrealloc', 'emscripten_builtin_realloc', '__libc_realloc', 'emmalloc_realloc', 'mi_realloc', 'c.malloc.realloc'],
  memalign: ['memalign', 'dlmemalign', 'aligned_alloc', 'internal_memalign', 'emscripten_builtin_memalign', 'emmalloc_memalign', 'emmalloc_aligned_alloc', 'mi_aligned_alloc', 'c.malloc.aligned_alloc'],
  posix_memalign: ['posix_memalign', 'dlposix_memalign', 'emmalloc_posix_memalign', 'mi_posix_memalign', 'c.malloc.posix_memalign'],
  malloc_usable_size: ['malloc_usable_size', 'dlmalloc_usable_size', 'emmalloc_usable_size', 'mi_malloc_usable_size', 'c.malloc.malloc_usable_size'],
  rust_alloc: ['__rdl_alloc', '__rust_alloc', '__rg_alloc'],
  rust_dealloc: ['__rdl_dealloc', '__rust_dealloc', '__rg_dealloc'],
  rust_realloc: ['__rdl_realloc', '__rust_realloc', '__rg_realloc'],
  rust_alloc_zeroed: ['__rdl_alloc_zeroed', '__rust_alloc_zeroed', '__rg_alloc_zeroed'],
};
/** Methods of Rust's own dlmalloc, where the compiler has put its only instance into them: `dlmalloc::dlmalloc::Dlmalloc<A>::malloc`, mangled. */
const kMethod = /^_ZN8dlmalloc8dlmalloc17Dlmalloc\$LT\$A\$GT\$\d+(\w+?)17h[0-9a-f]{16}E$/;
const kHash = /17h[0-9a-f]{16}E$/;

/**
 * The roles that a function has by its name.
 * @param {string | undefined} name
 */
const rolesNamed = (name = '') => {
  const plain = kMethod.exec(name)?.[1] ?? /^(?:\.L)?zig\.(\w+)$/.exec(name)?.[1] ?? /(__r\w+)$/.exec(name.replace(kHash, ''))?.[1] ?? name;
  return Object.keys(kTruth).filter((role) => kTruth[role].includes(plain));
};

/**
 * The roles of `adopted` that are wrong, in words: a function of another name, or of none.
 * @param {Uint8Array} named the program with its names
 * @param {{ roles: { role: string, index: number }[] }} adopted
 */
export function wrongRoles(named, { roles }) {
  const { names } = readModule(named, 'the program');
  return roles.filter(({ role, index }) => !rolesNamed(names.get(index)).includes(role)).map(({ role, index }) => `${names.get(index) ?? `func[${index}]`} taken for ${role}`);
}
