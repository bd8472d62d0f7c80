// Float32 products on AMX, which multiplies tiles of bfloat16 and adds them up in float32.
//
// A float32 is the sum of three bfloat16, exactly: x = hi + mid + lo; hi is the nearest bfloat16 to x, mid what is left
// of it cut off to one, and lo the rest.
// Six of the nine products of two such sums reach float32's own precision (the other three are below 2⁻²⁴ of
// the whole), so a product of float32 matrices is six products of bfloat16 matrices. They are added up from zero
// in each block of k, and the block is then added to C: the error is below that of a chain of fused
// multiply-adds. With one part instead of three the same code multiplies numbers rounded to bfloat16.
//
// Range: both operands are multiplied by 2²⁴ while they are split, so that no part of a normal number falls
// below the smallest normal bfloat16, which AMX takes for zero; and what is added to C is multiplied by 2⁻⁴⁸. A
// block of A or B with a number of 2³⁴ or more, or an infinity, goes through the FMA kernels instead: the
// sums could overflow. (A NaN is one in all its parts, or in the last.) The choice is made for 32 rows × 32 columns ×
// one block of k, so it depends on shape and values, never on threads.
//
// Bits: an element's sum depends on k, the blocks of k and that choice alone; not on m, n or the place in C.
//
// Layout: a packed operand is cut into strips of 16 rows of A (columns of B); a strip holds, for each 32 steps of k,
// one tile of 16 × 64 bytes for each part (hi, mid, lo). A word of a tile pairs step s with step s + 16: any
// pairing gives the same sums if A and B share it, and this one needs no shuffles.
//
//   tile of A: row = row of A, word = pair of steps        tile of B: row = pair of steps, word = column of B

enum {
  AMX_EDGE = 16,                 // rows of a tile, and its words
  AMX_STEPS = 32,                // steps of k in a tile
  AMX_TILE = 1024,               // bytes of a tile
  AMX_BLOCK = 2 * AMX_EDGE,      // rows and columns of C that are computed at a time
  AMX_MOST_PARTS = 3
};

// Blocks, from trials on one kind of CPU: two blocks of packed B take at most 1.6 MB of 2 MB of L2. What fits into a
// window is one block of k, in a window or not.
enum { AMX_MOST_K = 256, AMX_MOST_N = 512 };

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,fma,avx2,bmi2,avx512bf16,amx-tile,amx-bf16"))), \
    apply_to = function)

typedef gemm_product_avx512_f32 amx_product;

typedef struct amx_plan {
  int parts;                     // 3: float32, 1: bfloat16
  int64_t blockN, blockK;
  int64_t strideStrip;           // bytes of a packed strip
} amx_plan;

static amx_plan amx_plan_product(const amx_product *p, int parts) {
  amx_plan plan = {.parts = parts};
  plan.blockK = gemm_even_block(p->k, p->k <= BP_WINDOW_STEPS ? BP_WINDOW_STEPS : AMX_MOST_K, AMX_STEPS);
  plan.blockN = gemm_even_block(p->n, plan.blockK > AMX_MOST_K ? AMX_MOST_N / 2 : AMX_MOST_N, AMX_BLOCK);
  plan.strideStrip = plan.blockK / AMX_STEPS * parts * AMX_TILE;
  return plan;
}

// The places of the halves of words in 16 bfloat16 followed by 16 others.
static const uint16_t amx_interleaved[32] __attribute__((aligned(64))) = {
  0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};

