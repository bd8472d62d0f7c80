// GEMM for one instruction set and precision: the driver. gemm_kernels.h has the kernels and the packing.
#include "gemm_kernels.h"

// ---------------------------------------------------------------------------------------------------
// Driver

// How a product is run; depends on its shape and strides only.
typedef struct NAME(gemm_plan) {
  int swap, dot, stream, packA, packB, view;   // view: windows in place
  int panelVectors;                    // the widest kernel used
  int64_t blockM, blockN, blockK;      // of packed A, packed B
  int64_t elementsA, elementsB, elementsC;   // of scratch
} NAME(gemm_plan);

// Whether windows are read in place. That takes runs of rows that make tiles high enough; a wide B repays packing them,
// and then all tiles are high.
static int NAME(gemm_reads_windows)(const NAME(gemm_product) *p) {
  const bp_digits *rows = p->viewRows, *steps = p->viewSteps;
  if (!rows || p->isBfloat16 || p->n > GEMM_VIEW_COLUMNS) return 0;
  return rows->low >= GEMM_VIEW_ROWS && (steps->lowStride == 1 || rows->lowStride == 1);
}

// The block of k for windows in place: what tiles of rows share, B's rows and the part of the images, stays in L1 where
// steps run over positions; over places it is longer, since C, which is long then, comes and goes with each block.
// Blocks are whole runs if these are short.
static int64_t NAME(gemm_view_steps)(const NAME(gemm_product) *p) {
  const bp_digits *steps = p->viewSteps;
  const int64_t most = steps->lowStride == 1 ? GEMM_VIEW_PLACES : GEMM_VIEW_POSITIONS;
  return gemm_even_block(p->k, most, steps->low <= most / 4 ? steps->low : 1);
}

NOINLINE NAME(gemm_plan) NAME(gemm_plan_straight)(const NAME(gemm_product) *p) {
  NAME(gemm_plan) plan = {0};
  plan.dot = p->bColumn != 1 && p->m <= GEMM_DOT_ROWS && !p->isBfloat16;
  if (p->viewRows) plan.dot = 0;
  if (plan.dot) return plan;
  const int64_t pitchA = (p->aRow == 1 ? p->aStep : p->aRow) * (int64_t)sizeof(REAL);
  // A narrow tile of a wide B counts as large: a page for every step of k.
  const bool largeB = p->k * p->n * (int64_t)sizeof(REAL) > GEMM_LARGE_B
      || p->bStep * (int64_t)sizeof(REAL) >= GEMM_FAR_PITCH;
  plan.stream = p->k > 0 && p->k <= GEMM_STREAM_STEPS && p->m >= 2 * GEMM_ROWS && !p->isBfloat16;
  plan.view = NAME(gemm_reads_windows)(p);
  plan.panelVectors = p->m <= GEMM_WIDE_ROWS && !plan.view ? GEMM_WIDE_VECTORS : GEMM_VECTORS;
  // A transposed B must be packed. Another one is read where it is unless it falls out of the cache between
  // the tiles of rows that use it, and these are many.
  plan.packB = p->bColumn != 1 || (!plan.stream && !plan.view && largeB && p->m > GEMM_PACK_B_TILES * GEMM_ROWS);
  // A is packed if its pitch puts the rows of a tile into few sets of the cache, or on a page each.
  const bool awkwardA = pitchA >= GEMM_FAR_PITCH || (pitchA >= GEMM_NEAR_PITCH && pitchA % 1024 == 0);
  const bool repaysA = p->m > GEMM_ROWS && p->n >= GEMM_PACK_A_VECTORS * W && p->k > GEMM_PACK_STEPS;
  plan.packA = awkwardA && repaysA && !plan.stream && (plan.packB || !largeB);
  if (p->viewRows) plan.packA = !plan.view, plan.stream = 0;
  if (p->isBfloat16) plan.packA = plan.packB = 1;   // packed numbers are rounded
  const int64_t mostN = plan.packB || p->isWindow ? GEMM_BLOCK_N / (1 + BP_F64) : p->n;
  // A large B in place is best walked along its rows: the hardware fetches ahead within a page.
  plan.blockK = gemm_even_block(p->k, largeB && !plan.packB && !p->viewRows ? GEMM_WALK_K : GEMM_BLOCK_K, 1);
  if (plan.view) plan.blockK = NAME(gemm_view_steps)(p);
  if (p->isWindow) plan.blockK = p->k > 0 ? p->k : 1;   // a window holds no sums from one block of k to the next
  plan.blockN = mostN < p->n ? gemm_even_block(p->n, mostN, GEMM_WIDE_VECTORS * W) : p->n;
  if (plan.packB && plan.blockN == p->n) plan.blockN = gemm_round_up(p->n, GEMM_WIDE_VECTORS * W);
  plan.blockM = p->m;
  // Windows in place have blocks of rows too: panels of columns share the part of the images, and tiles the runs.
  const bool blocks = plan.packA || plan.view;
  if (blocks && p->finish) plan.blockM = gemm_even_block(p->m, GEMM_REGION_M, BP_REGION_ROWS);
  else if (blocks) plan.blockM = gemm_even_block(p->m, GEMM_BLOCK_M / (1 + BP_F64), GEMM_ROWS);
  if (plan.packB) plan.elementsB = plan.blockK * gemm_round_up(plan.blockN < p->n ? plan.blockN : p->n, W);
  if (plan.packA) plan.elementsA = plan.blockK * ((plan.blockM + GEMM_ROWS - 1) / GEMM_ROWS) * GEMM_A_PITCH;
  plan.elementsA = gemm_round_up(plan.elementsA, 16);   // B's panels begin on a cache line
  return plan;
}

