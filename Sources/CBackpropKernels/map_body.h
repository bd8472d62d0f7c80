// Runs the bytecode of one block. One source for every variant (see bp_vector.h).

// Vectors wider than the machine's are passed only between functions that are always inlined: no calling
// convention is concerned.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

#include "math_body.h"
#include "math_random.h"

// One operand of the block at hand: `row` elements from row to row; `splat` repeats one element along the
// row.
typedef struct {
  char *start;
  ptrdiff_t row;
  int splat;
} NAME(view);

// One instruction on the block at hand.
typedef struct {
  int rows, columns;
  int wholeVectors;       // behind each row of d there is room: its last vector may be written as a whole
  NAME(view) d, a, b, c;
} NAME(loop);

// An operand's part of the block, for elements of `size` bytes.
INLINE NAME(view) NAME(bind)(const bp_operand *operand, ptrdiff_t firstRow, ptrdiff_t firstColumn,
                             void *const *bases, ptrdiff_t size) {
  ptrdiff_t stride = operand->stride;
  ptrdiff_t element = operand->local ? 0 : firstRow * stride + (operand->splat ? 0 : firstColumn);
  char *start = (char *)bases[operand->slot] + operand->offset + element * size;
  return (NAME(view)){start, stride, operand->splat};
}

// A column (one element a row) as one row: its elements stand next to each other, or it is a single repeated
// one.
INLINE NAME(view) NAME(bind_column)(const bp_operand *operand, ptrdiff_t firstRow, void *const *bases,
                                    ptrdiff_t size) {
  NAME(view) column = NAME(bind)(operand, firstRow, 0, bases, size);
  column.splat = column.row == 0;
  column.row = 0;
  return column;
}

// True if the operand goes on from row to row without a seam, given that d's rows are `pitch` apart, `gap` more than
// they are long. What stands in a gap is this thread's own in registers and windows only.
INLINE int NAME(is_seamless)(const NAME(view) *view, const bp_operand *operand, ptrdiff_t pitch, ptrdiff_t gap) {
  if (view->splat) return view->row == 0;
  return view->row == pitch && (gap == 0 || operand->local || operand->slot == BP_SLOT_WINDOW);
}

// Binds the operands of a pointwise instruction, and takes all rows as one long row where memory allows.
INLINE void NAME(bind_pointwise)(NAME(loop) *loop, const bp_code *code, const bp_block *block,
                                 void *const *bases) {
  const int inputs = inputCounts[code->op];
  const ptrdiff_t size = sizeof(REAL), row = block->firstRow;
  const ptrdiff_t sizeOfD = code->op == BP_OP_STORE_INT32 ? 4 : size;
  const ptrdiff_t sizeOfA = code->op == BP_OP_LOAD_INT32 ? 4 : size;
  loop->wholeVectors = code->d.local && sizeOfD == size;
  if (code->column) {
    loop->rows = 1;
    loop->columns = block->rows;
    loop->d = NAME(bind_column)(&code->d, row, bases, sizeOfD);
    if (inputs > 0) loop->a = NAME(bind_column)(&code->a, row, bases, sizeOfA);
    if (inputs > 1) loop->b = NAME(bind_column)(&code->b, row, bases, size);
    if (inputs > 2) loop->c = NAME(bind_column)(&code->c, row, bases, size);
    return;
  }
  const ptrdiff_t column = block->firstColumn;
  loop->rows = block->rows;
  loop->columns = block->columns;
  loop->d = NAME(bind)(&code->d, row, column, bases, sizeOfD);
  if (inputs > 0) loop->a = NAME(bind)(&code->a, row, column, bases, sizeOfA);
  if (inputs > 1) loop->b = NAME(bind)(&code->b, row, column, bases, size);
  if (inputs > 2) loop->c = NAME(bind)(&code->c, row, column, bases, size);
  if (loop->rows == 1 || inputs == 0) return;      // an iota, without inputs, begins again in every row
  // Between the rows of a register there may be a few elements, which may be computed along; elsewhere none.
  const ptrdiff_t pitch = loop->d.row, gap = pitch - block->columns;
  int isSeamless = gap == 0 || (loop->wholeVectors && gap > 0 && gap < 16);
  isSeamless = isSeamless && NAME(is_seamless)(&loop->a, &code->a, pitch, gap);
  if (inputs > 1) isSeamless = isSeamless && NAME(is_seamless)(&loop->b, &code->b, pitch, gap);
  if (inputs > 2) isSeamless = isSeamless && NAME(is_seamless)(&loop->c, &code->c, pitch, gap);
  if (isSeamless) {
    loop->columns += (int)((loop->rows - 1) * pitch);
    loop->rows = 1;
  } else {
    loop->wholeVectors = loop->wholeVectors && (block->columns + 15) / 16 * 16 <= pitch;
  }
}

