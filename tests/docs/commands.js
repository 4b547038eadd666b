// Every command that README.md and docs/*.md show in a block marked ```sh, and the file that runs it: the file's text contains the
// command as it stands here. For tests/run the list of its steps counts.

/** @type {Record<string, string>} */
export const kRunBy = {
  'examples/record/run': 'tests/examples/record.test.js',
  'examples/record/run --check': 'tests/run',
  'examples/gallery/run': 'tests/gallery/gallery.test.js',
  'npm run docs': 'tests/site/site.test.js',
  'tests/run': '.ci/run',
  'node tests/libraries/run.js': 'package.json',
  'emcc -O1 program.c -Idist/include dist/libmemory.a -sMALLOC=none -sALLOW_MEMORY_GROWTH -o program.js': 'tests/toolchain/long/emscripten.js',
  'emcc -O2 program.c dist/libmemory.a -sMALLOC=none -sALLOW_MEMORY_GROWTH -sSTANDALONE_WASM --no-entry -o program.wasm': 'tests/toolchain/long/emscripten.js',
  'cmake --workflow --preset dist': 'tests/run',
  'cmake --workflow --preset host': 'tests/run',
  'cmake --workflow --preset release': 'tests/run',
  'npm run test:browser -- chromium': 'tests/run',
  'examples/cpp/run': 'tests/examples/small.test.js',
  'examples/cpp-containers/run': 'tests/examples/small.test.js',
  'examples/rust-no-std/run': 'tests/examples/small.test.js',
  'examples/rust-beside/run': 'tests/examples/small.test.js',
  'examples/zig/run': 'tests/examples/small.test.js',
  'examples/assemblyscript/run': 'tests/examples/small.test.js',
  'examples/rust/run': 'tests/examples/small.test.js',
  'examples/memory64/run': 'tests/examples/small.test.js',
  'examples/secure/run': 'tests/examples/small.test.js',
  'examples/threads/run': 'tests/shared/browser.test.js',
  'examples/one-thread/run': 'tests/examples/small.test.js',
  'node tests/shared/terminations.js 1000': 'tests/goals/threads.goals.mjs',
  'node tests/shared/stress.js --minutes 30': 'tests/goals/threads.goals.mjs',
  'node tests/shared/measure.js': 'tests/goals/threads.goals.mjs',
  'examples/static/run': 'tests/examples/small.test.js',
  'examples/wat/run': 'tests/examples/small.test.js',
};
