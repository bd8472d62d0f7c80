// GEMM for one instruction set and precision; gemm.c says how the parts fit together.
//
// A product is cut into tiles of `rows` × `vectors` vectors. The accumulators of a tile live in registers:
// they are loaded from start (or from C, in later blocks of k), run through k in ascending order and are
// stored to C.

// Heights for which a kernel exists, by the registers there are: rows · vectors accumulators, one row of B,
// one of A. From runs of GEMM_VIEW_ROWS rows on, windows are read in place.
#if BP_ISA == 2
#define GEMM_ROWS 14
#define GEMM_WIDE_ROWS 6
#define GEMM_STREAM_STEPS 12
#define GEMM_VIEW_ROWS 5
#define GEMM_EACH_ROWS(X) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14)
#define GEMM_EACH_WIDE_ROWS(X) X(1) X(2) X(3) X(4) X(5) X(6)
#define GEMM_EACH_STREAM_STEPS(X) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12)
#elif BP_ISA == 1
#define GEMM_ROWS 6
#define GEMM_WIDE_ROWS 2
#define GEMM_STREAM_STEPS 5
#define GEMM_VIEW_ROWS 4
#define GEMM_EACH_ROWS(X) X(1) X(2) X(3) X(4) X(5) X(6)
#define GEMM_EACH_WIDE_ROWS(X) X(1) X(2)
#define GEMM_EACH_STREAM_STEPS(X) X(1) X(2) X(3) X(4) X(5)
#elif defined(__aarch64__)   // 32 registers of 128 bits
#define GEMM_ROWS 8
#define GEMM_WIDE_ROWS 4
#define GEMM_STREAM_STEPS 8
#define GEMM_VIEW_ROWS 4
#define GEMM_EACH_ROWS(X) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8)
#define GEMM_EACH_WIDE_ROWS(X) X(1) X(2) X(3) X(4)
#define GEMM_EACH_STREAM_STEPS(X) GEMM_EACH_ROWS(X)
#else
#define GEMM_ROWS 4
#define GEMM_WIDE_ROWS 2
#define GEMM_STREAM_STEPS 4
#define GEMM_VIEW_ROWS 4
#define GEMM_EACH_ROWS(X) X(1) X(2) X(3) X(4)
#define GEMM_EACH_WIDE_ROWS(X) X(1) X(2)
#define GEMM_EACH_STREAM_STEPS(X) GEMM_EACH_ROWS(X)
#endif
// Elements from one step of k to the next in a packed panel of A: whole vectors, so it can be stored without
// tails.
#define GEMM_A_PITCH ((GEMM_ROWS + W - 1) / W * W)

// A tile for a kernel: A(i, k) = a[i·aRow + k·aStep], B(k, j) = b[k·bStep + j]. Packed panels and matrices in
// place differ in their strides only.
typedef struct NAME(gemm_tile) {
  int64_t steps;                      // of k
  const REAL *a;
  int64_t aRow, aStep;
  const REAL *b;
  int64_t bStep;
  const REAL *start;
  int64_t startRow;
  REAL *c;
  int64_t cRow;
  int lastCount;                      // valid elements of the last vector, 1 … W
} NAME(gemm_tile);

// How k goes through windows in place: run after run of steps. `steps` are left of the first run, and with it `turn` runs
// up to the end of the middle digit.
typedef struct NAME(gemm_runs) { const bp_digits *digits; int64_t steps, turn; } NAME(gemm_runs);

// A product with resolved addresses. B(k, j) = b[k·bStep + j·bColumn]. start NULL means zeros.
typedef struct NAME(gemm_product) {
  int64_t m, n, k;
  const REAL *a;
  int64_t aRow, aStep;
  const REAL *b;
  int64_t bStep, bColumn;
  const REAL *start;
  int64_t startRow;
  REAL *c;
  int64_t cRow;
  // Code that follows, region by region of `regionRows` (a multiple, or fewer at the end); NULL for none. In a window,
  // every region of C begins at c.
  const bp_finish *finish;
  int isWindow, isBfloat16;
  int64_t windowRows, regionRows;
  // A as windows over images, from row `viewRow` and step `viewStep` on; NULL for a matrix.
  const bp_digits *viewRows, *viewSteps;
  int64_t viewRow, viewStep;
} NAME(gemm_product);

