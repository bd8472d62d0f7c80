// What the files of this target share.
#ifndef BP_INTERNAL_H
#define BP_INTERNAL_H
#include "include/bp_kernels.h"

void bp_copy_run(const bp_copy *copy, void *const *bases);
void bp_gather_run(const bp_index *gather, bp_real real, void *const *bases);
void bp_scatter_add_run(const bp_index *scatter, bp_real real, void *const *bases);

// Code that follows a product, region by region: rows [i, i + rows) × columns [j, j + columns) of the tile are done.
typedef struct bp_finish {
  void (*run)(const struct bp_finish *finish, int64_t i, int64_t rows, int64_t j, int64_t columns);
  // Called while a part of the region is computed: asks for the memory that the code will read. May be NULL.
  void (*prepare)(const struct bp_finish *finish, int64_t i, int64_t rows, int64_t j, int64_t columns);
} bp_finish;

// The way of a tile through its product.
typedef struct bp_tile { int64_t batch, i0, j0, m, n; } bp_tile;
bp_tile bp_gemm_tile(const bp_gemm *gemm, int32_t threads, int32_t task);
// As bp_gemm_run, with scratch of its own; `finish` may be NULL.
void bp_gemm_run_tile(bp_path path, bp_real real, const bp_gemm *gemm, void *const *bases, void *scratch,
                      const bp_tile *tile, const bp_finish *finish);
// The bytes of a window, at the beginning of a product's scratch.
size_t bp_gemm_window(const bp_gemm *gemm, bp_real real);
// A map's code on the blocks of a region, which begins on a block of rows.
void bp_map_run_region(bp_path path, bp_real real, const bp_map *map, const bp_code *codes, void *const *bases,
                       int64_t row, int64_t rows, int64_t column, int64_t columns);

// Denormals: FTZ and DAZ on this thread; returns the register as it was, for bp_denormals_restore.
uint64_t bp_denormals_flush(void);
void bp_denormals_restore(uint64_t saved);
#endif
