// Float32 products on AMX, which multiplies tiles of bfloat16 and adds them up in float32.
//
// A float32 is the sum of three bfloat16, exactly: x = hi + mid + lo, each the nearest bfloat16 to what is left.
// Six of the nine products of two such sums reach float32's own precision (the other three are below 2⁻²⁴ of
// the whole), so a product of float32 matrices is six products of bfloat16 matrices. They are added up from zero
// in each block of k, and the block is then added to C: the error is below that of a chain of fused
// multiply-adds. With one part instead of three the same code multiplies numbers rounded to bfloat16.
//
// Range: both operands are multiplied by 2²⁴ while they are split, so that no part of a normal number falls
// below the smallest normal bfloat16, which AMX takes for zero; and what is added to C is multiplied by 2⁻⁴⁸. A
// block of A or B with a number of 2³⁴ or more, an infinity or a NaN goes through the FMA kernels instead: the
// sums could overflow. The choice is made for 32 rows × 32 columns × one block of k, so it depends on shape and
// values, never on threads.
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

// Blocks, from trials on one kind of CPU: packed B takes 0.8 MB of 2 MB of L2.
#ifndef AMX_MOST_K
enum { AMX_MOST_K = 512 };
#endif
#ifndef AMX_MOST_N
enum { AMX_MOST_N = 512 };
#endif

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
  plan.blockK = gemm_even_block(p->k, AMX_MOST_K, AMX_STEPS);
  plan.blockN = gemm_even_block(p->n, AMX_MOST_N, AMX_BLOCK);
  plan.strideStrip = plan.blockK / AMX_STEPS * parts * AMX_TILE;
  return plan;
}

// Splits 16 pairs of numbers into parts of bfloat16, two to a word; `top` keeps the greatest bit patterns of the
// first part, without sign. (A NaN that rounding carries beyond its pattern is still one in the last part.)
INLINE void amx_split(const int parts, __m512 x, __m512 y, __m512i *word, __m512i *top) {
  const __m512i magnitude = _mm512_set1_epi16(0x7fff), half = _mm512_set1_epi32(0x8000);
  const __m512i high = _mm512_set1_epi32((int)0xffff0000);
  if (parts > 1) {
    x = _mm512_mul_ps(x, _mm512_set1_ps(0x1p24f));
    y = _mm512_mul_ps(y, _mm512_set1_ps(0x1p24f));
  }
  if (parts == 1) {
    const __m512i a = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(x));
    const __m512i b = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(y));
    word[0] = _mm512_or_si512(a, _mm512_slli_epi32(b, 16));
  }
  if (parts > 1) UNROLL for (int part = 0; part < parts; part++) {
    __m512i a = _mm512_castps_si512(x), b = _mm512_castps_si512(y);
    if (part < 2) {   // what is left for the third part is a bfloat16 already
      a = _mm512_and_si512(_mm512_add_epi32(a, half), high);
      b = _mm512_and_si512(_mm512_add_epi32(b, half), high);
    }
    word[part] = _mm512_or_si512(_mm512_srli_epi32(a, 16), b);
    x = _mm512_sub_ps(x, _mm512_castsi512_ps(a));
    y = _mm512_sub_ps(y, _mm512_castsi512_ps(b));
  }
  *top = _mm512_max_epu16(*top, _mm512_and_si512(word[0], magnitude));
}

INLINE __m512 amx_load(const float *x, int64_t count) {
  if (count >= 16) return _mm512_loadu_ps(x);
  return count > 0 ? _mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), x) : _mm512_setzero_ps();
}

// Packs one tile of each part. `isAlong`: the source is contiguous along k. A tile that is not whole has `count` rows
// of A or columns of B and `left` steps of k, and zeros elsewhere.
INLINE void amx_pack_tile(const int parts, const int isA, const int isAlong, const int isWhole, char *out,
                          const float *x, int64_t pitch, int64_t count, int64_t left, __m512i *top) {
  __m512i tile[AMX_MOST_PARTS][AMX_EDGE];
  UNROLL for (int i = 0; i < AMX_EDGE; i++) {
    // Vector i holds the pairs of row (or column) i, or pair i of every row (or column).
    const float *start = x + i * pitch;
    const int64_t apart = isAlong ? 16 : 16 * pitch;
    __m512 first, second;
    if (isWhole) {
      first = _mm512_loadu_ps(start);
      second = _mm512_loadu_ps(start + apart);
    } else if (isAlong) {
      first = amx_load(start, i < count ? left : 0);
      second = amx_load(start + apart, i < count ? left - 16 : 0);
    } else {
      first = amx_load(start, i < left ? count : 0);
      second = amx_load(start + apart, i + 16 < left ? count : 0);
    }
    __m512i word[AMX_MOST_PARTS];
    amx_split(parts, first, second, word, top);
    UNROLL for (int part = 0; part < parts; part++) {
      if (isAlong == isA) _mm512_store_si512(out + part * AMX_TILE + i * 64, word[part]);
      else tile[part][i] = word[part];
    }
  }
  if (isAlong == isA) return;
  UNROLL for (int part = 0; part < parts; part++) {
    gemm_transpose_avx512_f32((vector_avx512_f32 *)tile[part]);
    UNROLL for (int i = 0; i < AMX_EDGE; i++)
      _mm512_store_si512(out + part * AMX_TILE + i * 64, tile[part][i]);
  }
}