// Columns up to which Cᵀ = Bᵀ·Aᵀ is computed in place of C: a vector along C's rows would be mostly empty.
#define GEMM_SWAP_COLUMNS (W >= 8 ? W / 4 : 1)

static NAME(gemm_product) NAME(gemm_swapped)(const NAME(gemm_product) *p) {
  return (NAME(gemm_product)){
    .m = p->n, .n = p->m, .k = p->k, .a = p->b, .aRow = p->bColumn, .aStep = p->bStep,
    .b = p->a, .bStep = p->aStep, .bColumn = p->aRow,
    .start = p->start, .startRow = p->startRow, .c = p->c, .cRow = p->cRow};
}

// A column that stands like a row needs no copy of C to be swapped.
INLINE int NAME(gemm_swaps_in_place)(const NAME(gemm_product) *p, int hasStart) {
  return p->n == 1 && p->cRow == 1 && (!hasStart || p->startRow == 1);
}

NOINLINE NAME(gemm_plan) NAME(gemm_plan_product)(const NAME(gemm_product) *p, int hasStart) {
  if (p->n > GEMM_SWAP_COLUMNS || p->m < W || p->isBfloat16 || p->viewRows || (p->isWindow && p->m > p->windowRows))
    return NAME(gemm_plan_straight)(p);
  const NAME(gemm_product) swapped = NAME(gemm_swapped)(p);
  NAME(gemm_plan) plan = NAME(gemm_plan_straight)(&swapped);
  plan.swap = 1;
  if (!NAME(gemm_swaps_in_place)(p, hasStart)) plan.elementsC = p->n * gemm_round_up(p->m, W);
  return plan;
}

// Vectors of the panel that begins `columns` before the end of a block. Kernels exist for 1, 2 and 4.
INLINE int NAME(gemm_panel_vectors)(const NAME(gemm_plan) *plan, int64_t columns) {
  const int64_t vectors = (columns + W - 1) / W;
  if (vectors >= plan->panelVectors) return plan->panelVectors;
  return vectors >= 2 ? 2 : 1;
}

// What tiles of one panel of columns share, j columns behind j0: B, and the beginning of start.
INLINE void NAME(gemm_begin_panel)(const NAME(gemm_product) *p, int64_t vectors, int64_t j0, int64_t j, int64_t columns,
                                   int64_t k0, int64_t steps, const REAL *b, NAME(gemm_tile) *tile) {
  tile->lastCount = (int)(columns - j < vectors * W ? columns - j - (vectors - 1) * W : W);
  tile->b = b ? b + j * steps : p->b + k0 * p->bStep + (j0 + j);
  tile->bStep = b ? vectors * W : p->bStep;
  tile->start = NAME(gemm_zeros);
  tile->startRow = 0;
  if (k0 > 0) tile->start = p->c + (j0 + j), tile->startRow = p->cRow;
  else if (p->start) tile->start = p->start + (j0 + j), tile->startRow = p->startRow;
}