INLINE V NAME(one_if)(VI condition) { return condition ? (V)((REAL)1) : (V)((REAL)0); }

// The elementwise functions. `op` is a constant wherever this is expanded.
INLINE V NAME(apply)(const int op, V x, V y, V z) {
  switch (op) {
    case BP_OP_NEGATE: return -x;
    case BP_OP_SQRT: return __builtin_elementwise_sqrt(x);
    case BP_OP_ABS: return __builtin_elementwise_abs(x);
    // Adding 0 makes −0 to 0 and keeps a NaN.
    case BP_OP_SIGN: return x > (REAL)0 ? (V)((REAL)1) : (x < (REAL)0 ? (V)((REAL)-1) : x + (REAL)0);
    case BP_OP_RELU: return (REAL)0 > x ? (V)((REAL)0) : x;
    case BP_OP_TRUNCATE: return __builtin_elementwise_trunc(x);
    case BP_OP_ADD: return x + y;
    case BP_OP_SUBTRACT: return x - y;
    case BP_OP_MULTIPLY: return x * y;
    case BP_OP_DIVIDE: return x / y;
    // If only y is a NaN then the comparison is false and y the answer.
    case BP_OP_MINIMUM: return x != x ? x : (x < y ? x : y);
    case BP_OP_MAXIMUM: return x != x ? x : (x > y ? x : y);
    case BP_OP_LESS: return NAME(one_if)((VI)(x < y));
    case BP_OP_LESS_EQUAL: return NAME(one_if)((VI)(x <= y));
    case BP_OP_EQUAL: return NAME(one_if)((VI)(x == y));
    case BP_OP_NOT_EQUAL: return NAME(one_if)((VI)(x != y));
    case BP_OP_SELECT: return x != (REAL)0 ? y : z;
    case BP_OP_FMA: return FMA(x, y, z);
    case BP_OP_FNMA: return FMA(-x, y, z);
    default: return x;
  }
}

// Columns up to which rows are run through the other way, one vector's width down all rows: along a row there would be too
// few vectors to repay beginning it.
#define NARROW_COLUMNS (4 * W)

// One vector's width of columns, `count` of them, from the first row to the last.
INLINE void NAME(pointwise_down)(const int op, const int inputs, const int repeats, const NAME(loop) *loop, int k,
                                 const int isWhole, int count) {
  const ptrdiff_t aRow = loop->a.row, bRow = inputs > 1 ? loop->b.row : 0, cRow = inputs > 2 ? loop->c.row : 0;
  const REAL *a = (const REAL *)loop->a.start + (repeats & 1 ? 0 : k), *b = a, *c = a;
  if (inputs > 1) b = (const REAL *)loop->b.start + (repeats & 2 ? 0 : k);
  if (inputs > 2) c = (const REAL *)loop->c.start + (repeats & 4 ? 0 : k);
  REAL *d = (REAL *)loop->d.start + k;
  V x = {0}, y = {0}, z = {0};
#pragma clang loop unroll_count(4)
  for (int r = 0; r < loop->rows; r++) {
    x = repeats & 1 ? (V)(*a) : isWhole ? LOADU(a) : LOAD_PARTIAL(a, count);
    if (inputs > 1) y = repeats & 2 ? (V)(*b) : isWhole ? LOADU(b) : LOAD_PARTIAL(b, count);
    if (inputs > 2) z = repeats & 4 ? (V)(*c) : isWhole ? LOADU(c) : LOAD_PARTIAL(c, count);
    const V result = NAME(apply)(op, x, y, z);
    if (isWhole) STOREU(d, result);
    else STORE_PARTIAL(d, result, count);
    a += aRow, b += bRow, c += cRow, d += loop->d.row;
  }
}

