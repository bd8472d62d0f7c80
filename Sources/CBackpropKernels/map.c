// Pointwise code and reductions: bp_map_run. The work is in map_body.h, once for each instruction set and
// precision.
#include "bp_kernels.h"
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
  [BP_OP_ROW_SUM] = 1, [BP_OP_ROW_MAX] = 1, [BP_OP_ROW_ARGMAX] = 1, [BP_OP_COLUMN_SUM] = 1,
};

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

void bp_map_run(bp_path path, bp_real real, const bp_map *map, const bp_code *codes, void *const *bases,
                int32_t task) {
  int32_t columnBlocks = (map->columns + map->blockColumns - 1) / map->blockColumns;
  bp_block block;
  block.rowBlock = task / columnBlocks;
  block.domainColumns = map->columns;
  block.firstRow = block.rowBlock * map->blockRows;
  block.firstColumn = task % columnBlocks * map->blockColumns;
  block.rows = map->rows - block.firstRow < map->blockRows ? map->rows - block.firstRow : map->blockRows;
  block.columns = map->columns - block.firstColumn < map->blockColumns ? map->columns - block.firstColumn
                                                                       : map->blockColumns;
  codes += map->firstCode;
  int count = map->codeCount;
#if defined(__x86_64__)
  if (path >= BP_PATH_AVX512) {
    if (real == BP_FLOAT64) run_codes_avx512_f64(&block, codes, count, bases);
    else run_codes_avx512_f32(&block, codes, count, bases);
    return;
  }
  if (path == BP_PATH_AVX2) {
    if (real == BP_FLOAT64) run_codes_avx2_f64(&block, codes, count, bases);
    else run_codes_avx2_f32(&block, codes, count, bases);
    return;
  }
#else
  (void)path;
#endif
  if (real == BP_FLOAT64) run_codes_portable_f64(&block, codes, count, bases);
  else run_codes_portable_f32(&block, codes, count, bases);
}