// One block: rows [i0, i0 + rows) × columns [j0, j0 + columns) × `steps` of k from k0. `a` and `b` are the
// packed blocks or NULL. The height of tiles is evened out: 16 rows are 8 + 8, not 14 + 2.
NOINLINE void NAME(gemm_block)(const NAME(gemm_product) *p, const NAME(gemm_plan) *plan, int64_t i0,
                               int64_t rows, int64_t j0, int64_t columns, int64_t k0, int64_t steps,
                               const REAL *a, const REAL *b) {
  const int64_t height = gemm_even_block(rows, GEMM_ROWS, 1);
  NAME(gemm_tile) tile = {.steps = steps, .cRow = p->cRow};
  tile.aRow = a ? 1 : p->aRow;
  tile.aStep = a ? GEMM_A_PITCH : p->aStep;
  for (int64_t j = 0, vectors; j < columns; j += vectors * W) {
    vectors = NAME(gemm_panel_vectors)(plan, columns - j);
    NAME(gemm_begin_panel)(p, vectors, j0, j, columns, k0, steps, b, &tile);
    const REAL *start = tile.start;
    const int64_t advance = plan->stream ? rows : height;
    for (int64_t i = 0; i < rows; i += advance) {
      const int64_t count = rows - i < advance ? rows - i : advance;
      tile.a = a ? a + i / height * steps * GEMM_A_PITCH : p->a + (i0 + i) * p->aRow + k0 * p->aStep;
      tile.start = start + (i0 + i) * tile.startRow;
      tile.c = p->isWindow ? p->c + i * p->cRow + j : p->c + (i0 + i) * p->cRow + (j0 + j);
      if (plan->stream) NAME(gemm_run_stream)((int)steps, (int)vectors, &tile, count);
      else NAME(gemm_run_kernel)((int)count, (int)vectors, a != NULL, &tile);
    }
  }
}

// As gemm_block, of windows in place. A tile stands in one run of rows.
NOINLINE void NAME(gemm_block_view)(const NAME(gemm_product) *p, const NAME(gemm_plan) *plan, int64_t i0,
                                    int64_t rows, int64_t j0, int64_t columns, int64_t k0, int64_t steps,
                                    const REAL *b) {
  const bp_digits *places = p->viewRows, *digits = p->viewSteps;
  const int64_t firstRow = p->viewRow + i0, firstStep = p->viewStep + k0;
  NAME(gemm_runs) runs = {.digits = digits, .steps = digits->low - firstStep % digits->low};
  if (runs.steps > steps) runs.steps = steps;
  runs.turn = digits->middle - firstStep / digits->low % digits->middle;
  const REAL *a = p->a + gemm_place(digits, firstStep);
  NAME(gemm_tile) tile = {.steps = steps, .aRow = places->lowStride, .aStep = digits->lowStride, .cRow = p->cRow};
  for (int64_t j = 0, vectors; j < columns; j += vectors * W) {
    vectors = NAME(gemm_panel_vectors)(plan, columns - j);
    NAME(gemm_begin_panel)(p, vectors, j0, j, columns, k0, steps, b, &tile);
    const REAL *start = tile.start;
    for (int64_t i = 0, length; i < rows; i += length) {
      length = places->low - (firstRow + i) % places->low;
      if (length > rows - i) length = rows - i;
      const int64_t height = gemm_even_block(length, GEMM_ROWS, 1);
      tile.a = a + gemm_place(places, firstRow + i);
      for (int64_t r = i; r < i + length; r += height, tile.a += height * tile.aRow) {
        const int count = (int)(i + length - r < height ? i + length - r : height);
        tile.start = start + (i0 + r) * tile.startRow;
        tile.c = p->isWindow ? p->c + r * p->cRow + j : p->c + (i0 + r) * p->cRow + (j0 + j);
        if (digits->lowStride == 1) NAME(gemm_run_along_view)(count, (int)vectors, &tile, &runs);
        else NAME(gemm_run_across_view)(count, (int)vectors, &tile, &runs);
      }
    }
  }
}

static void NAME(gemm_pack_a)(const NAME(gemm_product) *p, int64_t i0, int64_t rows, int64_t k0,
                              int64_t steps, REAL *out) {
  const int64_t height = gemm_even_block(rows, GEMM_ROWS, 1);
  for (int64_t i = 0; i < rows; i += height, out += steps * GEMM_A_PITCH) {
    const int64_t count = rows - i < height ? rows - i : height;
    if (p->viewRows)
      NAME(gemm_pack_view)(out, p->a, p->viewRows, p->viewRow + i0 + i, count, p->viewSteps,
                           p->viewStep + k0, steps);
    else
      NAME(gemm_pack)(out, GEMM_A_PITCH, p->a + (i0 + i) * p->aRow + k0 * p->aStep, p->aRow, p->aStep, count, steps);
#if !BP_F64
    if (p->isBfloat16) NAME(gemm_round)(out, steps * GEMM_A_PITCH);
#endif
  }
}

