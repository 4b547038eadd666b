// What libmemory-pic.a finds in place of the linker's bounds of the free memory. A position-independent module gets its data wherever
// the loader puts it, and the memory behind it belongs to others: the heap has no first region and begins with pages that it grows.
#include <stddef.h>

extern "C" {

[[gnu::visibility("hidden")]] unsigned char __heap_base = 0;
[[gnu::visibility("hidden")]] extern unsigned char __heap_end __attribute__((alias("__heap_base")));

// Unless the program has one. Left undefined it would be an import, which the loader would have to provide.
[[gnu::weak]] size_t heap_key() { return 0; }
}
