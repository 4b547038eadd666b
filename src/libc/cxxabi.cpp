// What compiled C++ calls by itself, other than operator new and delete (the Itanium C++ ABI, as clang follows it on wasm32).
//
// Weak, because libc++abi has them too. Exceptions are not among them: `throw` needs __cxa_throw, which nobody provides, so the
// linker names it. Compile with -fno-exceptions.
#include <stdlib.h>

namespace {

// The guard of a static variable inside a function: 32 bits, of which the compiler itself reads the first byte.
struct Guard {
  unsigned char is_constructed;
  unsigned char is_being_constructed;
  unsigned char unused[2];
};
static_assert(sizeof(Guard) == 4);

}  // namespace

extern "C" {

// 1 if the caller is to construct the variable. A constructor that needs its own variable has no right answer: it stops.
[[gnu::weak]] int __cxa_guard_acquire(Guard* guard) {
  if (guard->is_constructed) return 0;
  if (guard->is_being_constructed) abort();
  guard->is_being_constructed = 1;
  return 1;
}

[[gnu::weak]] void __cxa_guard_release(Guard* guard) {
  guard->is_constructed = 1;
  guard->is_being_constructed = 0;
}

[[gnu::weak]] void __cxa_guard_abort(Guard* guard) { guard->is_being_constructed = 0; }

// In the table of virtual functions where a class has none: reached by a call during construction or destruction.
[[gnu::noreturn, gnu::weak]] void __cxa_pure_virtual() { abort(); }
[[gnu::noreturn, gnu::weak]] void __cxa_deleted_virtual() { abort(); }
}