static const REAL NAME(gemm_zeros)[GEMM_WIDE_VECTORS * W];

// A row of start: only what belongs to the tile, since another thread may be writing what lies behind it.
INLINE void NAME(gemm_load_row)(const int vectors, const REAL *start, V *sum, int lastCount) {
  UNROLL for (int j = 0; j < vectors - 1; j++) sum[j] = LOADU(start + j * W);
  sum[vectors - 1] = LOAD_PARTIAL(start + (vectors - 1) * W, lastCount);
}

INLINE void NAME(gemm_store_row)(const int vectors, REAL *c, const V *sum, int lastCount) {
  UNROLL for (int j = 0; j < vectors - 1; j++) STOREU(c + j * W, sum[j]);
  // AVX-512 has masks for nothing; elsewhere the whole vector is the case to be fast in.
  if (BP_ISA != 2 && lastCount == W) STOREU(c + (vectors - 1) * W, sum[vectors - 1]);
  else STORE_PARTIAL(c + (vectors - 1) * W, sum[vectors - 1], lastCount);
}

// ---------------------------------------------------------------------------------------------------
// Kernels

// A factor that two products share is loaded once and broadcast, which takes a place in the core's front end, or taken
// from memory by each, which takes another load. In a panel, which comes from the nearest cache, most rows do the latter
// where instructions can: the front end is the limit, all the more where it is shared with another hyperthread. (Two
// pointers that the compiler must take for different keep it from merging the loads.)
#define GEMM_BROADCASTS(way, i) (BP_ISA != 2 || (way) != GEMM_PACKED || (i) % 4 == 0)
#define GEMM_HIDE(pointer) __asm__("" : "+r"(pointer))

// Where a kernel stands in A. Rows that lie apart are reached through one pointer for three of them (p, p + aRow,
// p + 2·aRow are all addressing modes), or the 14 rows would need more integer registers than there are.
enum { NAME(GEMM_GROUPS) = (GEMM_ROWS + 2) / 3 };

// One step of k, `ahead` of where the pointers stand.
INLINE void NAME(gemm_step)(const int rows, const int vectors, const int way, const int ahead, const REAL *const *a,
                            const REAL *again, int64_t aRow, const REAL *b, V sum[][GEMM_WIDE_VECTORS]) {
  V bRow[GEMM_WIDE_VECTORS];
  UNROLL for (int j = 0; j < vectors; j++) bRow[j] = LOADU(b + j * W);
  UNROLL for (int i = 0; i < rows; i++) {
    const V x = (V)(GEMM_IS_ALONG(way) ? a[i / 3][i % 3 * aRow + ahead] : a[0][i]);
    sum[i][0] = FMA(x, bRow[0], sum[i][0]);
    UNROLL for (int j = 1; j < vectors; j++) {
      const V y = GEMM_BROADCASTS(way, i) ? x : (V)(again[i]);
      sum[i][j] = FMA(y, bRow[j], sum[i][j]);
    }
  }
}

// `k` steps from where the pointers stand, which move on; returns where B's next row is.
INLINE const REAL *NAME(gemm_walk)(const int rows, const int vectors, const int way, int64_t k, const REAL **a,
                                   const REAL *again, int64_t aRow, int64_t aStep, const REAL *b, int64_t bStep,
                                   V sum[][GEMM_WIDE_VECTORS]) {
  enum { STEPS = 4 };
  const int groups = GEMM_IS_ALONG(way) ? (rows + 2) / 3 : 1;
  if (GEMM_IS_ALONG(way)) for (; k >= STEPS; k -= STEPS) {
    UNROLL for (int ahead = 0; ahead < STEPS; ahead++, b += bStep) {
      NAME(gemm_step)(rows, vectors, way, ahead, a, again, aRow, b, sum);
      // Steps are not mixed, or there would be too few registers.
      UNROLL for (int g = 0; g < groups; g++) GEMM_HIDE(a[g]);
    }
    UNROLL for (int g = 0; g < groups; g++) a[g] += STEPS;
  }
  for (; k > 0; k--, b += bStep) {
    NAME(gemm_step)(rows, vectors, way, 0, a, again, aRow, b, sum);
    UNROLL for (int g = 0; g < groups; g++) a[g] += aStep;
    again += aStep;
    GEMM_HIDE(again);
    // A base and an index in one address would take two places in the front end.
    if (!GEMM_IS_ALONG(way)) GEMM_HIDE(a[0]);
  }
  return b;
}