static void NAME(gemm_pack_b)(const NAME(gemm_product) *p, const NAME(gemm_plan) *plan, int64_t j0,
                              int64_t columns, int64_t k0, int64_t steps, REAL *out) {
  for (int64_t j = 0, width; j < columns; j += width) {
    width = (int64_t)NAME(gemm_panel_vectors)(plan, columns - j) * W;
    NAME(gemm_pack)(out + j * steps, width, p->b + k0 * p->bStep + (j0 + j) * p->bColumn, p->bColumn,
                    p->bStep, columns - j < width ? columns - j : width, steps);
#if !BP_F64
    if (p->isBfloat16) NAME(gemm_round)(out + j * steps, width * steps);
#endif
  }
}

// Columns [j0, j0 + columns) of the product by the dot kernel.
static void NAME(gemm_dot_product)(const NAME(gemm_product) *p, int64_t j0, int64_t columns) {
  NAME(gemm_tile) tile = {.steps = p->k, .a = p->a, .aRow = p->aRow, .aStep = p->aStep, .cRow = p->cRow};
  tile.startRow = p->start ? p->startRow : 0;
  for (int64_t j = 0; j < columns; j += W) {
    tile.lastCount = (int)(columns - j < W ? columns - j : W);
    tile.b = p->b + (j0 + j) * p->bColumn;
    tile.start = p->start ? p->start + (j0 + j) : NAME(gemm_zeros);
    tile.c = p->isWindow ? p->c + j : p->c + (j0 + j);
    NAME(gemm_run_dot)((int)p->m, &tile, p->bColumn);
  }
}

NOINLINE void NAME(gemm_product_run)(const NAME(gemm_product) *p, const NAME(gemm_plan) *plan,
                                     REAL *scratch) {
  if (plan->dot) {
    const int64_t most = p->isWindow ? GEMM_BLOCK_N / (1 + BP_F64) : p->n;   // a window has no room for more
    for (int64_t j0 = 0; j0 < p->n; j0 += most) {
      const int64_t columns = p->n - j0 < most ? p->n - j0 : most;
      NAME(gemm_dot_product)(p, j0, columns);
      if (p->finish) p->finish->run(p->finish, 0, p->m, j0, columns);
    }
    return;
  }
  REAL *packedA = plan->packA ? scratch : NULL, *packedB = plan->packB ? scratch + plan->elementsA : NULL;
  for (int64_t j0 = 0; j0 < p->n; j0 += plan->blockN) {
    const int64_t columns = p->n - j0 < plan->blockN ? p->n - j0 : plan->blockN;
    int64_t k0 = 0;
    do {   // once at least: k = 0 copies start
      const int64_t steps = p->k - k0 < plan->blockK ? p->k - k0 : plan->blockK;
      if (packedB) NAME(gemm_pack_b)(p, plan, j0, columns, k0, steps, packedB);
      for (int64_t i0 = 0; i0 < p->m; i0 += plan->blockM) {
        const int64_t rows = p->m - i0 < plan->blockM ? p->m - i0 : plan->blockM;
        if (packedA) NAME(gemm_pack_a)(p, i0, rows, k0, steps, packedA);
        const int finishes = p->finish && k0 + steps >= p->k;
        const int64_t region = finishes && !packedA && !plan->view ? p->regionRows : rows;
        for (int64_t i = 0; i < rows; i += region) {
          const int64_t count = rows - i < region ? rows - i : region;
          if (plan->view) NAME(gemm_block_view)(p, plan, i0 + i, count, j0, columns, k0, steps, packedB);
          else NAME(gemm_block)(p, plan, i0 + i, count, j0, columns, k0, steps, packedA, packedB);
          if (finishes) p->finish->run(p->finish, i0 + i, count, j0, columns);
        }
      }
      k0 += steps;
    } while (k0 < p->k);
  }
}

// Runs Cᵀ = Bᵀ·Aᵀ; C is transposed through scratch (elementsC) unless it stands right already.
static void NAME(gemm_swapped_run)(const NAME(gemm_product) *p, const NAME(gemm_plan) *plan, REAL *scratch) {
  NAME(gemm_product) swapped = NAME(gemm_swapped)(p);
  if (!plan->elementsC) {
    NAME(gemm_product_run)(&swapped, plan, scratch);
    if (p->finish) p->finish->run(p->finish, 0, p->m, 0, p->n);
    return;
  }
  const int64_t pitch = gemm_round_up(p->m, W);
  swapped.c = scratch;
  swapped.cRow = swapped.startRow = pitch;
  if (p->start) {
    swapped.start = scratch;
    for (int64_t j = 0; j < p->n; j++)
      for (int64_t i = 0; i < p->m; i++) scratch[j * pitch + i] = p->start[i * p->startRow + j];
  }
  NAME(gemm_product_run)(&swapped, plan, scratch + plan->elementsC);
  for (int64_t j = 0; j < p->n; j++)
    for (int64_t i = 0; i < p->m; i++) p->c[i * p->cRow + j] = scratch[j * pitch + i];
  if (p->finish) p->finish->run(p->finish, 0, p->m, 0, p->n);
}