INLINE uint32_t amx_greatest(__m512i top) {
  const __m512i odd = _mm512_srli_epi32(top, 16), even = _mm512_and_si512(top, _mm512_set1_epi32(0xffff));
  return _mm512_reduce_max_epu32(_mm512_max_epu32(odd, even));
}

// Packs `count` rows of A or columns of B, and `steps` of k, in strips `strip` bytes apart. The source is walked the way it
// lies in memory, so that the hardware fetches ahead. `tops` gets the greatest bit pattern of a first part, without
// sign, for each strip.
INLINE void amx_pack_strips(const int parts, const int isA, const int isAlong, char *out, int64_t strip,
                            const float *x, int64_t pitch, int64_t count, int64_t steps, uint32_t *tops) {
  const int64_t strips = (count + AMX_EDGE - 1) / AMX_EDGE, groups = (steps + AMX_STEPS - 1) / AMX_STEPS;
  const int64_t outer = isAlong ? strips : groups, inner = isAlong ? groups : strips;
  __m512i top[AMX_MOST_N / AMX_EDGE];
  for (int64_t i = 0; i < strips; i++) top[i] = _mm512_setzero_si512();
  for (int64_t o = 0; o < outer; o++) {
    for (int64_t i = 0; i < inner; i++) {
      const int64_t s = isAlong ? o : i, group = isAlong ? i : o;
      const int64_t rows = count - s * AMX_EDGE < AMX_EDGE ? count - s * AMX_EDGE : AMX_EDGE;
      const int64_t left = steps - group * AMX_STEPS;
      const float *from = x + (isAlong ? s * AMX_EDGE * pitch + group * AMX_STEPS
                                       : group * AMX_STEPS * pitch + s * AMX_EDGE);
      char *to = out + s * strip + group * parts * AMX_TILE;
      if (rows == AMX_EDGE && left >= AMX_STEPS)
        amx_pack_tile(parts, isA, isAlong, 1, to, from, pitch, rows, left, &top[s]);
      else amx_pack_tile(parts, isA, isAlong, 0, to, from, pitch, rows, left, &top[s]);
    }
  }
  for (int64_t i = 0; i < strips; i++) tops[i] = amx_greatest(top[i]);
}

// The same with the strides of a product, one of which is 1.
INLINE void amx_pack_parts(const int parts, int isA, char *out, int64_t strip, const float *x, int64_t across,
                           int64_t along, int64_t count, int64_t steps, uint32_t *tops) {
  if (along == 1) {
    if (isA) amx_pack_strips(parts, 1, 1, out, strip, x, across, count, steps, tops);
    else amx_pack_strips(parts, 0, 1, out, strip, x, across, count, steps, tops);
  } else {
    if (isA) amx_pack_strips(parts, 1, 0, out, strip, x, along, count, steps, tops);
    else amx_pack_strips(parts, 0, 0, out, strip, x, along, count, steps, tops);
  }
}

NOINLINE void amx_pack(int parts, int isA, char *out, int64_t strip, const float *x, int64_t across, int64_t along,
                       int64_t count, int64_t steps, uint32_t *tops) {
  if (parts == 1) amx_pack_parts(1, isA, out, strip, x, across, along, count, steps, tops);
  else amx_pack_parts(3, isA, out, strip, x, across, along, count, steps, tops);
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
#define AMX_ZERO() do { _tile_zero(0); _tile_zero(1); _tile_zero(2); _tile_zero(3); } while (0)
#define AMX_STORE(sums) do { \
    _tile_stored(0, sums[0], 64); \
    if (columns == 2) _tile_stored(1, sums[1], 64); \
    if (rows == 2) _tile_stored(2, sums[2], 64); \
    if (rows == 2 && columns == 2) _tile_stored(3, sums[3], 64); } while (0)

typedef float amx_sums[4][AMX_EDGE * AMX_EDGE] __attribute__((aligned(64)));

INLINE void amx_kernel(const int rows, const int columns, const int parts, const char *a0, const char *b0,
                       int64_t strip, int64_t groups, amx_sums sums) {
  const int64_t step = parts * AMX_TILE;
  const char *a1 = a0 + strip, *b1 = b0 + strip;
  AMX_ZERO();
  for (int64_t group = 0; group < groups; group++) {
    if (parts == 3) {   // six pairs, of which each has an operand of the one before
      AMX_NEW_BOTH(1, 1); AMX_NEW_B(0); AMX_NEW_A(2); AMX_NEW_A(0); AMX_NEW_B(1); AMX_NEW_B(2);
    } else {
      AMX_NEW_BOTH(0, 0);
    }
    a0 += step, a1 += step, b0 += step, b1 += step;
  }
  AMX_STORE(sums);
}

