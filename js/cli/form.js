// Whether a file is a WebAssembly module at all; if not, what it seems to be, and what makes a module of it.

const kModule = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** How other files begin, and what to do with them. @type {[string, string][]} */
const FORMS = [
  ['\0asm\x0d', 'It is a component; programs are core modules. Take the core module it was made of (wasm-tools component unbundle).'],
  ['\0asm', 'It is a module of another version of WebAssembly.'],
  ['(', 'It is text: assemble it (wat2wasm program.wat -o program.wasm).'],
  ['<', "It is a page (HTML or XML), as servers send instead of a file that they don't have."],
  ['!<arch>', 'It is a library of object files: link them (wasm-ld --no-entry --allow-undefined --export=... --whole-archive library.a -o program.wasm).'],
  ['\x1f\x8b', 'It is compressed: gunzip it.'],
  ['version https://git-lfs', 'It stands for a file in Git LFS: git lfs pull brings that.'],
  ['\x7fELF', 'It is a program for another machine: build it for --target=wasm32.'],
  ['BC\xc0\xde', 'It is LLVM bitcode: link it (wasm-ld --no-entry --allow-undefined --export=... program.o -o program.wasm).'],
];

const hex = (/** @type {Iterable<number>} */ bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');

/** @param {Uint8Array} bytes @param {string} file */
export function checkForm(bytes, file) {
  const found = bytes.subarray(0, kModule.length);
  if (hex(found) === hex(kModule)) return;
  const start = Buffer.from(bytes.subarray(0, 64)).toString('latin1').trimStart();
  const advice = bytes.length
    ? (FORMS.find(([beginning]) => start.startsWith(beginning))?.[1] ?? 'Is it the right file?')
    : 'It is empty: did the build or the download fail?';
  throw new Error(`${file} is not a WebAssembly module: it begins with ${hex(found) || 'nothing'}, not with ${hex(kModule)}. ${advice}`);
}
