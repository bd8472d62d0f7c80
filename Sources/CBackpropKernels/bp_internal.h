// What the files of this target share.
#ifndef BP_INTERNAL_H
#define BP_INTERNAL_H
#include "include/bp_kernels.h"

void bp_copy_run(const bp_copy *copy, void *const *bases);
void bp_gather_run(const bp_index *gather, bp_real real, void *const *bases);
void bp_scatter_add_run(const bp_index *scatter, bp_real real, void *const *bases);

// Denormals: FTZ and DAZ on this thread; returns the register as it was, for bp_denormals_restore.
uint64_t bp_denormals_flush(void);
void bp_denormals_restore(uint64_t saved);
#endif