// Splits 16 pairs of numbers into parts of bfloat16 and stores them, two to a word and the words of a part AMX_TILE bytes
// behind those of the part before. `top` keeps the greatest magnitudes, which a NaN leaves as they are: its parts are NaN.
INLINE void amx_split(const int parts, __m512 x, __m512 y, char *out, __m512 *top) {
  const __m512i high = _mm512_set1_epi32((int)0xffff0000), half = _mm512_set1_epi32(0x8000);
  if (parts == 1) {
    const __m512i both = (__m512i)_mm512_cvtne2ps_pbh(y, x);
    _mm512_store_si512(out, _mm512_permutexvar_epi16(_mm512_load_si512(amx_interleaved), both));
  } else {
    x = _mm512_mul_ps(x, _mm512_set1_ps(0x1p24f));
    y = _mm512_mul_ps(y, _mm512_set1_ps(0x1p24f));
  }
  enum { ABSOLUTE_MAXIMUM = 0xb };
  *top = _mm512_range_ps(*top, x, ABSOLUTE_MAXIMUM);
  *top = _mm512_range_ps(*top, y, ABSOLUTE_MAXIMUM);
  if (parts > 1) UNROLL for (int part = 0; part < parts; part++) {
    // The first part is the nearest, so that its rest has fewer bits; the second is cut off; the third is what is left,
    // and a bfloat16 already.
    __m512i a = _mm512_castps_si512(x), b = _mm512_castps_si512(y);
    if (part == 0) a = _mm512_add_epi32(a, half), b = _mm512_add_epi32(b, half);
    if (part < 2) a = _mm512_and_si512(a, high), b = _mm512_and_si512(b, high);
    _mm512_store_si512(out + part * AMX_TILE, _mm512_or_si512(_mm512_srli_epi32(a, 16), b));
    x = _mm512_sub_ps(x, _mm512_castsi512_ps(a));
    y = _mm512_sub_ps(y, _mm512_castsi512_ps(b));
  }
}

INLINE __m512 amx_load(const float *x, int64_t count) {
  if (count >= 16) return _mm512_loadu_ps(x);
  return count > 0 ? _mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), x) : _mm512_setzero_ps();
}

// A tile of each part is packed in so many steps, of which each fits between a few products.
enum { AMX_PACK_STEPS = 6, AMX_PACK_ROWS = 4 };

// Vector i of one half of a tile's source. `isAlong`: the source is contiguous along k, and the vector is half a row of A
// or column of B; else it is a step of k across. A tile that is not whole has `count` rows of A or columns of B and `left`
// steps of k, and zeros elsewhere.
INLINE __m512 amx_source(const int isAlong, const int isWhole, const float *x, int64_t pitch, int64_t i, int half,
                         int64_t count, int64_t left) {
  const float *start = isAlong ? x + i * pitch + 16 * half : x + (i + 16 * half) * pitch;
  if (isWhole) return _mm512_loadu_ps(start);
  if (isAlong) return amx_load(start, i < count ? left - 16 * half : 0);
  return amx_load(start, i + 16 * half < left ? count : 0);
}

// A step of packing one tile of each part. Vectors of the source that lie across the tile's rows are transposed: two
// halves before they are split into three parts, or the one part.
INLINE void amx_pack_tile(const int parts, const int isA, const int isAlong, const int isWhole, int step, char *out,
                          const float *x, int64_t pitch, int64_t count, int64_t left, __m512 *top) {
  const int transposes = isAlong != isA, isEarly = transposes && parts > 1;
  const int first = (step - (parts > 1 ? 2 : 0)) * AMX_PACK_ROWS;
  vector_avx512_f32 rows[AMX_EDGE];
  if (isEarly && first < 0) {
    UNROLL for (int i = 0; i < AMX_EDGE; i++)
      rows[i] = (vector_avx512_f32)amx_source(isAlong, isWhole, x, pitch, i, step, count, left);
    gemm_transpose_avx512_f32(rows);
    UNROLL for (int i = 0; i < AMX_EDGE; i++) _mm512_store_ps(out + step * AMX_TILE + i * 64, (__m512)rows[i]);
  } else if (transposes && !isEarly && first == AMX_EDGE) {
    UNROLL for (int i = 0; i < AMX_EDGE; i++) rows[i] = (vector_avx512_f32)_mm512_load_ps(out + i * 64);
    gemm_transpose_avx512_f32(rows);
    UNROLL for (int i = 0; i < AMX_EDGE; i++) _mm512_store_ps(out + i * 64, (__m512)rows[i]);
  } else if (first >= 0 && first < AMX_EDGE) {
    __m512 most = *top;
    UNROLL for (int row = 0; row < AMX_PACK_ROWS; row++) {
      const int i = first + row;
      char *to = out + i * 64;
      const __m512 one = isEarly ? _mm512_load_ps(to) : amx_source(isAlong, isWhole, x, pitch, i, 0, count, left);
      const __m512 two =
          isEarly ? _mm512_load_ps(to + AMX_TILE) : amx_source(isAlong, isWhole, x, pitch, i, 1, count, left);
      amx_split(parts, one, two, to, &most);
    }
    *top = most;
  }
}

