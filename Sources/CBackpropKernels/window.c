// Windows that slide over images, for every instruction set. The contract is in bp_kernels.h.
//
// Results do not depend on the width of vectors: every element is computed by itself, in the order that the contract
// gives. A vector runs along the channels, or along the places of a window that lie side by side in memory.
#include "bp_internal.h"
#include <math.h>
#include <stdbool.h>
#include <string.h>

// Rows of a folded product that are computed at a time: enough of them that its second factor is read seldom, few
// enough that they stay in a core's cache (elements).
enum { FOLD_LEAST_ROWS = 64, FOLD_ELEMENTS = 1 << 16 };

// The numbers of a window's places that are inside of the axis, and the place of number 0.
typedef struct window_range { int32_t first, end, origin; } window_range;

static window_range window_inside(const bp_window_axis *axis, int32_t window) {
  window_range range = {.origin = window * axis->stride - axis->before, .end = axis->size};
  if (range.origin < 0) range.first = (-range.origin + axis->dilation - 1) / axis->dilation;
  const int32_t last = axis->length - 1 - range.origin;
  const int32_t fitting = last < 0 ? 0 : last / axis->dilation + 1;
  if (fitting < range.end) range.end = fitting;
  if (range.end < range.first) range.end = range.first;
  return range;
}

static inline void *window_address(void *const *bases, bp_address address) {
  return (char *)bases[address.slot] + address.offset;
}

#define BP_BODY "window_body.h"
#include "bp_variants.h"

static int64_t window_count(const bp_window *window) { return (int64_t)window->y.count * window->x.count; }

// Samples of one task of a folded product.
static int64_t fold_samples(const bp_window *window) {
  const int64_t rows = window_count(window);
  return rows >= FOLD_LEAST_ROWS || rows < 1 ? 1 : (FOLD_LEAST_ROWS + rows - 1) / rows;
}

// Rows of the product at a time.
static int64_t fold_rows(const bp_window *window, const bp_gemm *product) {
  const int64_t most = FOLD_ELEMENTS / (product->n > 0 ? product->n : 1), all = fold_samples(window) * window_count(window);
  const int64_t rows = most < FOLD_LEAST_ROWS ? FOLD_LEAST_ROWS : most;
  return rows < all ? rows : all;
}

int32_t bp_window_tasks(const bp_window *window) {
  if (window->product < 0) return window->samples;
  const int64_t each = fold_samples(window);
  return (int32_t)((window->samples + each - 1) / each);
}

static size_t fold_block_bytes(const bp_window *window, const bp_gemm *product, bp_real real) {
  const size_t size = real == BP_FLOAT64 ? 8 : 4;
  const size_t bytes = (size_t)fold_rows(window, product) * (size_t)product->n * size + BP_SLACK;
  return (bytes + BP_ALIGNMENT - 1) / BP_ALIGNMENT * BP_ALIGNMENT;
}

size_t bp_window_scratch(const bp_window *window, const bp_gemm *product, bp_real real) {
  if (!product) return 0;
  bp_gemm block = *product;
  size_t most = 0;
  const int64_t rows = fold_rows(window, product), each = fold_samples(window);
  // Blocks at the end of a task, and of the last task, are smaller.
  const int64_t all = each * window_count(window), rest = window->samples % each * window_count(window);
  const int64_t heights[3] = {rows, rows > 0 ? all % rows : 0, rows > 0 ? rest % rows : 0};
  for (int i = 0; i < 3; i++) {
    block.m = (int32_t)heights[i];
    const size_t need = bp_gemm_scratch(&block, real);
    if (need > most) most = need;
  }
  return most + fold_block_bytes(window, product, real);
}

#define RUN(suffix) window_run_##suffix(window, bases, first, count)
#define FOLD(suffix) window_fold_rows_##suffix(window, block, bases, row, count)
#if defined(__x86_64__)
#define EACH_PATH(CALL)                                        \
  if (path >= BP_PATH_AVX512) {                                \
    if (real == BP_FLOAT64) CALL(avx512_f64);                  \
    else CALL(avx512_f32);                                     \
  } else if (path == BP_PATH_AVX2) {                           \
    if (real == BP_FLOAT64) CALL(avx2_f64);                    \
    else CALL(avx2_f32);                                       \
  } else if (real == BP_FLOAT64) {                             \
    CALL(portable_f64);                                        \
  } else {                                                     \
    CALL(portable_f32);                                        \
  }
#else
#define EACH_PATH(CALL)            \
  (void)path;                      \
  if (real == BP_FLOAT64) {        \
    CALL(portable_f64);            \
  } else {                         \
    CALL(portable_f32);            \
  }
#endif

// The samples of a task: the product block by block of rows, and each block added to the images at once.
static void fold_product(bp_path path, bp_real real, const bp_window *window, const bp_gemm *product,
                         void *const *bases, int32_t task) {
  const int64_t size = real == BP_FLOAT64 ? 8 : 4, each = fold_samples(window), windows = window_count(window);
  const int64_t samples = window->samples - task * each < each ? window->samples - task * each : each;
  const int64_t start = task * each * windows, end = start + samples * windows, rows = fold_rows(window, product);
  const int64_t image = (int64_t)window->y.length * window->x.length * window->channels * size;
  memset((char *)window_address(bases, window->destination) + task * each * image, 0, (size_t)(samples * image));
  char *scratch = bases[BP_SLOT_SCRATCH];
  for (int64_t row = start, count; row < end; row += count) {
    count = end - row < rows ? end - row : rows;
    bp_gemm part = *product;
    part.m = (int32_t)count;
    part.a.offset += row * product->lda * size;
    part.c = (bp_address){.offset = 0, .slot = BP_SLOT_SCRATCH};
    part.ldc = product->n;
    const bp_tile tile = {.m = count, .n = product->n};
    bp_gemm_run_tile(path, real, &part, bases, scratch + fold_block_bytes(window, product, real), &tile, NULL);
    const void *block = scratch;
    EACH_PATH(FOLD)
  }
}

void bp_window_run(bp_path path, bp_real real, const bp_window *window, const bp_gemm *gemms, void *const *bases,
                   int32_t task) {
  if (window->product >= 0) {
    fold_product(path, real, window, gemms + window->product, bases, task);
    return;
  }
  const int64_t first = task, count = 1;
  EACH_PATH(RUN)
}
