// Pointwise code and reductions: bp_map_run. The work is in map_body.h, once for each instruction set and
// precision.
#include "bp_internal.h"
#include "bp_vector.h"
#include <math.h>
#include <stddef.h>

// What an instruction reads, for binding its operands. An operand that is not read may name any slot.
static const uint8_t inputCounts[BP_OP_COUNT] = {
  [BP_OP_COPY] = 1, [BP_OP_NEGATE] = 1, [BP_OP_SQRT] = 1, [BP_OP_EXP] = 1, [BP_OP_EXPM1] = 1, [BP_OP_LOG] = 1,
  [BP_OP_LOG1P] = 1, [BP_OP_ABS] = 1, [BP_OP_SIGN] = 1, [BP_OP_SIN] = 1, [BP_OP_COS] = 1, [BP_OP_ERF] = 1,
  [BP_OP_SIGMOID] = 1, [BP_OP_TANH] = 1, [BP_OP_RELU] = 1, [BP_OP_TRUNCATE] = 1,
  [BP_OP_LOAD_INT32] = 1, [BP_OP_STORE_INT32] = 1,
  [BP_OP_ADD] = 2, [BP_OP_SUBTRACT] = 2, [BP_OP_MULTIPLY] = 2, [BP_OP_DIVIDE] = 2, [BP_OP_POWER] = 2,
  [BP_OP_MINIMUM] = 2, [BP_OP_MAXIMUM] = 2,
  [BP_OP_LESS] = 2, [BP_OP_LESS_EQUAL] = 2, [BP_OP_EQUAL] = 2, [BP_OP_NOT_EQUAL] = 2,
  [BP_OP_SELECT] = 3, [BP_OP_FMA] = 3, [BP_OP_FNMA] = 3,
  [BP_OP_IOTA] = 0, [BP_OP_UNIFORM] = 0,
  [BP_OP_ROW_SUM] = 1, [BP_OP_ROW_MAX] = 1, [BP_OP_ROW_ARGMAX] = 1, [BP_OP_COLUMN_SUM] = 1, [BP_OP_PAD] = 1,
};

enum { MOMENTS = 8 };
static const uint16_t momentOps[MOMENTS] = {BP_OP_MULTIPLY, BP_OP_FMA, BP_OP_MULTIPLY, BP_OP_MULTIPLY, BP_OP_FMA, BP_OP_SQRT,
                                            BP_OP_FMA, BP_OP_DIVIDE};

static int is_same(const bp_operand *x, const bp_operand *y) {
  return x->slot == y->slot && x->offset == y->offset && x->stride == y->stride && x->splat == y->splat
      && x->local == y->local;
}

// True if code reads the register before it is written again.
static int is_read(const bp_operand *reg, const bp_code *codes, int32_t count) {
  for (const bp_code *code = codes; code < codes + count; code++) {
    const bp_operand *inputs[3] = {&code->a, &code->b, &code->c};
    for (int i = 0; i < inputCounts[code->op]; i++)
      if (inputs[i]->local && inputs[i]->offset == reg->offset) return 1;
    if (code->d.local && code->d.offset == reg->offset) return 0;
  }
  return 0;
}

