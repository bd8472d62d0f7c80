// C(i, j) = start(i, j) + Σ_k A(i, k)·B(k, j). The contract is in bp_kernels.h.
//
// Bits: an element is one chain of fused multiply-adds over ascending k that begins at start, and nothing
// else ever touches it. Blocks of k store the chain to C and take it up from there, which is exact; tiles
// over rows and columns, packing and the width of vectors decide only which chains run at the same time. So
// every instruction set, tile size and thread count gives the same bits. (The payload of a NaN that meets
// another NaN is the exception.)
//
// The way of a product, for each block of columns, then of k, then of rows:
//
//        blockN                      packed B: panels of 2 vectors' columns, step after step of k
//       ┌──────┐ blockK              packed A: panels of up to GEMM_ROWS rows, step after step of k
//       │  B   │                     tile: one panel of A × one panel of B, accumulators in registers
//       └──────┘
//  ┌──┐ ┌──────┐
//  │A │ │  C   │ blockM
//  └──┘ └──────┘
//
// A and B are packed only if reading them where they are would be slower (gemm_plan_straight). Four special
// ways: a few steps of k hold B in registers (gemm_stream); one or two rows against a transposed B transpose
// it on the fly (gemm_dot); a few columns compute Cᵀ = Bᵀ·Aᵀ (gemm_swapped); a few rows take wider tiles.
//
// Whole vectors are read: up to W - 1 elements behind a row of A, B or start are loaded and not used.
#include "include/bp_kernels.h"
#include <stdbool.h>

// Widths of kernels in vectors: common ones, and those for a few rows, which need more independent chains.
enum { GEMM_VECTORS = 2, GEMM_WIDE_VECTORS = 4 };
// Rows up to which a transposed B is transposed on the fly, not packed.
enum { GEMM_DOT_ROWS = 2 };

// Blocks in float32 elements (M and N are halved for float64): A and B packed take 0.3 and 0.8 MB of a core's
// L2 cache. Blocks and limits for packing come from trials on one kind of CPU (2 MB of L2); they change the
// time only.
enum {
  GEMM_BLOCK_M = 168, GEMM_BLOCK_N = 512, GEMM_BLOCK_K = 384,
  GEMM_WALK_K = 32,             // block of k where a large B is read in place
  GEMM_LARGE_B = 1 << 20,       // bytes of B that do not stay in L2 beside the rest
  GEMM_PACK_B_TILES = 9,        // tiles of rows that repay packing a large B
  GEMM_PACK_A_VECTORS = 8,      // vectors of columns that repay packing A
  GEMM_PACK_STEPS = 16,         // k below which A is never packed
  GEMM_NEAR_PITCH = 2048,       // bytes; from here on multiples of 1 kB are awkward,
  GEMM_FAR_PITCH = 8192,        // from here on all pitches
  GEMM_PREFETCH_STEPS = 64      // k from which a kernel fetches the next tile of C
};

// One tile of one product of the batch.
typedef struct gemm_task { int64_t batch, i0, j0, m, n; } gemm_task;

static inline int64_t gemm_round_up(int64_t x, int64_t multiple) {
  return (x + multiple - 1) / multiple * multiple;
}

// The length of blocks when `length` is cut into as few as `most` allows, all about equal: multiples of
// `unit`.
static inline int64_t gemm_even_block(int64_t length, int64_t most, int64_t unit) {
  if (length <= 0) return unit;
  const int64_t blocks = (length + most - 1) / most;
  return gemm_round_up((length + blocks - 1) / blocks, unit);
}

static inline void *gemm_address(void *const *bases, bp_address address) {
  return (char *)bases[address.slot] + address.offset;
}

#define BP_BODY "gemm_body.h"
#include "bp_variants.h"

static int64_t gemm_tile_rows(const bp_gemm *gemm) {
  return gemm->tileRows > 0 && gemm->tileRows < gemm->m ? gemm->tileRows : gemm->m;
}