// The tile's accumulators stay in registers while k runs.
INLINE void NAME(gemm_kernel)(const int rows, const int vectors, const int way, const NAME(gemm_tile) *tile,
                             const NAME(gemm_runs) *runs) {
  const int groups = GEMM_IS_ALONG(way) ? (rows + 2) / 3 : 1;
  const int64_t aRow = tile->aRow, aStep = tile->aStep, bStep = tile->bStep;
  const REAL *a[NAME(GEMM_GROUPS)], *b = tile->b, *again = tile->a;
  UNROLL for (int g = 0; g < groups; g++) a[g] = tile->a + 3 * g * aRow;
  GEMM_HIDE(again);

  V sum[GEMM_ROWS][GEMM_WIDE_VECTORS];
  const REAL *start = tile->start;
  const int lastCount = tile->lastCount;
  UNROLL for (int i = 0; i < rows; i++, start += tile->startRow)
    NAME(gemm_load_row)(vectors, start, sum[i], lastCount);
  const int64_t cRow = tile->cRow;
  REAL *c = tile->c;
  // The next tile below begins by waiting for its part of C, unless that is on its way by then.
  if (tile->steps >= GEMM_PREFETCH_STEPS) {
    const char *next = (const char *)(c + rows * cRow);
    UNROLL for (int i = 0; i < rows; i++, next += cRow * (int64_t)sizeof(REAL))
      UNROLL for (int byte = 0; byte < vectors * W * (int)sizeof(REAL); byte += 64)
        __builtin_prefetch(next + byte, 1);
  }

  if (!GEMM_IS_VIEW(way)) {
    NAME(gemm_walk)(rows, vectors, way, tile->steps, a, again, aRow, aStep, b, bStep, sum);
  } else {
    const bp_digits *digits = runs->digits;
    int64_t k = runs->steps, left = tile->steps - k, turn = runs->turn;
    for (;;) {
      b = NAME(gemm_walk)(rows, vectors, way, k, a, again, aRow, aStep, b, bStep, sum);
      if (left == 0) break;
      int64_t gap = digits->middleStride - digits->low * aStep;
      if (--turn == 0) gap += digits->highStride - digits->middle * digits->middleStride, turn = digits->middle;
      UNROLL for (int g = 0; g < groups; g++) a[g] += gap;
      k = digits->low < left ? digits->low : left;
      left -= k;
    }
  }

  UNROLL for (int i = 0; i < rows; i++, c += cRow) NAME(gemm_store_row)(vectors, c, sum[i], lastCount);
}

// Few steps of k: all of B's panel stays in registers while the rows of A and C stream by, so loads and
// stores of C overlap with the arithmetic of the rows around them.
INLINE void NAME(gemm_stream)(const int steps, const int vectors, const NAME(gemm_tile) *tile, int64_t rows) {
  enum { GROUPS = (GEMM_STREAM_STEPS + 2) / 3 };
  const int groups = (steps + 2) / 3;
  const int64_t aRow = tile->aRow, aStep = tile->aStep;
  const REAL *a[GROUPS];
  UNROLL for (int g = 0; g < groups; g++) a[g] = tile->a + 3 * g * aStep;

  V b[GEMM_STREAM_STEPS][GEMM_VECTORS];
  UNROLL for (int k = 0; k < steps; k++)
    UNROLL for (int j = 0; j < vectors; j++) b[k][j] = LOADU(tile->b + k * tile->bStep + j * W);

  const REAL *start = tile->start;
  REAL *c = tile->c;
  const int64_t startRow = tile->startRow, cRow = tile->cRow;
  const int lastCount = tile->lastCount;
  V next[GEMM_VECTORS];
  NAME(gemm_load_row)(vectors, start, next, lastCount);
  for (int64_t i = 0; i < rows; i++, c += cRow) {
    V sum[GEMM_VECTORS];
    UNROLL for (int j = 0; j < vectors; j++) sum[j] = next[j];
    // In place, a masked store ends within the next row: a load behind it would wait for it to reach the
    // cache.
    if (i + 1 < rows) start += startRow;
    NAME(gemm_load_row)(vectors, start, next, lastCount);
    UNROLL for (int k = 0; k < steps; k++) {
      const V x = (V)(a[k / 3][k % 3 * aStep]);
      UNROLL for (int j = 0; j < vectors; j++) sum[j] = FMA(x, b[k][j], sum[j]);
    }
    UNROLL for (int g = 0; g < groups; g++) a[g] += aRow;
    NAME(gemm_store_row)(vectors, c, sum, lastCount);
  }
}

