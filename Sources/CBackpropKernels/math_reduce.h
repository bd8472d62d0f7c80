// Row reductions and column sums. Included by map_body.h.
//
// Row reductions run over 16 virtual lanes (lane = column mod 16), whatever the width of the vectors, and
// join the lanes as z with z + 8, + 4, + 2, + 1. So the order of a sum, and which of 0 and −0 a maximum
// gives, are the same everywhere.
#define LANE_VECTORS (16 / W)

INLINE V NAME(joined)(const int op, V x, V y) {
  return op == BP_OP_ROW_SUM ? x + y : NAME(apply)(BP_OP_MAXIMUM, x, y, y);
}

INLINE REAL NAME(join_lanes)(const int op, V lanes[LANE_VECTORS]) {
  UNROLL for (int half = LANE_VECTORS / 2; half > 0; half /= 2) {
    UNROLL for (int i = 0; i < half; i++) lanes[i] = NAME(joined)(op, lanes[i], lanes[i + half]);
  }
  V v = lanes[0];
#if W >= 16
#define LANE_FILLER , -1, -1, -1, -1, -1, -1, -1, -1
  v = NAME(joined)(op, v, __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15 LANE_FILLER));
#elif W == 8
#define LANE_FILLER
#endif
#if W >= 8
  v = NAME(joined)(op, v, __builtin_shufflevector(v, v, 4, 5, 6, 7, -1, -1, -1, -1 LANE_FILLER));
  v = NAME(joined)(op, v, __builtin_shufflevector(v, v, 2, 3, -1, -1, -1, -1, -1, -1 LANE_FILLER));
#undef LANE_FILLER
#elif W == 4
  v = NAME(joined)(op, v, __builtin_shufflevector(v, v, 2, 3, -1, -1));
#endif
  V other = (V)(v[1]);
  return NAME(joined)(op, v, other)[0];
}

// A row of an operand as vectors `step` elements apart. A repeated element becomes one vector that is read
// again and again, so that the inner loops need no case for it.
typedef struct {
  const REAL *next;
  ptrdiff_t step;
} NAME(stream);

INLINE NAME(stream) NAME(open)(const NAME(view) *view, int r, V *repeated) {
  const REAL *start = (const REAL *)view->start + r * view->row;
  if (!view->splat) return (NAME(stream)){start, W};
  *repeated = (V)(*start);
  return (NAME(stream)){(const REAL *)repeated, 0};
}

// Reduces `count` rows at once (the additions of one row wait for one another, those of several rows do not).
INLINE void NAME(reduce_rows)(const int op, const int count, const NAME(view) *a, int r, int columns,
                              REAL *results) {
  const V start = (V)(op == BP_OP_ROW_SUM ? (REAL)0 : -INFINITE);
  V lanes[4][LANE_VECTORS], repeated[4];
  NAME(stream) rows[4];
  UNROLL for (int n = 0; n < count; n++) {
    rows[n] = NAME(open)(a, r + n, &repeated[n]);
    UNROLL for (int i = 0; i < LANE_VECTORS; i++) lanes[n][i] = start;
  }
  int k = 0;
  for (; k + 16 <= columns; k += 16) {
    UNROLL for (int i = 0; i < LANE_VECTORS; i++) {
      UNROLL for (int n = 0; n < count; n++) {
        lanes[n][i] = NAME(joined)(op, lanes[n][i], LOADU(rows[n].next));
        rows[n].next += rows[n].step;
      }
    }
  }
  if (k < columns) {
    VI number = {0};
    UNROLL for (int i = 0; i < W; i++) number[i] = i;
    UNROLL for (int i = 0; i < LANE_VECTORS; i++) {
      const int left = columns - k - i * W, valid = left < W ? left : W;
      UNROLL for (int n = 0; n < count; n++) {
        if (valid > 0) {
          V x = LOAD_PARTIAL(rows[n].next, valid);
          lanes[n][i] = NAME(joined)(op, lanes[n][i], number < (VI)(SREAL)valid ? x : start);
        }
        rows[n].next += rows[n].step;
      }
    }
  }
  UNROLL for (int n = 0; n < count; n++) results[n] = NAME(join_lanes)(op, lanes[n]);
}

INLINE void NAME(reduce_all_rows)(const int op, const NAME(loop) *loop) {
  REAL *d = (REAL *)loop->d.start;
  int r = 0;
  for (; LANE_VECTORS <= 2 && r + 4 <= loop->rows; r += 4) {
    NAME(reduce_rows)(op, 4, &loop->a, r, loop->columns, d + r);
  }
  for (; r < loop->rows; r++) NAME(reduce_rows)(op, 1, &loop->a, r, loop->columns, d + r);
}

