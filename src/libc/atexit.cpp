// The functions that run when a program ends: those of atexit and the destructors of global objects, newest first.
//
//     atexit(f), a global object  ->  __cxa_atexit   keeps them
//     exit, or main's return      ->  __funcs_on_exit   runs them; musl's and wasi-libc's exit call it by this name
//
// exit itself comes from the C library, which knows how its system ends a program: from libmemory_c.a (exit.cpp), or from one linked behind
// libmemory.a. A program without an entry that calls neither never ends, and nothing here runs.
#include <stdlib.h>

namespace {

struct AtExit {
  AtExit* older;
  void (*function)(void*);
  void* argument;
  void* module;  // null, or the __dso_handle of a part of the program that may be unloaded
};

AtExit* newest = nullptr;

void call(void* function) { reinterpret_cast<void (*)()>(function)(); }

}  // namespace

extern "C" {

// 0, or -1 if there is no memory to keep it in.
[[gnu::weak]] int __cxa_atexit(void (*function)(void*), void* argument, void* module) {
  auto* entry = static_cast<AtExit*>(malloc(sizeof(AtExit)));
  if (!entry) return -1;
  *entry = {newest, function, argument, module};
  newest = entry;
  return 0;
}

// Runs what one module registered, or all of it for null. A function that runs may register others: they run next.
[[gnu::weak]] void __cxa_finalize(void* module) {
  for (AtExit** link = &newest; *link;) {
    AtExit* entry = *link;
    if (module && entry->module != module) {
      link = &entry->older;
      continue;
    }
    *link = entry->older;
    const AtExit registered = *entry;
    free(entry);
    registered.function(registered.argument);
    link = &newest;
  }
}

[[gnu::weak]] int atexit(void (*function)()) { return __cxa_atexit(call, reinterpret_cast<void*>(function), nullptr); }

// Not weak: the object of the C library that has exit has a weak one, which does nothing and may be linked first.
void __funcs_on_exit() { __cxa_finalize(nullptr); }
}