#define GEMM_CASE_1(r) case r: NAME(gemm_kernel)(r, 1, way, tile, runs); break;
#define GEMM_CASE_2(r) case r: NAME(gemm_kernel)(r, 2, way, tile, runs); break;
#define GEMM_CASE_4(r) case r: NAME(gemm_kernel)(r, 4, way, tile, runs); break;
INLINE void NAME(gemm_run_heights)(int rows, int vectors, const int way, const NAME(gemm_tile) *tile) {
  const NAME(gemm_runs) *runs = NULL;
  if (vectors == 1) {
    switch (rows) { GEMM_EACH_ROWS(GEMM_CASE_1) }
  } else if (vectors == 2) {
    switch (rows) { GEMM_EACH_ROWS(GEMM_CASE_2) }
  } else {
    switch (rows) { GEMM_EACH_WIDE_ROWS(GEMM_CASE_4) }
  }
}

NOINLINE void NAME(gemm_run_along)(int rows, int vectors, const NAME(gemm_tile) *tile) {
  NAME(gemm_run_heights)(rows, vectors, GEMM_ALONG, tile);
}

NOINLINE void NAME(gemm_run_across)(int rows, int vectors, const NAME(gemm_tile) *tile) {
  NAME(gemm_run_heights)(rows, vectors, GEMM_ACROSS, tile);
}

// Windows in place, one or two vectors wide.
NOINLINE void NAME(gemm_run_along_view)(int rows, int vectors, const NAME(gemm_tile) *tile,
                                        const NAME(gemm_runs) *runs) {
  const int way = GEMM_ALONG_VIEW;
  if (vectors == 1) switch (rows) { GEMM_EACH_ROWS(GEMM_CASE_1) }
  else switch (rows) { GEMM_EACH_ROWS(GEMM_CASE_2) }
}

NOINLINE void NAME(gemm_run_across_view)(int rows, int vectors, const NAME(gemm_tile) *tile,
                                         const NAME(gemm_runs) *runs) {
  const int way = GEMM_ACROSS_VIEW;
  if (vectors == 1) switch (rows) { GEMM_EACH_ROWS(GEMM_CASE_1) }
  else switch (rows) { GEMM_EACH_ROWS(GEMM_CASE_2) }
}

#if BP_ISA == 2
NOINLINE void NAME(gemm_run_packed)(int rows, const NAME(gemm_tile) *tile) {
  const NAME(gemm_runs) *runs = NULL;
  const int way = GEMM_PACKED;
  switch (rows) { GEMM_EACH_ROWS(GEMM_CASE_2) }
}
#endif
#undef GEMM_CASE_1
#undef GEMM_CASE_2
#undef GEMM_CASE_4

// One of a tile's strides in A is 1, or there is one row only.
INLINE void NAME(gemm_run_kernel)(int rows, int vectors, int isPacked, const NAME(gemm_tile) *tile) {
#if BP_ISA == 2
  if (isPacked && vectors == 2) {
    NAME(gemm_run_packed)(rows, tile);
    return;
  }
#endif
  (void)isPacked;
  if (tile->aRow == 1) NAME(gemm_run_across)(rows, vectors, tile);
  else NAME(gemm_run_along)(rows, vectors, tile);
}