static int64_t gemm_tile_columns(const bp_gemm *gemm) {
  return gemm->tileColumns > 0 && gemm->tileColumns < gemm->n ? gemm->tileColumns : gemm->n;
}

int32_t bp_gemm_tasks(const bp_gemm *gemm) {
  if (gemm->m <= 0 || gemm->n <= 0) return 0;
  const int64_t tileRows = gemm_tile_rows(gemm), tileColumns = gemm_tile_columns(gemm);
  const int64_t down = (gemm->m + tileRows - 1) / tileRows;
  const int64_t across = (gemm->n + tileColumns - 1) / tileColumns;
  return (int32_t)(gemm->batch * down * across);
}

// The largest need for a tile of m × n of any instruction set that this CPU has: a plan may run on each of them.
// The others must not even be asked: their code is compiled for the set they are of.
static size_t gemm_tile_scratch(const bp_gemm *gemm, bp_real real, int64_t m, int64_t n) {
  const bool wide = real == BP_FLOAT64;
  size_t most = wide ? gemm_tile_scratch_portable_f64(gemm, m, n)
                     : gemm_tile_scratch_portable_f32(gemm, m, n);
#if defined(__x86_64__)
  if (bp_path_supported(BP_PATH_AVX2)) {
    const size_t need = wide ? gemm_tile_scratch_avx2_f64(gemm, m, n) : gemm_tile_scratch_avx2_f32(gemm, m, n);
    if (need > most) most = need;
  }
  if (bp_path_supported(BP_PATH_AVX512)) {
    const size_t need = wide ? gemm_tile_scratch_avx512_f64(gemm, m, n) : gemm_tile_scratch_avx512_f32(gemm, m, n);
    if (need > most) most = need;
  }
#endif
  return most;
}

size_t bp_gemm_scratch(const bp_gemm *gemm, bp_real real) {
  if (gemm->m <= 0 || gemm->n <= 0) return 0;
  const int64_t tileRows = gemm_tile_rows(gemm), tileColumns = gemm_tile_columns(gemm);
  // Tiles at the lower and right edge are smaller, but may take another way.
  const int64_t rows[2] = {tileRows, gemm->m % tileRows ? gemm->m % tileRows : tileRows};
  const int64_t columns[2] = {tileColumns, gemm->n % tileColumns ? gemm->n % tileColumns : tileColumns};
  size_t most = 0;
  for (int i = 0; i < 2; i++) {
    for (int j = 0; j < 2; j++) {
      const size_t need = gemm_tile_scratch(gemm, real, rows[i], columns[j]);
      if (need > most) most = need;
    }
  }
  return most;
}

void bp_gemm_run(bp_path path, bp_real real, const bp_gemm *gemm, void *const *bases, int32_t task) {
  const int64_t tileRows = gemm_tile_rows(gemm), tileColumns = gemm_tile_columns(gemm);
  const int64_t down = (gemm->m + tileRows - 1) / tileRows;
  const int64_t across = (gemm->n + tileColumns - 1) / tileColumns;
  gemm_task tile = {.batch = task / (down * across)};
  tile.i0 = task % (down * across) / across * tileRows;
  tile.j0 = task % across * tileColumns;
  tile.m = gemm->m - tile.i0 < tileRows ? gemm->m - tile.i0 : tileRows;
  tile.n = gemm->n - tile.j0 < tileColumns ? gemm->n - tile.j0 : tileColumns;

  const bool wide = real == BP_FLOAT64;
#if defined(__x86_64__)
  if (path == BP_PATH_AVX512) {
    if (wide) gemm_tile_run_avx512_f64(gemm, bases, tile);
    else gemm_tile_run_avx512_f32(gemm, bases, tile);
    return;
  }
  if (path == BP_PATH_AVX2) {
    if (wide) gemm_tile_run_avx2_f64(gemm, bases, tile);
    else gemm_tile_run_avx2_f32(gemm, bases, tile);
    return;
  }
#endif
  (void)path;
  if (wide) gemm_tile_run_portable_f64(gemm, bases, tile);
  else gemm_tile_run_portable_f32(gemm, bases, tile);
}