int32_t bp_chain_length(const bp_code *codes, int32_t count) {
  if (count < MOMENTS) return 0;
  for (int i = 0; i < MOMENTS; i++) if (codes[i].op != momentOps[i] || codes[i].column) return 0;
  const bp_operand *gradient = &codes[1].b, *numbers[6] = {&codes[0].b, &codes[1].a, &codes[3].b, &codes[4].a,
                                                         &codes[6].b, &codes[6].c};
  for (int i = 0; i < 6; i++) if (!numbers[i]->splat || numbers[i]->stride != 0) return 0;
  if (codes[0].a.splat || gradient->splat || codes[3].a.splat || codes[1].d.local || codes[4].d.local) return 0;
  const bp_operand *links[8][2] = {
    {&codes[1].c, &codes[0].d}, {&codes[2].a, gradient}, {&codes[2].b, gradient}, {&codes[4].b, &codes[2].d},
    {&codes[4].c, &codes[3].d}, {&codes[5].a, &codes[4].d}, {&codes[6].a, &codes[5].d}, {&codes[7].b, &codes[6].d}};
  for (int i = 0; i < 8; i++) if (!is_same(links[i][0], links[i][1])) return 0;
  if (!is_same(&codes[7].a, &codes[1].d)) return 0;
  const int between[5] = {0, 2, 3, 5, 6};
  for (int i = 0; i < 5; i++) {
    const bp_operand *reg = &codes[between[i]].d;
    if (!reg->local) return 0;
    const int isResult = codes[7].d.local && codes[7].d.offset == reg->offset;
    if (!isResult && is_read(reg, codes + MOMENTS, count - MOMENTS)) return 0;
  }
  return MOMENTS;
}

// The part of the domain that a task works on.
typedef struct {
  int firstRow, rows, firstColumn, columns;
  int rowBlock, domainColumns;
} bp_block;

// An int32 value that stands in memory of any type.
typedef int32_t bp_stored_int32 __attribute__((may_alias));

#define BP_BODY "map_body.h"
#include "bp_variants.h"

int32_t bp_map_tasks(const bp_map *map) {
  int32_t rowBlocks = (map->rows + map->blockRows - 1) / map->blockRows;
  int32_t columnBlocks = (map->columns + map->blockColumns - 1) / map->blockColumns;
  return rowBlocks * columnBlocks;
}

static void run_block(bp_path path, bp_real real, const bp_block *block, const bp_code *codes, int count,
                      void *const *bases) {
#if defined(__x86_64__)
  if (path >= BP_PATH_AVX512) {
    if (real == BP_FLOAT64) run_codes_avx512_f64(block, codes, count, bases);
    else run_codes_avx512_f32(block, codes, count, bases);
    return;
  }
  if (path == BP_PATH_AVX2) {
    if (real == BP_FLOAT64) run_codes_avx2_f64(block, codes, count, bases);
    else run_codes_avx2_f32(block, codes, count, bases);
    return;
  }
#else
  (void)path;
#endif
  if (real == BP_FLOAT64) run_codes_portable_f64(block, codes, count, bases);
  else run_codes_portable_f32(block, codes, count, bases);
}

void bp_map_run_region(bp_path path, bp_real real, const bp_map *map, const bp_code *codes, void *const *bases,
                       int64_t row, int64_t rows, int64_t column, int64_t columns) {
  bp_block block = {.domainColumns = map->columns};
  for (int64_t r = 0; r < rows; r += map->blockRows) {
    block.firstRow = (int)(row + r);
    block.rowBlock = block.firstRow / map->blockRows;
    block.rows = (int)(rows - r < map->blockRows ? rows - r : map->blockRows);
    for (int64_t c = 0; c < columns; c += map->blockColumns) {
      block.firstColumn = (int)(column + c);
      block.columns = (int)(columns - c < map->blockColumns ? columns - c : map->blockColumns);
      run_block(path, real, &block, codes + map->firstCode, map->codeCount, bases);
    }
  }
}

void bp_map_run(bp_path path, bp_real real, const bp_map *map, const bp_code *codes, void *const *bases,
                int32_t task) {
  const int32_t columnBlocks = (map->columns + map->blockColumns - 1) / map->blockColumns;
  const int32_t row = task / columnBlocks * map->blockRows, column = task % columnBlocks * map->blockColumns;
  const int32_t rows = map->rows - row < map->blockRows ? map->rows - row : map->blockRows;
  const int32_t left = map->columns - column;
  bp_map_run_region(path, real, map, codes, bases, row, rows, column,
                    left < map->blockColumns ? left : map->blockColumns);
}