// d = op(a, b, c), of which the first `inputs` are read; bit i of `repeats` says that operand i is one element.
INLINE void NAME(pointwise)(const int op, const int inputs, const int repeats, const NAME(loop) *loop) {
  const int columns = loop->columns, whole = columns & -W, rest = columns - whole;
  if (loop->rows > 4 && columns <= NARROW_COLUMNS) {
    for (int k = 0; k < whole; k += W) NAME(pointwise_down)(op, inputs, repeats, loop, k, 1, W);
    if (rest > 0) NAME(pointwise_down)(op, inputs, repeats, loop, whole, 0, rest);
    return;
  }
  for (int r = 0; r < loop->rows; r++) {
    const REAL *a = (const REAL *)loop->a.start + r * loop->a.row, *b = a, *c = a;
    if (inputs > 1) b = (const REAL *)loop->b.start + r * loop->b.row;
    if (inputs > 2) c = (const REAL *)loop->c.start + r * loop->c.row;
    REAL *d = (REAL *)loop->d.start + r * loop->d.row;
    V x = (V)(*a), y = (V)(*b), z = (V)(*c);
#pragma clang loop unroll_count(4)
    for (int k = 0; k < whole; k += W) {
      if (!(repeats & 1)) x = LOADU(a + k);
      if (inputs > 1 && !(repeats & 2)) y = LOADU(b + k);
      if (inputs > 2 && !(repeats & 4)) z = LOADU(c + k);
      STOREU(d + k, NAME(apply)(op, x, y, z));
    }
    if (rest > 0) {
      if (!(repeats & 1)) x = LOAD_PARTIAL(a + whole, rest);
      if (inputs > 1 && !(repeats & 2)) y = LOAD_PARTIAL(b + whole, rest);
      if (inputs > 2 && !(repeats & 4)) z = LOAD_PARTIAL(c + whole, rest);
      if (loop->wholeVectors) STOREU(d + whole, NAME(apply)(op, x, y, z));
      else STORE_PARTIAL(d + whole, NAME(apply)(op, x, y, z), rest);
    }
  }
}

// Every combination of repeated operands has a loop of its own.
INLINE void NAME(pointwise_unary)(const int op, const NAME(loop) *loop) {
  if (loop->a.splat) NAME(pointwise)(op, 1, 1, loop);
  else NAME(pointwise)(op, 1, 0, loop);
}
INLINE void NAME(pointwise_binary)(const int op, const NAME(loop) *loop) {
  switch (loop->a.splat | loop->b.splat << 1) {
    case 0: NAME(pointwise)(op, 2, 0, loop); break;
    case 1: NAME(pointwise)(op, 2, 1, loop); break;
    case 2: NAME(pointwise)(op, 2, 2, loop); break;
    case 3: NAME(pointwise)(op, 2, 3, loop); break;
  }
}
INLINE void NAME(pointwise_ternary)(const int op, const NAME(loop) *loop) {
  switch (loop->a.splat | loop->b.splat << 1 | loop->c.splat << 2) {
    case 0: NAME(pointwise)(op, 3, 0, loop); break;
    case 1: NAME(pointwise)(op, 3, 1, loop); break;
    case 2: NAME(pointwise)(op, 3, 2, loop); break;
    case 3: NAME(pointwise)(op, 3, 3, loop); break;
    case 4: NAME(pointwise)(op, 3, 4, loop); break;
    case 5: NAME(pointwise)(op, 3, 5, loop); break;
    case 6: NAME(pointwise)(op, 3, 6, loop); break;
    case 7: NAME(pointwise)(op, 3, 7, loop); break;
  }
}

// Loads the first n elements, zeros behind them.
INLINE NAME(wide) NAME(load_wide)(const REAL *a, int n) {
  V parts[MATH_VECTORS];
  for (int i = 0; i < MATH_VECTORS; i++, a += W, n -= W) {
    parts[i] = n >= W ? LOADU(a) : n > 0 ? LOAD_PARTIAL(a, n) : (V)((REAL)0);
  }
  NAME(wide) x;
  memcpy(&x, parts, sizeof x);
  return x;
}

// Stores the first n elements; with `wholeVectors` the last vector as a whole.
INLINE void NAME(store_wide)(REAL *d, NAME(wide) y, int n, int wholeVectors) {
  V parts[MATH_VECTORS];
  memcpy(parts, &y, sizeof parts);
  for (int i = 0; n > 0; i++, d += W, n -= W) {
    if (n >= W || wholeVectors) STOREU(d, parts[i]);
    else STORE_PARTIAL(d, parts[i], n);
  }
}