NOINLINE void NAME(gemm_run_stream)(int steps, int vectors, const NAME(gemm_tile) *tile, int64_t rows) {
#define GEMM_CASE_1(k) case k: NAME(gemm_stream)(k, 1, tile, rows); break;
#define GEMM_CASE_2(k) case k: NAME(gemm_stream)(k, 2, tile, rows); break;
  if (vectors == 1) {
    switch (steps) { GEMM_EACH_STREAM_STEPS(GEMM_CASE_1) }
  } else {
    switch (steps) { GEMM_EACH_STREAM_STEPS(GEMM_CASE_2) }
  }
#undef GEMM_CASE_1
#undef GEMM_CASE_2
}

// ---------------------------------------------------------------------------------------------------
// Packing. A panel holds step after step of k, each `pitch` elements of consecutive rows of A or columns of
// B:
//
//     k = 0: x0 x1 x2 … | k = 1: x0 x1 x2 … | …       pitch: GEMM_A_PITCH for A, 1, 2 or 4 vectors for B
//
// Elements behind `count` up to the next whole vector hold any value: kernels compute with them and store
// nothing.

// panel[k·pitch + i] = x[k·xStep + i]
static void NAME(gemm_pack_copy)(REAL *panel, int64_t pitch, const REAL *x, int64_t xStep,
                                 int64_t count, int64_t steps) {
  for (int64_t k = 0; k < steps; k++, panel += pitch, x += xStep)
    for (int64_t i = 0; i < count; i += W)
      STOREU(panel + i, LOAD_PARTIAL(x + i, (int)(count - i < W ? count - i : W)));
}

