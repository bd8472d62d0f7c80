// A product and the code that finishes it, region by region. bp_kernels.h has the contract.
#include "bp_internal.h"

typedef struct fused_call {
  bp_finish finish;
  bp_path path;
  bp_real real;
  const bp_map *map;
  const bp_code *codes;
  const bp_gemm *gemm;
  void **bases;
  char *window;
  bp_tile tile;
} fused_call;

static void finish_region(const bp_finish *finish, int64_t i, int64_t rows, int64_t j, int64_t columns) {
  const fused_call *call = (const fused_call *)finish;
  const int64_t row = call->tile.i0 + i, column = call->tile.j0 + j;
  if (call->gemm->isWindow) {
    // Operands count from the domain's corner.
    const int64_t size = call->real == BP_FLOAT64 ? 8 : 4;
    call->bases[BP_SLOT_WINDOW] = (void *)((uintptr_t)call->window
        - (uintptr_t)((row * call->gemm->ldc + column) * size));
  }
  bp_map_run_region(call->path, call->real, call->map, call->codes, call->bases, row, rows, column, columns);
}

void bp_fused_run(bp_path path, bp_real real, const bp_map *map, const bp_code *codes, const bp_gemm *gemm,
                  void **bases, int32_t threads, int32_t task) {
  char *scratch = (char *)bases[BP_SLOT_SCRATCH] + map->productScratch;
  fused_call call = {.finish = {finish_region}, .path = path, .real = real, .map = map, .codes = codes,
                     .gemm = gemm, .bases = bases, .tile = bp_gemm_tile(gemm, threads, task)};
  call.window = scratch;
  if (gemm->isWindow) bases[BP_SLOT_WINDOW] = call.window;
  bp_gemm_run_tile(path, real, gemm, bases, scratch + bp_gemm_window(gemm, real), &call.tile, &call.finish);
}
