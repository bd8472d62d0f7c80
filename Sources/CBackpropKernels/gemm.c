// C(i, j) = start(i, j) + Σ_k A(i, k)·B(k, j). The contract is in bp_kernels.h.
//
// Bits: an element is one chain of fused multiply-adds over ascending k that begins at start, and nothing
// else ever touches it. Blocks of k store the chain to C and take it up from there, which is exact; tiles
// over rows and columns, packing and the width of vectors decide only which chains run at the same time. So
// every instruction set, tile size and thread count gives the same bits. (The payload of a NaN that meets
// another NaN is the exception.) AMX, in gemm_amx.h, is another way with bits of its own.
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
// Windows over images overlap, so a packed A would hold each element several times. They are read in place too: runs of
// rows and runs of steps are like any matrix, so a tile stands in one run of rows, and its kernel goes from run to run
// of steps with the sums in registers (gemm_block_view). Windows in short runs, or with many columns, are packed.
//
// A row of B that is read in place is read in whole vectors: up to W - 1 elements behind it are loaded and not used.
// Nothing else reads behind the end of what it was given.
#include "bp_internal.h"
#include <stdbool.h>

// Widths of kernels in vectors: common ones, and those for a few rows, which need more independent chains.
enum { GEMM_VECTORS = 2, GEMM_WIDE_VECTORS = 4 };
// Rows up to which a transposed B is transposed on the fly, not packed.
enum { GEMM_DOT_ROWS = 2 };
// Columns from which products of windows go through AMX: numbers rounded to bfloat16 are packed on either way.
enum { AMX_VIEW_COLUMNS = 96, AMX_ROUNDED_VIEW_COLUMNS = 48 };

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
  GEMM_VIEW_COLUMNS = 128,      // columns up to which windows are read in place,
  GEMM_VIEW_PLACES = 576,       // in blocks of k of so many places
  GEMM_VIEW_POSITIONS = 192,    // or positions
  GEMM_PREFETCH_STEPS = 64,     // k from which a kernel fetches the next tile of C
  GEMM_REGION_M = 160,          // as GEMM_BLOCK_M, where code follows: a multiple of BP_REGION_ROWS
  GEMM_WHOLE_REGION = 1 << 14   // elements up to which a product is one region
};

// How a tile's A lies: contiguous along k, across it, or in a packed panel; and in windows, run by run of steps, along k
// or across it.
enum { GEMM_ALONG, GEMM_ACROSS, GEMM_PACKED, GEMM_ALONG_VIEW, GEMM_ACROSS_VIEW };
#define GEMM_IS_VIEW(way) ((way) >= GEMM_ALONG_VIEW)
#define GEMM_IS_ALONG(way) ((way) == GEMM_ALONG || (way) == GEMM_ALONG_VIEW)

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

static inline int64_t gemm_place(const bp_digits *digits, int64_t i) {
  const int64_t rest = i / digits->low;
  return i % digits->low * digits->lowStride + rest % digits->middle * digits->middleStride
      + rest / digits->middle * digits->highStride;
}

int64_t bp_gemm_region_rows(const bp_gemm *gemm) {
  return (int64_t)gemm->m * gemm->n <= GEMM_WHOLE_REGION || gemm->m < BP_REGION_ROWS ? gemm->m : BP_REGION_ROWS;
}

// The rows of a window: those of the largest region. A product of few columns is one region (gemm_swapped); a narrow
// tile of a wider product is not.
static int64_t gemm_window_rows(const bp_gemm *gemm) {
  const bool whole = bp_gemm_region_rows(gemm) == gemm->m || gemm->n <= 4;
  return whole || gemm->m < GEMM_REGION_M ? gemm->m : GEMM_REGION_M;
}

#define BP_BODY "gemm_body.h"
#include "bp_variants.h"
#if defined(__x86_64__)
#include "bp_tiles.h"
#include "gemm_amx.h"
#endif

