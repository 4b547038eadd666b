// The mistakes of tests/check/programs/misuse.c and of the other languages: a function, its arguments, the error, and what is known of the access and the block.

/** @type {[string, any[], string, { operation: string, size: number, distance?: number, byteLength?: number }][]} */
export const kMistakes = [
  ['write_past', [], 'OverrunError', { operation: 'write', size: 1, distance: 0, byteLength: 13 }],
  ['read_past', [], 'OverrunError', { operation: 'read', size: 1, distance: 0, byteLength: 13 }],
  ['read_past_wide', [], 'OverrunError', { operation: 'read', size: 8, distance: 0, byteLength: 12 }],
  ['read_before', [], 'UnderrunError', { operation: 'read', size: 1, distance: -1, byteLength: 40 }],
  ['write_before', [], 'UnderrunError', { operation: 'write', size: 4, distance: -4, byteLength: 40 }],
  ['read_freed', [], 'UseAfterFreeError', { operation: 'read', size: 4, distance: 4, byteLength: 16 }],
  ['write_freed', [], 'UseAfterFreeError', { operation: 'write', size: 4, distance: 0, byteLength: 16 }],
  ['read_reallocated', [], 'UseAfterFreeError', { operation: 'read', size: 4, distance: 0, byteLength: 16 }],
  ['null_field', [0], 'NullPointerError', { operation: 'read', size: 4 }],
  ['memcpy_past', [13], 'OverrunError', { operation: 'write', size: 13, distance: 0, byteLength: 12 }],
  ['memset_past', [24], 'OverrunError', { operation: 'write', size: 25, distance: 0, byteLength: 24 }],
  ['loop_past', [10], 'OverrunError', { operation: 'write', size: 4, distance: 0, byteLength: 40 }],
  ['list_freed', [], 'UseAfterFreeError', { operation: 'read', size: 4, distance: 0, byteLength: 16 }],
  ['no_terminator', [], 'OverrunError', { operation: 'read', size: 1, distance: 0, byteLength: 8 }],
  ['wild', [0x7fff0000], 'WildPointerError', { operation: 'read', size: 4 }],
  ['never_written', [], 'UninitializedReadError', { operation: 'read', size: 4, distance: 4, byteLength: 8 }],
];

/** Those of misuse.cpp, and what a finding says of each. @type {[name: string, error: string, known: Record<string, unknown>][]} */
const kCppMistakes = [
  ['cpp_write_past', 'OverrunError', { operation: 'write', size: 4, distance: 0 }],
  ['cpp_iterator_past', 'OverrunError', { operation: 'read', size: 4, distance: 0 }],
  ['cpp_deleted_object', 'UseAfterFreeError', { operation: 'read', size: 4, distance: 0 }],
  ['cpp_dangling_reference', 'UseAfterFreeError', { operation: 'read', size: 4, distance: 4 }],
  ['cpp_new_freed', 'MismatchedFreeError', { operation: 'free' }],
  ['cpp_array_deleted', 'MismatchedFreeError', { operation: 'free' }],
  ['cpp_deleted_twice', 'DoubleFreeError', { operation: 'free' }],
];

/** By the extension of misuse.*: the function that makes no mistake, and those that make one. @type {Record<string, { clean: string, mistakes: [name: string, error: string, known: Record<string, unknown>][] }>} */
export const kLanguages = {
  cpp: { clean: 'cpp_clean', mistakes: kCppMistakes },
  rs: {
    clean: 'rust_clean',
    mistakes: [
      ['rust_write_past', 'OverrunError', { operation: 'write', size: 4, distance: 0 }],
      ['rust_read_before', 'UnderrunError', { operation: 'read', size: 1, distance: -1 }],
      ['rust_dangling', 'UseAfterFreeError', { operation: 'read', size: 4, distance: 0 }],
      ['rust_dropped_twice', 'DoubleFreeError', { operation: 'free' }],
    ],
  },
  ts: { // has a source map
    clean: 'ts_clean',
    mistakes: [
      ['ts_write_past', 'OverrunError', { operation: 'write', size: 1, distance: 0 }],
      ['ts_dangling', 'UseAfterFreeError', { operation: 'read', size: 4, distance: 8 }],
      ['ts_freed_twice', 'DoubleFreeError', { operation: 'free' }],
    ],
  },
  zig: {
    clean: 'zig_clean',
    mistakes: [
      ['zig_write_past', 'OverrunError', { operation: 'write', size: 1, distance: 0 }],
      ['zig_read_before', 'UnderrunError', { operation: 'read', size: 1, distance: -1 }],
      ['zig_dangling', 'UseAfterFreeError', { operation: 'read', size: 1, distance: 4 }],
      ['zig_freed_twice', 'DoubleFreeError', { operation: 'free' }],
    ],
  },
};
