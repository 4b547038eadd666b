/* errno as POSIX has the allocation functions set it. The heap can't: freestanding code has no errno. Linked with --wrap.
 * posix_memalign returns its error, and does not set errno. */
#include <errno.h>
#include <stddef.h>

void* __real_malloc(size_t size);
void* __real_calloc(size_t count, size_t size);
void* __real_realloc(void* mem, size_t size);
void* __real_reallocarray(void* mem, size_t count, size_t size);
void* __real_aligned_alloc(size_t alignment, size_t size);
void* __real_memalign(size_t alignment, size_t size);
int __real_posix_memalign(void** result, size_t alignment, size_t size);

static void* or_error(void* mem, int error) {
  if (!mem) errno = error;
  return mem;
}

static int alignment_error(size_t alignment) { return alignment == 0 || (alignment & (alignment - 1)) ? EINVAL : ENOMEM; }

void* __wrap_malloc(size_t size) { return or_error(__real_malloc(size), ENOMEM); }
void* __wrap_calloc(size_t count, size_t size) { return or_error(__real_calloc(count, size), ENOMEM); }
void* __wrap_realloc(void* mem, size_t size) { return or_error(__real_realloc(mem, size), ENOMEM); }
void* __wrap_reallocarray(void* mem, size_t count, size_t size) { return or_error(__real_reallocarray(mem, count, size), ENOMEM); }
void* __wrap_aligned_alloc(size_t alignment, size_t size) { return or_error(__real_aligned_alloc(alignment, size), alignment_error(alignment)); }
void* __wrap_memalign(size_t alignment, size_t size) { return or_error(__real_memalign(alignment, size), alignment_error(alignment)); }

int __wrap_posix_memalign(void** result, size_t alignment, size_t size) { return __real_posix_memalign(result, alignment, size); }