// A block of an operand that is packed tile by tile, in the order in which it lies in memory, so that the hardware
// fetches ahead. Most of it is packed between the products of the block before, which leave the vector units idle.
typedef struct amx_packing {
  int parts, isA, isAlong;
  char *out;
  const float *x;
  int64_t pitch, count, steps;      // rows of A or columns of B, and steps of k
  int64_t strideStrip, strips, groups;
  int64_t strip, group;             // the next tile; strip == strips or group == groups: none is left
  __m512 top[AMX_MOST_N / AMX_EDGE];
  float greatest[AMX_MOST_N / AMX_EDGE];   // magnitude in each strip, scaled
} amx_packing;

static void amx_pack_begin(amx_packing *q, int parts, int isA, char *out, int64_t strideStrip, const float *x,
                           int64_t across, int64_t along, int64_t count, int64_t steps) {
  q->parts = parts, q->isA = isA, q->isAlong = along == 1;
  q->out = out, q->strideStrip = strideStrip;
  q->x = x, q->pitch = along == 1 ? across : along, q->count = count, q->steps = steps;
  q->strips = count > 0 ? (count + AMX_EDGE - 1) / AMX_EDGE : 0, q->groups = (steps + AMX_STEPS - 1) / AMX_STEPS;
  q->strip = q->group = 0;
  for (int64_t i = 0; i < q->strips; i++) q->top[i] = _mm512_setzero_ps();
}

INLINE int amx_pack_is_done(const amx_packing *q) { return q->strip == q->strips || q->group == q->groups; }

INLINE void amx_pack_one(const int parts, const int isA, const int isAlong, int step, amx_packing *q) {
  const int64_t s = q->strip, group = q->group;
  const int64_t rows = q->count - s * AMX_EDGE < AMX_EDGE ? q->count - s * AMX_EDGE : AMX_EDGE;
  const int64_t left = q->steps - group * AMX_STEPS;
  const float *from = q->x + (isAlong ? s * AMX_EDGE * q->pitch + group * AMX_STEPS
                                      : group * AMX_STEPS * q->pitch + s * AMX_EDGE);
  char *to = q->out + s * q->strideStrip + group * parts * AMX_TILE;
  if (rows == AMX_EDGE && left >= AMX_STEPS)
    amx_pack_tile(parts, isA, isAlong, 1, step, to, from, q->pitch, rows, left, &q->top[s]);
  else amx_pack_tile(parts, isA, isAlong, 0, step, to, from, q->pitch, rows, left, &q->top[s]);
  if (step < AMX_PACK_STEPS - 1) return;
  if (isAlong) {
    if (++q->group == q->groups && ++q->strip < q->strips) q->group = 0;
  } else {
    if (++q->strip == q->strips && ++q->group < q->groups) q->strip = 0;
  }
}

// Takes a step of packing the next tile of each part; there must be one.
NOINLINE void amx_pack_step(amx_packing *q, int step) {
  switch (q->isA * 2 + q->isAlong + (q->parts == 1) * 4) {
    case 0: amx_pack_one(3, 0, 0, step, q); break;
    case 1: amx_pack_one(3, 0, 1, step, q); break;
    case 2: amx_pack_one(3, 1, 0, step, q); break;
    case 3: amx_pack_one(3, 1, 1, step, q); break;
    case 4: amx_pack_one(1, 0, 0, step, q); break;
    case 5: amx_pack_one(1, 0, 1, step, q); break;
    case 6: amx_pack_one(1, 1, 0, step, q); break;
    default: amx_pack_one(1, 1, 1, step, q); break;
  }
}