// The tiles that `threads` threads share: the plan's, or several of them as one, so that there are one or two for each
// thread. Bits do not depend on tiles, and larger ones pack less.
typedef struct gemm_cut { int64_t rows, columns, down, across; } gemm_cut;

// Two tiles a thread balance threads of unequal speed; one, if the thread with the most to do has less then.
static int64_t gemm_cut_length(int64_t length, int64_t unit, int64_t threads) {
  if (unit <= 0 || unit >= length || threads <= 1) return length;
  const int64_t units = (length + unit - 1) / unit;
  int64_t best = 0, least = 0;
  for (int64_t each = 2; each >= 1; each--) {
    const int64_t height = (units + each * threads - 1) / (each * threads), count = (units + height - 1) / height;
    const int64_t most = (count + threads - 1) / threads * height;
    if (best == 0 || most < least) best = height, least = most;
  }
  return best * unit;
}

static gemm_cut gemm_tiles(const bp_gemm *gemm, int32_t threads) {
  gemm_cut cut = {.rows = gemm_cut_length(gemm->m, gemm->tileRows, threads),
                  .columns = gemm_cut_length(gemm->n, gemm->tileColumns, threads)};
  cut.down = (gemm->m + cut.rows - 1) / cut.rows;
  cut.across = (gemm->n + cut.columns - 1) / cut.columns;
  return cut;
}

int32_t bp_gemm_tasks(const bp_gemm *gemm, int32_t threads) {
  if (gemm->m <= 0 || gemm->n <= 0) return 0;
  const gemm_cut cut = gemm_tiles(gemm, threads);
  return (int32_t)(gemm->batch * cut.down * cut.across);
}

int32_t bp_gemm_tile_products(bp_path path, bp_real real, const bp_gemm *gemm) {
#if defined(__x86_64__)
  // Windows over images are laid out before they are split, and multiply-adds read them in place: that takes more columns
  // to repay.
  const int viewColumns = gemm->isBfloat16 ? AMX_ROUNDED_VIEW_COLUMNS : AMX_VIEW_COLUMNS;
  const bool isLarge = gemm->m >= 32 && gemm->n >= (gemm->view.isUsed ? viewColumns : 16) && gemm->k >= 32
      && (int64_t)gemm->m * gemm->n * gemm->k >= 1 << 20;
  if (path == BP_PATH_AMX && real == BP_FLOAT32 && isLarge) return gemm->isBfloat16 ? 1 : 6;
#endif
  (void)path, (void)real, (void)gemm;
  return 0;
}

static size_t gemm_most(size_t a, size_t b) { return a > b ? a : b; }

// The largest need of any instruction set of this CPU for a tile of m × n: a plan does not know which will be forced.
static size_t gemm_tile_scratch(const bp_gemm *gemm, bp_real real, int64_t m, int64_t n) {
  const bool wide = real == BP_FLOAT64;
  size_t most = wide ? gemm_tile_scratch_portable_f64(gemm, m, n) : gemm_tile_scratch_portable_f32(gemm, m, n);
#if defined(__x86_64__)
  if (bp_path_supported(BP_PATH_AVX2))
    most = gemm_most(most, wide ? gemm_tile_scratch_avx2_f64(gemm, m, n) : gemm_tile_scratch_avx2_f32(gemm, m, n));
  if (bp_path_supported(BP_PATH_AVX512))
    most = gemm_most(most,
                     wide ? gemm_tile_scratch_avx512_f64(gemm, m, n) : gemm_tile_scratch_avx512_f32(gemm, m, n));
  if (bp_path_supported(BP_PATH_AMX) && bp_gemm_tile_products(BP_PATH_AMX, real, gemm) > 0) {
    const amx_product p = gemm_tile_product_avx512_f32(gemm, m, n);
    most = gemm_most(most, amx_scratch(&p, gemm->isBfloat16 ? 1 : 3));
  }
#endif
  return most;
}

