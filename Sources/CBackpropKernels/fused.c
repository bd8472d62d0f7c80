// A product and the code that finishes it, region by region. bp_kernels.h has the contract.
#include "bp_internal.h"

// Arrays that are asked for ahead, and the elements of a domain from which that pays: more than a core's caches hold.
enum { PREPARED = 4, PREPARED_DOMAIN = 1 << 19 };

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

enum { LINE = 64 };

// Asks for the arrays of the domain's size that the code reads. Only large domains are worth it: others are in cache.
static void prepare_region(const bp_finish *finish, int64_t i, int64_t rows, int64_t j, int64_t columns) {
  const fused_call *call = (const fused_call *)finish;
  const int64_t size = call->real == BP_FLOAT64 ? 8 : 4;
  const bp_code *codes = call->codes + call->map->firstCode;
  const bp_operand *seen[PREPARED] = {0};
  int count = 0;
  for (int c = 0; c < call->map->codeCount; c++) {
    const bp_operand *operands[2] = {&codes[c].a, &codes[c].b};
    for (int o = 0; o < 2 && count < PREPARED; o++) {
      const bp_operand *operand = operands[o];
      if (operand->local || operand->splat || operand->stride != call->map->columns
          || operand->slot == BP_SLOT_WINDOW || operand->slot == BP_SLOT_SCRATCH) continue;
      int known = 0;
      for (int k = 0; k < count; k++) known |= seen[k]->slot == operand->slot && seen[k]->offset == operand->offset;
      if (!known) seen[count++] = operand;
    }
  }
  for (int k = 0; k < count; k++) {
    const char *base = (const char *)call->bases[seen[k]->slot] + seen[k]->offset;
    for (int64_t r = 0; r < rows; r++) {
      const int64_t place = (call->tile.i0 + i + r) * seen[k]->stride + call->tile.j0 + j;
      for (int64_t byte = 0; byte < columns * size; byte += LINE) __builtin_prefetch(base + place * size + byte, 1, 2);
    }
  }
}

void bp_fused_run(bp_path path, bp_real real, const bp_map *map, const bp_code *codes, const bp_gemm *gemm,
                  void **bases, int32_t threads, int32_t task) {
  char *scratch = (char *)bases[BP_SLOT_SCRATCH] + map->productScratch;
  fused_call call = {.finish = {finish_region, NULL}, .path = path, .real = real, .map = map, .codes = codes,
                     .gemm = gemm, .bases = bases, .tile = bp_gemm_tile(gemm, threads, task)};
  if ((int64_t)gemm->m * gemm->n >= PREPARED_DOMAIN) call.finish.prepare = prepare_region;
  call.window = scratch;
  if (gemm->isWindow) bases[BP_SLOT_WINDOW] = call.window;
  bp_gemm_run_tile(path, real, gemm, bases, scratch + bp_gemm_window(gemm, real), &call.tile, &call.finish);
}
