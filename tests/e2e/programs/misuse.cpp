// Blocks that one family of functions allocated and another freed.
#include <stddef.h>

extern "C" void* malloc(size_t);
extern "C" void free(void*);

namespace std {
enum class align_val_t : size_t {};
}
void* operator new(size_t, std::align_val_t);
void operator delete(void*, std::align_val_t) noexcept;
void operator delete(void*, size_t) noexcept;

extern "C" {
unsigned at;
}

namespace {

void* volatile hidden;

template <class T>
[[gnu::noinline]] T* hide(T* pointer) {
  hidden = const_cast<void*>(static_cast<const volatile void*>(pointer));
  at = reinterpret_cast<unsigned>(hidden);
  return static_cast<T*>(hidden);
}

}  // namespace

#define EXPORT extern "C" __attribute__((visibility("default")))

EXPORT void newWithFree() { free(hide(new int)); }
EXPORT void newArrayWithDelete() { delete hide(new int[10]); }
EXPORT void newWithDeleteArray() { delete[] hide(new int); }
EXPORT void mallocWithDelete() { ::operator delete(hide(malloc(20))); }
EXPORT void deletedTwice() {
  int* number = hide(new int);
  delete number;
  delete hide(number);
}
EXPORT void sizedDeleteWrong() { ::operator delete(hide(::operator new(24)), size_t(32)); }
EXPORT void alignedWithPlainDelete() { ::operator delete(hide(::operator new(24, std::align_val_t(64)))); }
EXPORT void alignedWrong() { ::operator delete(hide(::operator new(24, std::align_val_t(64))), std::align_val_t(128)); }
EXPORT void cleanNew() {
  delete hide(new int);
  delete[] hide(new char[5]);
  ::operator delete(hide(::operator new(24)), size_t(24));
  ::operator delete(hide(::operator new(24, std::align_val_t(64))), std::align_val_t(64));
}