static void amx_pack_next(amx_packing *q) {
  for (int step = 0; step < AMX_PACK_STEPS; step++) amx_pack_step(q, step);
}

// Packs what is left.
static void amx_pack_end(amx_packing *q) {
  while (!amx_pack_is_done(q)) amx_pack_next(q);
  for (int64_t i = 0; i < q->strips; i++) q->greatest[i] = _mm512_reduce_max_ps(q->top[i]);
}

// ---------------------------------------------------------------------------------------------------

// Tiles 0 … 3 are the sums, 4 and 5 hold A, 6 and 7 B. Each load stands just before the first product that needs it.
#define AMX_LOAD(tile, address, part) _tile_loadd(tile, (address) + (part) * AMX_TILE, 64)
#define AMX_NEW_A(part) do { \
    AMX_LOAD(4, a0, part); \
    _tile_dpbf16ps(0, 4, 6); \
    if (columns == 2) _tile_dpbf16ps(1, 4, 7); \
    if (rows == 2) { AMX_LOAD(5, a1, part); _tile_dpbf16ps(2, 5, 6); } \
    if (rows == 2 && columns == 2) _tile_dpbf16ps(3, 5, 7); } while (0)
#define AMX_NEW_B(part) do { \
    AMX_LOAD(6, b0, part); \
    _tile_dpbf16ps(0, 4, 6); \
    if (rows == 2) _tile_dpbf16ps(2, 5, 6); \
    if (columns == 2) { AMX_LOAD(7, b1, part); _tile_dpbf16ps(1, 4, 7); } \
    if (rows == 2 && columns == 2) _tile_dpbf16ps(3, 5, 7); } while (0)
#define AMX_NEW_BOTH(partA, partB) do { \
    AMX_LOAD(6, b0, partB); \
    if (columns == 2) AMX_LOAD(7, b1, partB); \
    AMX_NEW_A(partA); } while (0)
#define AMX_PACK(step) do { if (q) amx_pack_step(q, step); } while (0)
#define AMX_ZERO() do { _tile_zero(0); _tile_zero(1); _tile_zero(2); _tile_zero(3); } while (0)
#define AMX_STORE(sums) do { \
    _tile_stored(0, sums[0], 64); \
    if (columns == 2) _tile_stored(1, sums[1], 64); \
    if (rows == 2) _tile_stored(2, sums[2], 64); \
    if (rows == 2 && columns == 2) _tile_stored(3, sums[3], 64); } while (0)

typedef float amx_sums[4][AMX_EDGE * AMX_EDGE] __attribute__((aligned(64)));

INLINE void amx_kernel(const int rows, const int columns, const int parts, const char *a0, const char *b0,
                       int64_t strip, int64_t groups, amx_packing *const *ahead, amx_sums sums) {
  const int64_t step = parts * AMX_TILE;
  const char *a1 = a0 + strip, *b1 = b0 + strip;
  AMX_ZERO();
  for (int64_t group = 0; group < groups; group++) {
    amx_packing *q = !amx_pack_is_done(ahead[0]) ? ahead[0] : !amx_pack_is_done(ahead[1]) ? ahead[1] : NULL;
    if (parts == 3) {   // six pairs, of which each has an operand of the one before
      AMX_NEW_BOTH(1, 1); AMX_PACK(0);
      AMX_NEW_B(0); AMX_PACK(1);
      AMX_NEW_A(2); AMX_PACK(2);
      AMX_NEW_A(0); AMX_PACK(3);
      AMX_NEW_B(1); AMX_PACK(4);
      AMX_NEW_B(2); AMX_PACK(5);
    } else {
      AMX_NEW_BOTH(0, 0);
      if (q) amx_pack_next(q);
    }
    a0 += step, a1 += step, b0 += step, b1 += step;
  }
  AMX_STORE(sums);
}