INLINE NAME(wide) NAME(apply_wide)(const int op, NAME(wide) x) {
  switch (op) {
    case BP_OP_EXP: return NAME(exp)(x);
    case BP_OP_EXPM1: return NAME(expm1)(x);
    case BP_OP_LOG: return NAME(log)(x);
    case BP_OP_LOG1P: return NAME(log1p)(x);
    case BP_OP_ERF: return NAME(erf)(x);
    case BP_OP_SIGMOID: return NAME(sigmoid)(x);
    case BP_OP_TANH: return NAME(tanh)(x);
    default: return x;
  }
}

// d = op(a) for the elementary functions, several vectors at a time.
INLINE void NAME(elementary)(const int op, const NAME(loop) *loop) {
  for (int r = 0; r < loop->rows; r++) {
    const REAL *a = (const REAL *)loop->a.start + r * loop->a.row;
    REAL *d = (REAL *)loop->d.start + r * loop->d.row;
    ptrdiff_t step = WIDE;
    NAME(wide) repeated;
    if (loop->a.splat) {
      repeated = (NAME(wide))(*a);
      a = (const REAL *)&repeated;
      step = 0;
    }
    int left = loop->columns;
    for (; left >= WIDE; left -= WIDE, a += step, d += WIDE) {
      *(NAME(wide_unaligned) *)d = NAME(apply_wide)(op, *(const NAME(wide_unaligned) *)a);
    }
    if (left > 0) NAME(store_wide)(d, NAME(apply_wide)(op, NAME(load_wide)(a, left)), left, loop->wholeVectors);
  }
}

#include "math_library.h"

static void NAME(load_int32)(const NAME(loop) *loop) {
  const int step = loop->a.splat ? 0 : 1;
  for (int r = 0; r < loop->rows; r++) {
    const bp_stored_int32 *a = (const bp_stored_int32 *)loop->a.start + r * loop->a.row;
    REAL *d = (REAL *)loop->d.start + r * loop->d.row;
    for (int k = 0; k < loop->columns; k++) d[k] = (REAL)a[k * step];
  }
}

static void NAME(store_int32)(const NAME(loop) *loop) {
  const int step = loop->a.splat ? 0 : 1;
  for (int r = 0; r < loop->rows; r++) {
    const REAL *a = (const REAL *)loop->a.start + r * loop->a.row;
    bp_stored_int32 *d = (bp_stored_int32 *)loop->d.start + r * loop->d.row;
    for (int k = 0; k < loop->columns; k++) {
      REAL x = a[k * step];
      int fits = x > (REAL)-2147483648.0 && x < (REAL)2147483648.0;
      int32_t saturated = x >= (REAL)2147483648.0 ? INT32_MAX : (x < 0 ? INT32_MIN : 0);
      d[k] = fits ? (int32_t)x : saturated;
    }
  }
}

// d(r, c) = c. In column code a row has one element, number 0.
static void NAME(iota)(const NAME(loop) *loop, int firstColumn, int column) {
  for (int r = 0; r < loop->rows; r++) {
    REAL *d = (REAL *)loop->d.start + r * loop->d.row;
    for (int k = 0; k < loop->columns; k++) d[k] = column ? (REAL)0 : (REAL)(firstColumn + k);
  }
}

// What is done one element after the other, or left to the compiler to vectorise.
static void NAME(run_elementwise)(const NAME(loop) *loop, const bp_code *code, const bp_block *block) {
  switch (code->op) {
    case BP_OP_SIN: NAME(library_unary)(LIBRARY(sin), loop); break;
    case BP_OP_COS: NAME(library_unary)(LIBRARY(cos), loop); break;
    case BP_OP_POWER: NAME(library_binary)(LIBRARY(pow), loop); break;
    case BP_OP_LOAD_INT32: NAME(load_int32)(loop); break;
    case BP_OP_STORE_INT32: NAME(store_int32)(loop); break;
    case BP_OP_IOTA: NAME(iota)(loop, block->firstColumn, code->column); break;
  }
}

// Column code fills a value with one element a row, whose index is the row's number.
static void NAME(uniform)(const bp_code *code, const bp_block *block, void *const *bases) {
  const void *key = (const char *)bases[code->a.slot] + code->a.offset;
  if (code->column) {
    NAME(view) d = NAME(bind_column)(&code->d, block->firstRow, bases, sizeof(REAL));
    NAME(fill_uniform)((REAL *)d.start, (uint64_t)block->firstRow, block->rows, key);
    return;
  }
  NAME(view) d = NAME(bind)(&code->d, block->firstRow, block->firstColumn, bases, sizeof(REAL));
  for (int r = 0; r < block->rows; r++) {
    uint64_t row = (uint64_t)(block->firstRow + r) * (uint64_t)block->domainColumns;
    NAME(fill_uniform)((REAL *)d.start + r * d.row, row + (uint64_t)block->firstColumn, block->columns, key);
  }
}

