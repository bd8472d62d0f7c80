// Definitions in the executable come before those of the C library, for every caller in the process: so each call
// passes through here, is counted, and goes on to the next definition.
#define _GNU_SOURCE
#include "include/allocation_counter.h"
#include <stdatomic.h>
#include <stddef.h>

static _Atomic int64_t calls;

int64_t allocation_count(void) { return atomic_load(&calls); }

#if defined(__linux__) && defined(__GLIBC__)
#include <errno.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

int allocation_counting_works(void) { return 1; }

static void count(void) { atomic_fetch_add_explicit(&calls, 1, memory_order_relaxed); }

void *malloc(size_t size) {
  count();
  return __libc_malloc(size);
}
void *calloc(size_t items, size_t size) {
  count();
  return __libc_calloc(items, size);
}
void *realloc(void *old, size_t size) {
  count();
  return __libc_realloc(old, size);
}
void *memalign(size_t alignment, size_t size) {
  count();
  return __libc_memalign(alignment, size);
}
void *aligned_alloc(size_t alignment, size_t size) {
  count();
  return __libc_memalign(alignment, size);
}
int posix_memalign(void **result, size_t alignment, size_t size) {
  count();
  void *memory = __libc_memalign(alignment, size);
  if (!memory) return ENOMEM;
  *result = memory;
  return 0;
}
void *mmap(void *address, size_t length, int protection, int flags, int file, off_t offset) {
  count();
  return (void *)syscall(SYS_mmap, address, length, protection, flags, file, offset);
}
#else
int allocation_counting_works(void) { return 0; }
#endif
