// Records what a program asks of malloc: LD_PRELOAD=recorder.so RECORD_TO=prefix program. Each process writes
// prefix.<pid>; convert.js turns the file into a trace. Only Linux with glibc: its __libc_ names spare us dlsym,
// which itself allocates.
//
// An event is three words of 64 bits: operation << 56 | bytes, the old address, the new address.
// After RECORD_LIMIT events (default: three million) the recorder falls silent; the trace is then "the first part".
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *__libc_malloc(size_t);
void __libc_free(void *);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

enum operation { MALLOC, FREE, CALLOC, REALLOC, ALIGNED_ALLOC, REALLOC_NULL };
enum { BUFFERED = 4096 };

static uint64_t events[BUFFERED][3];
static size_t buffered, left = 3000000;
static int file = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void flush(void) {
  const char *from = (const char *)events;
  for (size_t bytes = buffered * sizeof events[0]; bytes;) {
    ssize_t written = write(file, from, bytes);
    if (written <= 0) break;
    from += written;
    bytes -= (size_t)written;
  }
  buffered = 0;
}

static void record(enum operation operation, size_t bytes, void *old, void *new) {
  if (file < 0) return;
  pthread_mutex_lock(&lock);
  if (left && left--) {
    uint64_t *event = events[buffered];
    event[0] = (uint64_t)operation << 56 | bytes;
    event[1] = (uint64_t)old;
    event[2] = (uint64_t)new;
    if (++buffered == BUFFERED) flush();
  }
  pthread_mutex_unlock(&lock);
}

// A child that doesn't exec would write into its parent's file.
static void forget(void) { file = -1; }

__attribute__((constructor)) static void begin(void) {
  const char *prefix = getenv("RECORD_TO"), *limit = getenv("RECORD_LIMIT");
  if (!prefix) return;
  if (limit) left = strtoull(limit, NULL, 10);
  char path[4096];
  snprintf(path, sizeof path, "%s.%d", prefix, (int)getpid());
  pthread_atfork(NULL, NULL, forget);
  int opened = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  // Programs that close every descriptor from 3 on, or count on the lowest free one, must not meet ours.
  file = fcntl(opened, F_DUPFD_CLOEXEC, 900);
  close(opened);
}

__attribute__((destructor)) static void end(void) {
  pthread_mutex_lock(&lock);
  if (file >= 0) flush();
  file = -1;
  pthread_mutex_unlock(&lock);
}

// Programs that leave by _exit run no destructor.
void _exit(int status) {
  end();
  _Exit(status);
}

void *malloc(size_t bytes) {
  void *block = __libc_malloc(bytes);
  if (block) record(MALLOC, bytes, NULL, block);
  return block;
}

// Recorded before it happens: another thread may get the same address at once.
void free(void *block) {
  if (block) record(FREE, 0, block, NULL);
  __libc_free(block);
}

void *calloc(size_t count, size_t bytes) {
  void *block = __libc_calloc(count, bytes);
  if (block) record(CALLOC, count * bytes, NULL, block);
  return block;
}

void *realloc(void *old, size_t bytes) {
  void *block = __libc_realloc(old, bytes);
  if (old && !block && bytes == 0) record(FREE, 0, old, NULL);
  else if (block) record(old ? REALLOC : REALLOC_NULL, bytes, old, block);
  return block;
}

static void *aligned(size_t alignment, size_t bytes) {
  void *block = __libc_memalign(alignment, bytes);
  // The old-address word carries the alignment: there is no old block.
  if (block) record(ALIGNED_ALLOC, bytes, (void *)alignment, block);
  return block;
}

void *aligned_alloc(size_t alignment, size_t bytes) { return aligned(alignment, bytes); }
void *memalign(size_t alignment, size_t bytes) { return aligned(alignment, bytes); }

int posix_memalign(void **result, size_t alignment, size_t bytes) {
  if (alignment % sizeof(void *) || (alignment & (alignment - 1)) || !alignment) return EINVAL;
  void *block = aligned(alignment, bytes);
  if (!block) return ENOMEM;
  *result = block;
  return 0;
}