// Zeros at `places` places of an image, in the block's columns.
INLINE void NAME(clear_places)(REAL *d, int64_t places, int columns, int64_t channels) {
  if (columns == channels) memset(d, 0, (size_t)(places * channels) * sizeof(REAL));
  else for (; places > 0; places--, d += channels) memset(d, 0, (size_t)columns * sizeof(REAL));
}

static void NAME(pad)(const bp_code *code, const bp_block *block, void *const *bases) {
  const bp_margins *m = (const bp_margins *)((const char *)bases[code->b.slot] + code->b.offset);
  const NAME(view) a = NAME(bind)(&code->a, block->firstRow, block->firstColumn, bases, sizeof(REAL));
  const int64_t channels = block->domainColumns, line = m->left + m->width + m->right;
  const int columns = block->columns;
  REAL *const d = (REAL *)((char *)bases[code->d.slot] + code->d.offset) + block->firstColumn;
  for (int r = 0, count; r < block->rows; r += count) {
    const int row = block->firstRow + r, x = row % m->width, y = row / m->width % m->height;
    const int64_t image = row / m->width / m->height * (int64_t)(m->top + m->height + m->bottom) * line;
    count = m->width - x < block->rows - r ? m->width - x : block->rows - r;
    const int64_t place = image + (m->top + y) * line + m->left + x;
    const REAL *from = (const REAL *)a.start + r * a.row;
    REAL *to = d + place * channels;
    if (columns == channels && a.row == columns) memcpy(to, from, (size_t)(count * channels) * sizeof(REAL));
    else for (int i = 0; i < count; i++) memcpy(to + i * channels, from + i * a.row, (size_t)columns * sizeof(REAL));
    if (x == 0) NAME(clear_places)(to - m->left * channels, m->left, columns, channels);
    if (x + count == m->width) NAME(clear_places)(to + count * channels, m->right, columns, channels);
    if (x == 0 && y == 0) NAME(clear_places)(d + image * channels, m->top * line, columns, channels);
    if (x + count == m->width && y + 1 == m->height)
      NAME(clear_places)(d + (image + (m->top + m->height) * line) * channels, m->bottom * line, columns, channels);
  }
}

// One row of the chain of two moments: the two scarce operations, root and quotient, run beside loads and stores.
typedef struct { const REAL *m, *g, *v; REAL *newM, *newV, *d; V x, y, z, w, p, q; } NAME(moment_row);

INLINE V NAME(moment_step)(const NAME(moment_row) *row, V *m, V g, V *v) {
  *m = FMA(row->y, g, *m * row->x);
  *v = FMA(row->w, g * g, *v * row->z);
  return *m / FMA(__builtin_elementwise_sqrt(*v), row->p, row->q);
}

// The chain of bp_chain_length. 0 if its operands do not walk through the block in the same way: then it has not run.
static int NAME(moments)(const bp_code *codes, const bp_block *block, void *const *bases) {
  const int bound[5] = {0, 1, 3, 4, 7};
  NAME(loop) loops[5];
  for (int i = 0; i < 5; i++) {
    NAME(bind_pointwise)(&loops[i], &codes[bound[i]], block, bases);
    if (loops[i].rows != loops[0].rows || loops[i].columns != loops[0].columns) return 0;
  }
  const NAME(view) *m = &loops[0].a, *g = &loops[1].b, *v = &loops[2].a;
  const NAME(view) *newM = &loops[1].d, *newV = &loops[3].d, *d = &loops[4].d;
  NAME(moment_row) row;
  const bp_operand *numbers[6] = {&codes[0].b, &codes[1].a, &codes[3].b, &codes[4].a, &codes[6].b, &codes[6].c};
  V *const values[6] = {&row.x, &row.y, &row.z, &row.w, &row.p, &row.q};
  for (int i = 0; i < 6; i++)
    *values[i] = (V)(*(const REAL *)((const char *)bases[numbers[i]->slot] + numbers[i]->offset));
  const int columns = loops[0].columns, whole = columns & -W, rest = columns - whole;
  for (int r = 0; r < loops[0].rows; r++) {
    row.m = (const REAL *)m->start + r * m->row, row.newM = (REAL *)newM->start + r * newM->row;
    row.v = (const REAL *)v->start + r * v->row, row.newV = (REAL *)newV->start + r * newV->row;
    row.g = (const REAL *)g->start + r * g->row, row.d = (REAL *)d->start + r * d->row;
    for (int k = 0; k < whole; k += W) {
      V one = LOADU(row.m + k), two = LOADU(row.v + k);
      const V result = NAME(moment_step)(&row, &one, LOADU(row.g + k), &two);
      STOREU(row.newM + k, one);
      STOREU(row.newV + k, two);
      STOREU(row.d + k, result);
    }
    if (rest > 0) {
      V one = LOAD_PARTIAL(row.m + whole, rest), two = LOAD_PARTIAL(row.v + whole, rest);
      const V result = NAME(moment_step)(&row, &one, LOAD_PARTIAL(row.g + whole, rest), &two);
      STORE_PARTIAL(row.newM + whole, one, rest);
      STORE_PARTIAL(row.newV + whole, two, rest);
      STORE_PARTIAL(row.d + whole, result, rest);
    }
  }
  return 1;
}