// Transposes a square of W rows in registers, in log2(W) rounds of W shuffles.
#if BP_ISA == 1
// AVX2 shuffles freely only within halves of 128 bits. A round that interleaves pairs of elements, of halves
// or of quarters moves one bit of the row's number into the column's; for W = 8 two bits of the row's number
// end up swapped.
INLINE void NAME(gemm_transpose)(V *row) {
  V x[W];
#if W == 8
  UNROLL for (int i = 0; i < 8; i += 2) {
    x[i] = __builtin_shufflevector(row[i], row[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
    x[i + 1] = __builtin_shufflevector(row[i], row[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
  }
  UNROLL for (int i = 0; i < 8; i += i % 4 == 1 ? 3 : 1) {   // i = 0, 1, 4, 5
    row[i] = __builtin_shufflevector(x[i], x[i + 2], 0, 1, 8, 9, 4, 5, 12, 13);
    row[i + 2] = __builtin_shufflevector(x[i], x[i + 2], 2, 3, 10, 11, 6, 7, 14, 15);
  }
  UNROLL for (int i = 0; i < 4; i++) {
    const int column = i == 1 ? 2 : i == 2 ? 1 : i;
    x[column] = __builtin_shufflevector(row[i], row[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    x[column + 4] = __builtin_shufflevector(row[i], row[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
  UNROLL for (int i = 0; i < 8; i++) row[i] = x[i];
#else
  UNROLL for (int i = 0; i < 4; i += 2) {
    x[i] = __builtin_shufflevector(row[i], row[i + 1], 0, 4, 2, 6);
    x[i + 1] = __builtin_shufflevector(row[i], row[i + 1], 1, 5, 3, 7);
  }
  UNROLL for (int i = 0; i < 2; i++) {
    row[i] = __builtin_shufflevector(x[i], x[i + 2], 0, 1, 4, 5);
    row[i + 2] = __builtin_shufflevector(x[i], x[i + 2], 2, 3, 6, 7);
  }
#endif
}
#else
// Each round interleaves rows i and i + W/2 element by element.
INLINE void NAME(gemm_transpose)(V *row) {
#if W == 16
#define GEMM_LOW(x, y) \
  __builtin_shufflevector(x, y, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define GEMM_HIGH(x, y) \
  __builtin_shufflevector(x, y, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#elif W == 8
#define GEMM_LOW(x, y) __builtin_shufflevector(x, y, 0, 8, 1, 9, 2, 10, 3, 11)
#define GEMM_HIGH(x, y) __builtin_shufflevector(x, y, 4, 12, 5, 13, 6, 14, 7, 15)
#elif W == 4
#define GEMM_LOW(x, y) __builtin_shufflevector(x, y, 0, 4, 1, 5)
#define GEMM_HIGH(x, y) __builtin_shufflevector(x, y, 2, 6, 3, 7)
#else
#define GEMM_LOW(x, y) __builtin_shufflevector(x, y, 0, 2)
#define GEMM_HIGH(x, y) __builtin_shufflevector(x, y, 1, 3)
#endif
  UNROLL for (int round = 1; round < W; round *= 2) {
    V next[W];
    UNROLL for (int i = 0; i < W / 2; i++) {
      next[2 * i] = GEMM_LOW(row[i], row[i + W / 2]);
      next[2 * i + 1] = GEMM_HIGH(row[i], row[i + W / 2]);
    }
    UNROLL for (int i = 0; i < W; i++) row[i] = next[i];
  }
#undef GEMM_LOW
#undef GEMM_HIGH
}
#endif

// `count` columns of W rows from k on, transposed: square[i] holds column k + i.
INLINE void NAME(gemm_load_transposed)(V *square, const REAL *const *row, int64_t k, const int count) {
  UNROLL for (int i = 0; i < W; i++) square[i] = LOAD_PARTIAL(row[i] + k, count);
  NAME(gemm_transpose)(square);
}

// Pointers to W rows. Those from `count` on repeat the last one: they must be readable, their values are not
// used.
INLINE void NAME(gemm_find_rows)(const REAL **row, const REAL *x, int64_t xRow, int64_t count) {
  for (int64_t i = 0; i < W; i++) row[i] = x + (i < count ? i : count - 1) * xRow;
}

// panel[k·pitch + i] = row[i][k] for the W rows of one vector.
INLINE void NAME(gemm_pack_rows)(REAL *panel, int64_t pitch, const REAL *const *row, int64_t steps) {
  int64_t k = 0;
  V square[W];
  for (; k + W <= steps; k += W, panel += W * pitch) {
    NAME(gemm_load_transposed)(square, row, k, W);
    UNROLL for (int i = 0; i < W; i++) STOREU(panel + i * pitch, square[i]);
  }
  if (k == steps) return;
  NAME(gemm_load_transposed)(square, row, k, (int)(steps - k));
  for (int64_t i = 0; i < steps - k; i++) STOREU(panel + i * pitch, square[i]);
}

// panel[k·pitch + i] = x[i·xRow + k]
NOINLINE void NAME(gemm_pack_transposed)(REAL *panel, int64_t pitch, const REAL *x, int64_t xRow,
                                         int64_t count, int64_t steps) {
  for (int64_t first = 0; first < count; first += W, panel += W, x += W * xRow) {
    const REAL *row[W];
    NAME(gemm_find_rows)(row, x, xRow, count - first);
    NAME(gemm_pack_rows)(panel, pitch, row, steps);
  }
}

// Packs `count` rows of A (or columns of B) with the strides `across` them and `along` k; one of the two is
// 1.
NOINLINE void NAME(gemm_pack)(REAL *panel, int64_t pitch, const REAL *x, int64_t across, int64_t along,
                              int64_t count, int64_t steps) {
  if (across == 1) NAME(gemm_pack_copy)(panel, pitch, x, along, count, steps);
  else NAME(gemm_pack_transposed)(panel, pitch, x, across, count, steps);
}

// Packs rows [i0, i0 + count) × steps [k0, k0 + steps) of windows over images, at most GEMM_A_PITCH rows. Runs of
// neighbours in memory are copied along the rows or transposed along the steps, whichever runs are longer.
NOINLINE void NAME(gemm_pack_view)(REAL *panel, const REAL *x, const bp_digits *rows, int64_t i0, int64_t count,
                                   const bp_digits *steps, int64_t k0, int64_t stepCount) {
  const int64_t alongRows = rows->lowStride == 1 ? rows->low : 0, alongSteps = steps->lowStride == 1 ? steps->low : 0;
  int64_t row[GEMM_A_PITCH];
  for (int64_t i = 0; i < GEMM_A_PITCH; i++) row[i] = gemm_place(rows, i0 + (i < count ? i : count - 1));
  for (int64_t k = 0, run; k < stepCount; k += run) {
    // Steps up to the end of their run.
    run = steps->low - (k0 + k) % steps->low;
    if (run > stepCount - k) run = stepCount - k;
    const REAL *from = x + gemm_place(steps, k0 + k);
    REAL *out = panel + k * GEMM_A_PITCH;
    if (alongSteps > alongRows) {
      for (int64_t first = 0; first < count; first += W) {
        const REAL *pointers[W];
        for (int64_t i = 0; i < W; i++) pointers[i] = from + row[first + i];
        NAME(gemm_pack_rows)(out + first, GEMM_A_PITCH, pointers, run);
      }
      continue;
    }
    for (int64_t i = 0, length; i < count; i += length) {
      length = alongRows > 0 ? rows->low - (i0 + i) % rows->low : 1;
      if (length > count - i) length = count - i;
      for (int64_t first = 0; first < length; first += W) {
        const int width = (int)(length - first < W ? length - first : W);
        const REAL *place = from + row[i] + first;
        REAL *to = out + i + first;
        for (int64_t s = 0; s < run; s++, place += steps->lowStride, to += GEMM_A_PITCH)
          STORE_PARTIAL(to, LOAD_PARTIAL(place, width), width);
      }
    }
  }
}

#if !BP_F64
// Rounds numbers to the nearest bfloat16 (ties to even), and leaves them float32. A NaN stays one.
NOINLINE void NAME(gemm_round)(REAL *x, int64_t count) {
  typedef uint32_t NAME(word) __attribute__((ext_vector_type(W)));
  for (int64_t i = 0; i < count; i += W) {
    const V value = LOADU(x + i);
    const NAME(word) bits = __builtin_bit_cast(NAME(word), value);
    const NAME(word) rounded = (bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000u;
    STOREU(x + i, value != value ? value : __builtin_bit_cast(V, rounded));
  }
}
#endif

// One or two rows of A against the rows of a transposed B: W of these are transposed in registers, W steps of
// k at a time, and used at once, since nobody else shares them.
INLINE void NAME(gemm_dot)(const int rows, const NAME(gemm_tile) *tile, int64_t bColumn) {
  const REAL *bRow[W], *a = tile->a;
  NAME(gemm_find_rows)(bRow, tile->b, bColumn, tile->lastCount);
  const int64_t steps = tile->steps, aRow = tile->aRow, aStep = tile->aStep;
  V sum[GEMM_DOT_ROWS], square[W];
  UNROLL for (int i = 0; i < rows; i++)
    NAME(gemm_load_row)(1, tile->start + i * tile->startRow, &sum[i], tile->lastCount);
  int64_t k = 0;
  for (; k + W <= steps; k += W) {
    NAME(gemm_load_transposed)(square, bRow, k, W);
    UNROLL for (int step = 0; step < W; step++, a += aStep)
      UNROLL for (int i = 0; i < rows; i++) sum[i] = FMA((V)(a[i * aRow]), square[step], sum[i]);
  }
  if (k < steps) {
    REAL rest[W * W];
    NAME(gemm_pack_transposed)(rest, W, tile->b + k, bColumn, tile->lastCount, steps - k);
    for (const REAL *b = rest; k < steps; k++, a += aStep, b += W)
      UNROLL for (int i = 0; i < rows; i++) sum[i] = FMA((V)(a[i * aRow]), LOADU(b), sum[i]);
  }
  UNROLL for (int i = 0; i < rows; i++)
    NAME(gemm_store_row)(1, tile->c + i * tile->cRow, &sum[i], tile->lastCount);
}

NOINLINE void NAME(gemm_run_dot)(int rows, const NAME(gemm_tile) *tile, int64_t bColumn) {
  if (rows == 1) NAME(gemm_dot)(1, tile, bColumn);
  else NAME(gemm_dot)(2, tile, bColumn);
}
