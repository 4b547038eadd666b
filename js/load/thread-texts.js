// What errors of threads say.

/** @type {import('../errors.js').Texts} */
export const kTexts = {
  'LinkModeError stack': (file) =>
    `${file} does not export its stack pointer, so two threads would write to one stack. Link it with -Wl,--export=__stack_pointer (a program without a stack: options.stack: 0).`,
  'LinkModeError thread-locals': (file, missing, flags) =>
    `${file} has thread-local variables and does not export ${missing}, so all threads but the first would find them at address 0. Link it with -Wl,${flags}.`,
  'LinkModeError one-thread': (file, problem) =>
    `${file} was built for one thread: ${problem}. Compile it with -matomics -mbulk-memory and link it with --shared-memory. Or load it with makeShared: true in the first thread, and join with handle.program in the others (docs/heaps.md says what is not safe then).`,
  'MemoryKindError isolated': (file) =>
    `${file} needs a memory that threads share, and browsers allow that only in a page that is isolated from other origins. Serve the page with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp (the script of a Worker with the second, too).`,
  'OutOfMemoryError join': (pages, most) =>
    `this thread gets no heap: the memory (${pages} pages) can't grow any more, ${most} threads have one already, or the handle is of another memory. Raise --max-memory, or let threads leave (thread.leave()).`,
  'OutOfMemoryError shared': (pages) =>
    `the memory (${pages} pages) can't grow by the pages that a heap of threads begins with: 2, and those of its blocks. Raise --max-memory.`,
  'OutOfMemoryError stack': (file, bytes) =>
    `no memory for the stack of this thread of ${file}: ${bytes} bytes. Pass a smaller options.stack, or raise --max-memory.`,
};