// The maximum first; then the first element that equals it, or that is a NaN if that is what the maximum is.
static void NAME(row_argmax)(const NAME(loop) *loop) {
  bp_stored_int32 *d = (bp_stored_int32 *)loop->d.start;
  for (int r = 0; r < loop->rows; r++) {
    REAL greatest;
    NAME(reduce_rows)(BP_OP_ROW_MAX, 1, &loop->a, r, loop->columns, &greatest);
    const REAL *a = (const REAL *)loop->a.start + r * loop->a.row;
    int k = 0;
    while (!loop->a.splat && a[k] == a[k] && a[k] != greatest) k++;
    d[r] = k;
  }
}

// Sums `count` vectors' width of columns over all rows, in four chains of every fourth row: one alone would wait for
// itself. The last vector has `last` elements.
INLINE void NAME(sum_columns)(const int count, const int last, const NAME(loop) *loop, int k, V *sums) {
#define SUMMAND(r, i) LOAD_PARTIAL(a + (r) * row + (i) * W, (i) == count - 1 ? last : W)
  const REAL *a = (const REAL *)loop->a.start + k;
  const ptrdiff_t row = loop->a.row;
  if (loop->rows < 4) {
    UNROLL for (int i = 0; i < count; i++) sums[i] = SUMMAND(0, i);
    for (int r = 1; r < loop->rows; r++) UNROLL for (int i = 0; i < count; i++) sums[i] += SUMMAND(r, i);
    return;
  }
  V chains[4][4];
  UNROLL for (int j = 0; j < 4; j++) UNROLL for (int i = 0; i < count; i++) chains[j][i] = SUMMAND(j, i);
  int left = loop->rows - 4;
  for (a += 4 * row; left >= 4; left -= 4, a += 4 * row)
    UNROLL for (int j = 0; j < 4; j++) UNROLL for (int i = 0; i < count; i++) chains[j][i] += SUMMAND(j, i);
  UNROLL for (int j = 0; j < 3; j++)
    if (j < left) UNROLL for (int i = 0; i < count; i++) chains[j][i] += SUMMAND(j, i);
  UNROLL for (int i = 0; i < count; i++)
    sums[i] = (chains[0][i] + chains[1][i]) + (chains[2][i] + chains[3][i]);
#undef SUMMAND
}

// The sum of one element a row, as above.
static REAL NAME(sum_repeated)(const REAL *a, ptrdiff_t row, int rows) {
  REAL chains[4] = {0};
  for (int r = 0; r < rows; r++) chains[r % 4] = r < 4 ? a[r * row] : chains[r % 4] + a[r * row];
  REAL sum = chains[0];
  if (rows > 1) sum += chains[1];
  if (rows == 3) sum += chains[2];
  return rows > 3 ? sum + (chains[2] + chains[3]) : sum;
}

static void NAME(column_sum)(const NAME(loop) *loop) {
  enum { VECTORS = BP_ISA == 2 ? 4 : 2 };   // with four chains each, as many as there are registers for
  REAL *d = (REAL *)loop->d.start;
  V sums[4];
  int k = 0;
  if (loop->a.splat) {          // the same for all columns
    const REAL sum = NAME(sum_repeated)((const REAL *)loop->a.start, loop->a.row, loop->rows);
    for (; k < loop->columns; k++) d[k] = sum;
    return;
  }
  for (; k + VECTORS * W <= loop->columns; k += VECTORS * W) {
    NAME(sum_columns)(VECTORS, W, loop, k, sums);
    UNROLL for (int i = 0; i < VECTORS; i++) STOREU(d + k + i * W, sums[i]);
  }
  for (; k < loop->columns; k += W) {
    const int count = loop->columns - k < W ? loop->columns - k : W;
    if (count == W) NAME(sum_columns)(1, W, loop, k, sums);
    else NAME(sum_columns)(1, count, loop, k, sums);
    STORE_PARTIAL(d + k, sums[0], count);
  }
}

// Binds a reduction. In column code the domain is one column wide.
static void NAME(bind_reduction)(NAME(loop) *loop, const bp_code *code, const bp_block *block,
                                 void *const *bases) {
  const ptrdiff_t size = sizeof(REAL), firstColumn = code->column ? 0 : block->firstColumn;
  loop->rows = block->rows;
  loop->columns = code->column ? 1 : block->columns;
  loop->a = NAME(bind)(&code->a, block->firstRow, firstColumn, bases, size);
  if (code->op == BP_OP_COLUMN_SUM) {      // d is the partial row of this row block
    loop->d = NAME(bind)(&code->d, block->rowBlock, firstColumn, bases, size);
  } else {
    loop->d = NAME(bind_column)(&code->d, block->firstRow, bases, code->op == BP_OP_ROW_ARGMAX ? 4 : size);
  }
}

#undef LANE_VECTORS