INLINE void amx_kernel_parts(int rows, int columns, const int parts, const char *a, const char *b, int64_t strip,
                             int64_t groups, amx_packing *const *ahead, amx_sums sums) {
  if (rows == 2 && columns == 2) amx_kernel(2, 2, parts, a, b, strip, groups, ahead, sums);
  else if (rows == 2) amx_kernel(2, 1, parts, a, b, strip, groups, ahead, sums);
  else if (columns == 2) amx_kernel(1, 2, parts, a, b, strip, groups, ahead, sums);
  else amx_kernel(1, 1, parts, a, b, strip, groups, ahead, sums);
}

NOINLINE void amx_run_kernel(int rows, int columns, int parts, const char *a, const char *b, int64_t strip,
                             int64_t groups, amx_packing *const *ahead, amx_sums sums) {
  if (parts == 1) amx_kernel_parts(rows, columns, 1, a, b, strip, groups, ahead, sums);
  else amx_kernel_parts(rows, columns, 3, a, b, strip, groups, ahead, sums);
}

// C = start + unit·sums for a block of C, which stands at c.
INLINE void amx_add(const amx_product *p, int64_t i0, int64_t rows, int64_t j0, int64_t columns, int64_t k0,
                    float *c, float unit, amx_sums sums) {
  const float *start = k0 > 0 ? p->c : p->start;
  const int64_t startRow = k0 > 0 ? p->cRow : p->startRow;
  const __m512 scale = _mm512_set1_ps(unit);
  for (int64_t j = 0; j < columns; j += AMX_EDGE) {
    const __mmask16 mask = (__mmask16)(columns - j < AMX_EDGE ? (1u << (columns - j)) - 1 : 0xffff);
    for (int64_t i = 0; i < rows; i++) {
      const int64_t place = (i / AMX_EDGE) * 2 + j / AMX_EDGE, row = i % AMX_EDGE * AMX_EDGE;
      const __m512 sum = _mm512_load_ps(sums[place] + row);
      __m512 from = _mm512_setzero_ps();
      if (start) from = _mm512_maskz_loadu_ps(mask, start + (i0 + i) * startRow + j0 + j);
      _mm512_mask_storeu_ps(c + i * p->cRow + j, mask, _mm512_fmadd_ps(sum, scale, from));
    }
  }
}

// A block by the FMA kernels.
NOINLINE void amx_fall_back(const amx_product *p, int64_t i0, int64_t rows, int64_t j0, int64_t columns,
                             int64_t k0, int64_t steps, float *c, float *scratch) {
  amx_product part = *p;
  part.finish = NULL, part.isWindow = 0;
  part.m = rows, part.n = columns, part.k = steps;
  if (p->viewRows) part.viewRow += i0, part.viewStep += k0;
  else part.a += i0 * p->aRow + k0 * p->aStep;
  part.b += j0 * p->bColumn + k0 * p->bStep;
  if (k0 > 0) part.start = p->c, part.startRow = p->cRow;
  if (part.start) part.start += i0 * part.startRow + j0;
  part.c = c;
  gemm_run_product_avx512_f32(&part, scratch);
}

// From here on a block cannot be taken: 2³⁴, scaled, for three parts; for one, the least that rounds to infinity.
static float amx_limit(int parts) { return parts == 1 ? 0x1.ffp127f : 0x1p58f; }

// A block of windows is laid out as a matrix before it is packed.
static size_t amx_dense_bytes(const amx_product *p, const amx_plan *plan) {
  return p->viewRows ? (size_t)(AMX_BLOCK * plan->blockK) * sizeof(float) : 0;
}