#include "math_reduce.h"

#define ELEMENTARY(op) case op: NAME(elementary)(op, &loop); break;
#define UNARY(op) case op: NAME(pointwise_unary)(op, &loop); break;
#define BINARY(op) case op: NAME(pointwise_binary)(op, &loop); break;
#define TERNARY(op) case op: NAME(pointwise_ternary)(op, &loop); break;

static void NAME(run_codes)(const bp_block *block, const bp_code *codes, int count, void *const *bases) {
  for (const bp_code *code = codes; code < codes + count; code++) {
    if (code->chain > 0 && NAME(moments)(code, block, bases)) {
      code += code->chain - 1;
      continue;
    }
    NAME(loop) loop;
    if (code->op <= BP_OP_IOTA) NAME(bind_pointwise)(&loop, code, block, bases);
    switch (code->op) {
      UNARY(BP_OP_COPY)
      UNARY(BP_OP_NEGATE)
      UNARY(BP_OP_SQRT)
      ELEMENTARY(BP_OP_EXP)
      ELEMENTARY(BP_OP_EXPM1)
      ELEMENTARY(BP_OP_LOG)
      ELEMENTARY(BP_OP_LOG1P)
      UNARY(BP_OP_ABS)
      UNARY(BP_OP_SIGN)
      ELEMENTARY(BP_OP_ERF)
      ELEMENTARY(BP_OP_SIGMOID)
      ELEMENTARY(BP_OP_TANH)
      UNARY(BP_OP_RELU)
      UNARY(BP_OP_TRUNCATE)
      BINARY(BP_OP_ADD)
      BINARY(BP_OP_SUBTRACT)
      BINARY(BP_OP_MULTIPLY)
      BINARY(BP_OP_DIVIDE)
      BINARY(BP_OP_MINIMUM)
      BINARY(BP_OP_MAXIMUM)
      BINARY(BP_OP_LESS)
      BINARY(BP_OP_LESS_EQUAL)
      BINARY(BP_OP_EQUAL)
      BINARY(BP_OP_NOT_EQUAL)
      TERNARY(BP_OP_SELECT)
      TERNARY(BP_OP_FMA)
      TERNARY(BP_OP_FNMA)
      case BP_OP_SIN: case BP_OP_COS: case BP_OP_POWER:
      case BP_OP_LOAD_INT32: case BP_OP_STORE_INT32: case BP_OP_IOTA:
        NAME(run_elementwise)(&loop, code, block);
        break;
      case BP_OP_UNIFORM: NAME(uniform)(code, block, bases); break;
      case BP_OP_PAD: NAME(pad)(code, block, bases); break;
      default:
        NAME(bind_reduction)(&loop, code, block, bases);
        switch (code->op) {
          case BP_OP_ROW_SUM: NAME(reduce_all_rows)(BP_OP_ROW_SUM, &loop); break;
          case BP_OP_ROW_MAX: NAME(reduce_all_rows)(BP_OP_ROW_MAX, &loop); break;
          case BP_OP_ROW_ARGMAX: NAME(row_argmax)(&loop); break;
          case BP_OP_COLUMN_SUM: NAME(column_sum)(&loop); break;
        }
    }
  }
}

#pragma clang diagnostic pop

#undef UNARY
#undef BINARY
#undef TERNARY
#undef ELEMENTARY
#undef INFINITE
#undef LIBRARY
#undef WIDE
#undef MATH_VECTORS
