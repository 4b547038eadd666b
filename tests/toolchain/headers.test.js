// Every header compiles alone, in every version of C and C++, without a warning; and put first on the include path it hides nothing of
// wasi-libc or libc++.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { kDist, llvmVersions } from './llvm.js';

const include = join(kDist, 'include');
const kStrict = ['-Wall', '-Wextra', '-Wpedantic', '-Werror', '-fsyntax-only', `-I${include}`];
const cHeaders = [...readdirSync(include).filter((name) => /^[a-z]\w*\.h$/.test(name)), 'sys/types.h'];
const cppHeaders = [...cHeaders.filter((name) => name !== 'complex.h'), 'new'];

/** Nothing to complain of in this text? */
function compiles(compiler, language, options, text) {
  const { stderr } = spawnSync(compiler, [...options, ...kStrict, '-x', language, '-'], { input: text, encoding: 'utf8' });
  assert.equal(stderr, '', text);
}

const including = (...headers) => headers.map((header) => `#include <${header}>\n`).join('');

// C23 was c2x, and C++23 c++2b, before they were finished.
const kVersions = { c: ['c89', 'c99', 'c11', 'c17', 'c2x'], 'c++': ['c++98', 'c++11', 'c++14', 'c++17', 'c++20', 'c++2b'] };

for (const version of llvmVersions()) {
  for (const [language, standards] of Object.entries(kVersions)) {
    const compiler = `clang${language === 'c' ? '' : '++'}-${version}`;
    const headers = language === 'c' ? cHeaders : cppHeaders;

    for (const standard of standards) {
      test(`${compiler} -std=${standard}: all headers, twice`, () => compiles(compiler, language, ['--target=wasm32', '-nostdlib', `-std=${standard}`], including(...headers, ...headers)));
    }
  }
}

test('each header alone', () => {
  for (const header of cHeaders) compiles('clang-19', 'c', ['--target=wasm32', '-nostdlib', '-std=c99'], `${including(header)}int nothing;\n`);
  for (const header of cppHeaders) compiles('clang++-19', 'c++', ['--target=wasm32', '-nostdlib', '-std=c++11'], including(header));
});

const kBesideC = `${including('stdio.h', 'stdlib.h', 'string.h', 'unistd.h', 'errno.h', 'stdint.h', 'inttypes.h', 'limits.h', 'memory_wasm.h')}
FILE* file(void) { return fopen("x", "r"); }
char* environment(void) { return getenv("HOME"); }
long position(int descriptor) { return read(descriptor, 0, PATH_MAX) + EINVAL + heap_check(); }
void* more(intptr_t count) { return reallocarray(sbrk(count), 1, 2); }
`;

const kBesideCpp = `${including('string', 'vector', 'map', 'new', 'cstdlib', 'cstring', 'memory_wasm.h')}
std::map<std::string, std::vector<int>> words;
void* place(char* where) { return new (where) std::string(std::getenv("HOME")); }
`;

for (const version of [14, 19]) {
  test(`LLVM ${version}: beside wasi-libc`, () => {
    compiles(`clang-${version}`, 'c', ['--target=wasm32-wasi', '-std=c11', '-D_GNU_SOURCE'], kBesideC);
    compiles(`clang++-${version}`, 'c++', ['--target=wasm32-wasi', '-nostdinc++', '-std=c++17'], kBesideC);
  });
}

test('LLVM 19: beside libc++', () => compiles('clang++-19', 'c++', ['--target=wasm32-wasi', '-std=c++20'], kBesideCpp));