// Lays out rows [i, i + rows) × steps [k0, k0 + steps) of windows: row by row, or step by step (AMX_BLOCK apart) if the
// rows stand in longer runs.
static int amx_lay_out(const amx_product *p, int64_t i, int64_t rows, int64_t k0, int64_t steps, float *dense) {
  const int isAlong = p->viewSteps->lowStride == 1
      && (p->viewRows->lowStride != 1 || p->viewSteps->low > p->viewRows->low);
  const bp_digits *outer = isAlong ? p->viewRows : p->viewSteps, *inner = isAlong ? p->viewSteps : p->viewRows;
  const int64_t outerFirst = isAlong ? p->viewRow + i : p->viewStep + k0;
  const int64_t innerFirst = isAlong ? p->viewStep + k0 : p->viewRow + i;
  const int64_t outerCount = isAlong ? rows : steps, innerCount = isAlong ? steps : rows;
  for (int64_t o = 0; o < outerCount; o++, dense += isAlong ? steps : AMX_BLOCK) {
    const float *from = p->a + gemm_place(outer, outerFirst + o);
    for (int64_t e = 0, run; e < innerCount; e += run) {
      run = inner->low - (innerFirst + e) % inner->low;
      if (run > innerCount - e) run = innerCount - e;
      const float *place = from + gemm_place(inner, innerFirst + e);
      for (int64_t done = 0; done < run; done += 16) {
        const __mmask16 mask = (__mmask16)(run - done < 16 ? (1u << (run - done)) - 1 : 0xffff);
        _mm512_mask_storeu_ps(dense + e + done, mask, _mm512_maskz_loadu_ps(mask, place + done));
      }
    }
  }
  return isAlong;
}

static size_t amx_scratch(const amx_product *p, int parts) {
  const amx_plan plan = amx_plan_product(p, parts);
  const int64_t strips = 2 * (2 + plan.blockN / AMX_EDGE);
  size_t fallback = 0;
  const int64_t heights[2] = {AMX_BLOCK, p->m % AMX_BLOCK}, widths[2] = {AMX_BLOCK, p->n % AMX_BLOCK};
  for (int i = 0; i < 4; i++) {
    amx_product part = *p;
    part.m = heights[i / 2], part.n = widths[i % 2], part.k = plan.blockK;
    part.finish = NULL, part.isWindow = 0;
    if (part.m == 0 || part.n == 0) continue;
    const gemm_plan_avx512_f32 inner = gemm_plan_product_avx512_f32(&part, 1);
    const size_t need = (size_t)(inner.elementsA + inner.elementsB + inner.elementsC) * sizeof(float);
    if (need > fallback) fallback = need;
  }
  return (size_t)(strips * plan.strideStrip) + amx_dense_bytes(p, &plan) + fallback;
}

// Begins to pack rows i … of A or columns j … of B, and steps k0 … of k; there may be none.
static void amx_begin_a(const amx_product *p, const amx_plan *plan, amx_packing *q, char *out, float *dense, int64_t i,
                        int64_t k0) {
  const int64_t rows = p->m - i < AMX_BLOCK ? p->m - i : AMX_BLOCK;
  const int64_t steps = p->k - k0 < plan->blockK ? p->k - k0 : plan->blockK;
  const float *from = p->a;
  int64_t aRow = p->aRow, aStep = p->aStep;
  if (rows > 0 && p->viewRows) {
    // What was packed before is in its tiles by now.
    const int isAlong = amx_lay_out(p, i, rows, k0, steps, dense);
    from = dense, aRow = isAlong ? steps : 1, aStep = isAlong ? 1 : AMX_BLOCK;
  } else if (rows > 0) {
    from += i * aRow + k0 * aStep;
  }
  amx_pack_begin(q, plan->parts, 1, out, plan->strideStrip, from, aRow, aStep, rows, steps);
}

static void amx_begin_b(const amx_product *p, const amx_plan *plan, amx_packing *q, char *out, int64_t j, int64_t k0) {
  const int64_t columns = p->n - j < plan->blockN ? p->n - j : plan->blockN;
  const float *from = columns > 0 ? p->b + j * p->bColumn + k0 * p->bStep : p->b;
  amx_pack_begin(q, plan->parts, 0, out, plan->strideStrip, from, p->bColumn, p->bStep, columns,
                 p->k - k0 < plan->blockK ? p->k - k0 : plan->blockK);
}

