// One loop for each type of data. Scaling is done in the type of the destination, without contraction, so every
// instruction set gives the same bits; the compiler vectorises the loops.
#ifndef BP_ROWS_CALL
#define BP_ROWS_CALL
typedef struct {
  const void *source;
  void *destination;
  int64_t width;
  const int32_t *order;
  int64_t first, count;
  const float *offset, *scale;
  int32_t perColumn;
} rows_call;
#endif

#define BP_ROWS(S)                                                                                         \
  for (int64_t i = 0; i < call->count; i++) {                                                              \
    const S *restrict s = (const S *)call->source + (call->order ? (int64_t)call->order[i] : call->first + i) * width; \
    REAL *restrict d = (REAL *)call->destination + i * width;                                              \
    if (!call->scale) {                                                                                    \
      for (int64_t j = 0; j < width; j++) d[j] = (REAL)s[j];                                               \
    } else if (!call->perColumn) {                                                                         \
      const REAL offset = (REAL)call->offset[0], scale = (REAL)call->scale[0];                             \
      for (int64_t j = 0; j < width; j++) d[j] = ((REAL)s[j] - offset) * scale;                            \
    } else {                                                                                               \
      for (int64_t j = 0; j < width; j++) d[j] = ((REAL)s[j] - (REAL)call->offset[j]) * (REAL)call->scale[j]; \
    }                                                                                                      \
  }

static void NAME(rows)(bp_source type, const rows_call *call) {
  const int64_t width = call->width;
  switch (type) {
    case BP_SOURCE_UINT8: BP_ROWS(uint8_t) break;
    case BP_SOURCE_FLOAT32: BP_ROWS(float) break;
    case BP_SOURCE_FLOAT64: BP_ROWS(double) break;
    case BP_SOURCE_INT32: BP_ROWS(int32_t) break;
  }
}

#undef BP_ROWS