INLINE void amx_kernel_parts(int rows, int columns, const int parts, const char *a, const char *b, int64_t strip,
                             int64_t groups, amx_sums sums) {
  if (rows == 2 && columns == 2) amx_kernel(2, 2, parts, a, b, strip, groups, sums);
  else if (rows == 2) amx_kernel(2, 1, parts, a, b, strip, groups, sums);
  else if (columns == 2) amx_kernel(1, 2, parts, a, b, strip, groups, sums);
  else amx_kernel(1, 1, parts, a, b, strip, groups, sums);
}

NOINLINE void amx_run_kernel(int rows, int columns, int parts, const char *a, const char *b, int64_t strip,
                             int64_t groups, amx_sums sums) {
  if (parts == 1) amx_kernel_parts(rows, columns, 1, a, b, strip, groups, sums);
  else amx_kernel_parts(rows, columns, 3, a, b, strip, groups, sums);
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
  part.a += i0 * p->aRow + k0 * p->aStep;
  part.b += j0 * p->bColumn + k0 * p->bStep;
  if (k0 > 0) part.start = p->c, part.startRow = p->cRow;
  if (part.start) part.start += i0 * part.startRow + j0;
  part.c = c;
  gemm_run_product_avx512_f32(&part, scratch);
}

// From here on a block cannot be taken, as a pattern of bfloat16: 2³⁴, scaled, for three parts; infinity for one.
static uint32_t amx_limit(int parts) { return parts == 1 ? 0x7f80 : (127 + 24 + 34) << 7; }

static size_t amx_scratch(const amx_product *p, int parts) {
  const amx_plan plan = amx_plan_product(p, parts);
  const int64_t strips = 2 + plan.blockN / AMX_EDGE;
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
  return (size_t)(strips * plan.strideStrip) + fallback;
}

NOINLINE void amx_run(const amx_product *p, int parts, void *scratch) {
  const amx_plan plan = amx_plan_product(p, parts);
  char *packedA = scratch, *packedB = packedA + 2 * plan.strideStrip;
  float *rest = (float *)(packedB + plan.blockN / AMX_EDGE * plan.strideStrip);
  uint32_t topA[2], topB[AMX_MOST_N / AMX_EDGE];
  const uint32_t limit = amx_limit(parts);
  amx_sums sums;
  _tile_loadconfig(&amx_configuration);
  for (int64_t j0 = 0; j0 < p->n; j0 += plan.blockN) {
    const int64_t columns = p->n - j0 < plan.blockN ? p->n - j0 : plan.blockN;
    for (int64_t k0 = 0; k0 < p->k; k0 += plan.blockK) {
      const int64_t steps = p->k - k0 < plan.blockK ? p->k - k0 : plan.blockK;
      const int64_t groups = (steps + AMX_STEPS - 1) / AMX_STEPS;
      amx_pack(parts, 0, packedB, plan.strideStrip, p->b + j0 * p->bColumn + k0 * p->bStep, p->bColumn, p->bStep,
               columns, steps, topB);
      const int finishes = p->finish && k0 + steps >= p->k;
      int64_t region = 0;   // where it begins
      for (int64_t i = 0; i < p->m; i += AMX_BLOCK) {
        const int64_t rows = p->m - i < AMX_BLOCK ? p->m - i : AMX_BLOCK;
        amx_pack(parts, 1, packedA, plan.strideStrip, p->a + i * p->aRow + k0 * p->aStep, p->aRow, p->aStep, rows,
                 steps, topA);
        const int isOutA = topA[0] >= limit || (rows > AMX_EDGE && topA[1] >= limit);
        for (int64_t j = 0; j < columns; j += AMX_BLOCK) {
          const int64_t width = columns - j < AMX_BLOCK ? columns - j : AMX_BLOCK;
          float *c = p->isWindow ? p->c + (i - region) * p->cRow + j : p->c + i * p->cRow + j0 + j;
          const uint32_t *top = topB + j / AMX_EDGE;
          if (isOutA || top[0] >= limit || (width > AMX_EDGE && top[1] >= limit)) {
            amx_fall_back(p, i, rows, j0 + j, width, k0, steps, c, rest);
            continue;
          }
          if (finishes && p->finish->prepare) p->finish->prepare(p->finish, i, rows, j0 + j, width);
          amx_run_kernel(rows > AMX_EDGE ? 2 : 1, width > AMX_EDGE ? 2 : 1, parts, packedA,
                         packedB + j / AMX_EDGE * plan.strideStrip, plan.strideStrip, groups, sums);
          amx_add(p, i, rows, j0 + j, width, k0, c, parts == 1 ? 1.0f : 0x1p-48f, sums);
        }
        if (finishes && (i + rows - region >= p->regionRows || i + rows == p->m)) {
          p->finish->run(p->finish, region, i + rows - region, j0, columns);
          region = i + rows;
        }
      }
    }
  }
  _tile_release();
}

#pragma clang attribute pop
