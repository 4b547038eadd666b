// What Emscripten's JavaScript gives its allocators: the size of the memory, and growth. Emscripten grows by a fifth
// at least (its default MEMORY_GROWTH_GEOMETRIC_STEP), so that its programs seldom grow: the same here.
#include <stddef.h>

#define PAGE 65536u

size_t emscripten_get_heap_size(void) { return __builtin_wasm_memory_size(0) * PAGE; }

int emscripten_resize_heap(size_t bytes) {
  size_t now = __builtin_wasm_memory_size(0);
  size_t wanted = (bytes + PAGE - 1) / PAGE;
  size_t generous = now + now / 5;
  size_t target = generous > wanted ? generous : wanted;
  return __builtin_wasm_memory_grow(0, target - now) != (size_t)-1 ||
         __builtin_wasm_memory_grow(0, wanted - now) != (size_t)-1;
}

__attribute__((weak)) _Noreturn void __assert_fail(const char *what, const char *file, int line, const char *function) {
  (void)what, (void)file, (void)line, (void)function;
  __builtin_trap();
}

__attribute__((weak)) int *__errno_location(void) {
  static int number;
  return &number;
}

void *memalign(size_t alignment, size_t bytes);
__attribute__((weak)) void *aligned_alloc(size_t alignment, size_t bytes) { return memalign(alignment, bytes); }