NOINLINE void amx_run(const amx_product *p, int parts, void *scratch) {
  const amx_plan plan = amx_plan_product(p, parts);
  const int64_t bytesA = 2 * plan.strideStrip, bytesB = plan.blockN / AMX_EDGE * plan.strideStrip;
  char *packedA = scratch, *packedB = packedA + 2 * bytesA;
  float *dense = (float *)(packedB + 2 * bytesB), *rest = dense + amx_dense_bytes(p, &plan) / sizeof(float);
  const float limit = amx_limit(parts);
  amx_packing a[2], b[2];   // of each, the one that is read and the one that is packed meanwhile
  int nowA = 0, nowB = 0;
  amx_sums sums;
  _tile_loadconfig(&amx_configuration);
  amx_begin_b(p, &plan, &b[0], packedB, 0, 0);
  amx_begin_a(p, &plan, &a[0], packedA, dense, 0, 0);
  for (int64_t j0 = 0, k0 = 0; j0 < p->n; nowB = 1 - nowB) {
    const int64_t columns = b[nowB].count, steps = b[nowB].steps;
    const int isLastK = k0 + steps >= p->k, finishes = p->finish && isLastK;
    const int64_t nextJ = isLastK ? j0 + plan.blockN : j0, nextK = isLastK ? 0 : k0 + plan.blockK;
    amx_pack_end(&b[nowB]);
    amx_begin_b(p, &plan, &b[1 - nowB], packedB + (1 - nowB) * bytesB, nextJ, nextK);
    int64_t region = 0;   // where it begins
    for (int64_t i = 0; i < p->m; i += AMX_BLOCK, nowA = 1 - nowA) {
      const int64_t rows = a[nowA].count;
      const int isLastI = i + rows == p->m;
      amx_pack_end(&a[nowA]);
      amx_begin_a(p, &plan, &a[1 - nowA], packedA + (1 - nowA) * bytesA, dense,
                  !isLastI ? i + rows : nextJ < p->n ? 0 : p->m, isLastI ? nextK : k0);
      amx_packing *const ahead[2] = {&a[1 - nowA], &b[1 - nowB]};
      const float *top = a[nowA].greatest;
      const int isOutA = top[0] >= limit || (rows > AMX_EDGE && top[1] >= limit);
      for (int64_t j = 0; j < columns; j += AMX_BLOCK) {
        const int64_t width = columns - j < AMX_BLOCK ? columns - j : AMX_BLOCK;
        float *c = p->isWindow ? p->c + (i - region) * p->cRow + j : p->c + i * p->cRow + j0 + j;
        top = b[nowB].greatest + j / AMX_EDGE;
        if (isOutA || top[0] >= limit || (width > AMX_EDGE && top[1] >= limit)) {
          amx_fall_back(p, i, rows, j0 + j, width, k0, steps, c, rest);
          continue;
        }
        if (finishes && p->finish->prepare) p->finish->prepare(p->finish, i, rows, j0 + j, width);
        // The block of C is on its way while its sums are made.
        for (int64_t r = 0; r < rows; r++) {
          __builtin_prefetch(c + r * p->cRow, 1);
          if (width > AMX_EDGE) __builtin_prefetch(c + r * p->cRow + AMX_EDGE, 1);
        }
        amx_run_kernel(rows > AMX_EDGE ? 2 : 1, width > AMX_EDGE ? 2 : 1, parts, packedA + nowA * bytesA,
                       packedB + nowB * bytesB + j / AMX_EDGE * plan.strideStrip, plan.strideStrip, a[nowA].groups,
                       ahead, sums);
        amx_add(p, i, rows, j0 + j, width, k0, c, parts == 1 ? 1.0f : 0x1p-48f, sums);
      }
      if (finishes && (i + rows - region >= p->regionRows || i + rows == p->m)) {
        p->finish->run(p->finish, region, i + rows - region, j0, columns);
        region = i + rows;
      }
    }
    j0 = nextJ, k0 = nextK;
  }
  _tile_release();
}

#pragma clang attribute pop
