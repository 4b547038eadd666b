// How a linked program ends: exit runs what atexit and the destructors of global objects registered, newest first.
//
// A program without an entry never ends by itself, so nothing runs before it calls exit or a host calls an export that does.
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

// Without a system there is nobody to report the status to: a program that wants it defines this itself.
[[gnu::noreturn, gnu::weak]] void _Exit(int) { abort(); }

[[gnu::noreturn, gnu::weak]] void exit(int status) {
  __cxa_finalize(nullptr);
  _Exit(status);
}
}