NOINLINE void NAME(gemm_run_product)(const NAME(gemm_product) *p, REAL *scratch) {
  const NAME(gemm_plan) plan = NAME(gemm_plan_product)(p, p->start != NULL);
  if (plan.swap) NAME(gemm_swapped_run)(p, &plan, scratch);
  else NAME(gemm_product_run)(p, &plan, scratch);
}

// The product of one tile of m × n at (i0, j0), without addresses: enough for a plan.
static NAME(gemm_product) NAME(gemm_tile_product)(const bp_gemm *gemm, int64_t m, int64_t n) {
  NAME(gemm_product) p = {.m = m, .n = n, .k = gemm->k, .startRow = gemm->ldstart, .cRow = gemm->ldc};
  p.isWindow = gemm->isWindow;
  p.isBfloat16 = gemm->isBfloat16 && !BP_F64;
  p.windowRows = gemm_window_rows(gemm);
  p.regionRows = bp_gemm_region_rows(gemm) == gemm->m ? m : BP_REGION_ROWS;
  p.aRow = gemm->transposeA ? 1 : gemm->lda;
  p.aStep = gemm->transposeA ? gemm->lda : 1;
  p.bStep = gemm->transposeB ? 1 : gemm->ldb;
  p.bColumn = gemm->transposeB && gemm->n > 1 ? gemm->ldb : 1;   // a single column needs no distance
  if (gemm->view.isUsed) {
    p.viewRows = gemm->transposeA ? &gemm->view.places : &gemm->view.positions;
    p.viewSteps = gemm->transposeA ? &gemm->view.positions : &gemm->view.places;
  }
  return p;
}

static size_t NAME(gemm_tile_scratch)(const bp_gemm *gemm, int64_t m, int64_t n) {
  static const bp_finish any;
  NAME(gemm_product) p = NAME(gemm_tile_product)(gemm, m, n);
  int64_t most = 0;
  // With code that follows and without, blocks of packed A differ, and either may be the larger.
  for (int finishes = 0; finishes < 2; finishes++) {
    p.finish = finishes ? &any : NULL;
    const NAME(gemm_plan) plan = NAME(gemm_plan_product)(&p, gemm->start.slot != BP_SLOT_NONE);
    const int64_t elements = plan.elementsA + plan.elementsB + plan.elementsC;
    if (elements > most) most = elements;
  }
  return (size_t)most * sizeof(REAL);
}

static NAME(gemm_product) NAME(gemm_resolve)(const bp_gemm *gemm, void *const *bases, const bp_tile *tile,
                                             const bp_finish *finish) {
  NAME(gemm_product) p = NAME(gemm_tile_product)(gemm, tile->m, tile->n);
  p.finish = finish;
  p.a = (const REAL *)gemm_address(bases, gemm->a) + tile->batch * gemm->batchA;
  if (p.viewRows) p.viewRow = tile->i0;
  else p.a += tile->i0 * p.aRow;
  p.b = (const REAL *)gemm_address(bases, gemm->b) + tile->batch * gemm->batchB + tile->j0 * p.bColumn;
  p.c = (REAL *)gemm_address(bases, gemm->c);
  if (!gemm->isWindow) p.c += tile->batch * gemm->batchC + tile->i0 * p.cRow + tile->j0;
  if (gemm->start.slot != BP_SLOT_NONE)
    p.start = (const REAL *)gemm_address(bases, gemm->start) + tile->batch * gemm->batchStart
        + tile->i0 * p.startRow + tile->j0;
  return p;
}

NOINLINE void NAME(gemm_tile_run)(const bp_gemm *gemm, void *const *bases, void *scratch, const bp_tile *tile,
                                  const bp_finish *finish) {
  const NAME(gemm_product) p = NAME(gemm_resolve)(gemm, bases, tile, finish);
  NAME(gemm_run_product)(&p, (REAL *)scratch);
}

#undef GEMM_ROWS
#undef GEMM_WIDE_ROWS
#undef GEMM_VIEW_ROWS
#undef GEMM_STREAM_STEPS
#undef GEMM_EACH_ROWS
#undef GEMM_EACH_WIDE_ROWS
#undef GEMM_EACH_STREAM_STEPS
#undef GEMM_A_PITCH
#undef GEMM_SWAP_COLUMNS
