// Counts every call of the C allocator and of mmap in this process, on all threads.
#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H
#include <stdint.h>

// Calls of malloc, calloc, realloc, aligned_alloc, posix_memalign, memalign and mmap since the process began.
int64_t allocation_count(void);
// Whether the allocator can be interposed on this system.
int allocation_counting_works(void);
#endif
