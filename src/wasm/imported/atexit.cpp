// A program loaded by memory.js doesn't end: the destructors of its global objects never run, so registering one does nothing.
// (Its functions are in its own table, which memory.wasm can't call.)

extern "C" int __cxa_atexit(void (*)(void*), void*, void*) { return 0; }