size_t bp_gemm_window(const bp_gemm *gemm, bp_real real) {
  if (!gemm->isWindow || gemm->m <= 0 || gemm->n <= 0) return 0;
  return (size_t)gemm_round_up(gemm_window_rows(gemm) * gemm->ldc * (real == BP_FLOAT64 ? 8 : 4) + BP_SLACK, BP_ALIGNMENT);
}

size_t bp_gemm_scratch(const bp_gemm *gemm, bp_real real) {
  if (gemm->m <= 0 || gemm->n <= 0) return 0;
  size_t most = 0;
  int64_t rows = 0, columns = 0;
  // Tiles grow with fewer threads; those at the lower and right edge are smaller, but may take another way.
  for (int32_t threads = 1; threads <= BP_MOST_THREADS; threads++) {
    const gemm_cut cut = gemm_tiles(gemm, threads);
    if (cut.rows == rows && cut.columns == columns) continue;
    rows = cut.rows, columns = cut.columns;
    const int64_t heights[2] = {rows, gemm->m % rows ? gemm->m % rows : rows};
    const int64_t widths[2] = {columns, gemm->n % columns ? gemm->n % columns : columns};
    for (int i = 0; i < 4; i++) {
      const size_t need = gemm_tile_scratch(gemm, real, heights[i / 2], widths[i % 2]);
      if (need > most) most = need;
    }
  }
  return (size_t)gemm_round_up((int64_t)most, BP_ALIGNMENT) + bp_gemm_window(gemm, real);
}

bp_tile bp_gemm_tile(const bp_gemm *gemm, int32_t threads, int32_t task) {
  const gemm_cut cut = gemm_tiles(gemm, threads);
  const int64_t place = task % (cut.down * cut.across);
  bp_tile tile = {.batch = task / (cut.down * cut.across)};
  tile.i0 = place / cut.across * cut.rows;
  tile.j0 = place % cut.across * cut.columns;
  tile.m = gemm->m - tile.i0 < cut.rows ? gemm->m - tile.i0 : cut.rows;
  tile.n = gemm->n - tile.j0 < cut.columns ? gemm->n - tile.j0 : cut.columns;
  return tile;
}

void bp_gemm_run(bp_path path, bp_real real, const bp_gemm *gemm, void *const *bases, int32_t threads,
                 int32_t task) {
  const bp_tile tile = bp_gemm_tile(gemm, threads, task);
  bp_gemm_run_tile(path, real, gemm, bases, bases[BP_SLOT_SCRATCH], &tile, NULL);
}

void bp_gemm_run_tile(bp_path path, bp_real real, const bp_gemm *gemm, void *const *bases, void *scratch,
                      const bp_tile *tile, const bp_finish *finish) {
  const bool wide = real == BP_FLOAT64;
#if defined(__x86_64__)
  if (bp_gemm_tile_products(path, real, gemm) > 0) {
    const amx_product p = gemm_resolve_avx512_f32(gemm, bases, tile, finish);
    amx_run(&p, gemm->isBfloat16 ? 1 : 3, scratch);
    return;
  }
  if (path >= BP_PATH_AVX512) {
    if (wide) gemm_tile_run_avx512_f64(gemm, bases, scratch, tile, finish);
    else gemm_tile_run_avx512_f32(gemm, bases, scratch, tile, finish);
    return;
  }
  if (path == BP_PATH_AVX2) {
    if (wide) gemm_tile_run_avx2_f64(gemm, bases, scratch, tile, finish);
    else gemm_tile_run_avx2_f32(gemm, bases, scratch, tile, finish);
    return;
  }
#endif
  (void)path;
  if (wide) gemm_tile_run_portable_f64(gemm, bases, scratch, tile, finish);
  else gemm_tile_run_portable_f32(gemm, bases, scratch, tile, finish);
}
