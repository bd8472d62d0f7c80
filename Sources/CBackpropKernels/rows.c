// The rows of a data set on their way into a step: gathered, converted, scaled.
#include "bp_internal.h"
#include <string.h>

#define BP_BODY "rows_body.h"
#include "bp_variants.h"

void bp_rows_to_real(bp_real real, bp_source type, const void *source, int64_t width, const int32_t *order,
                     int64_t first, int64_t count, const float *offset, const float *scale, int32_t perColumn,
                     void *destination) {
  const rows_call call = {source, destination, width, order, first, count, offset, scale, perColumn};
#if defined(__x86_64__)
  switch (bp_path_best()) {
    case BP_PATH_AMX: case BP_PATH_AVX512:
      real == BP_FLOAT64 ? rows_avx512_f64(type, &call) : rows_avx512_f32(type, &call);
      return;
    case BP_PATH_AVX2: real == BP_FLOAT64 ? rows_avx2_f64(type, &call) : rows_avx2_f32(type, &call); return;
    case BP_PATH_PORTABLE: break;
  }
#endif
  real == BP_FLOAT64 ? rows_portable_f64(type, &call) : rows_portable_f32(type, &call);
}

void bp_rows_to_int32(const int32_t *source, int64_t width, const int32_t *order, int64_t first, int64_t count,
                      int32_t *destination) {
  for (int64_t i = 0; i < count; i++)
    memcpy(destination + i * width, source + (order ? (int64_t)order[i] : first + i) * width, (size_t)width * 4);
}

// Blocks are looked through whole, which the compiler turns into vectors, and the block with the number once more.
enum { FINITE_BLOCK = 1024 };
#define FIRST_NOT_FINITE(bits, exponent)                                            \
  for (int64_t first = 0; first < count; first += FINITE_BLOCK) {                   \
    const bits *block = (const bits *)x + first;                                    \
    const int64_t length = count - first < FINITE_BLOCK ? count - first : FINITE_BLOCK; \
    bits found = 0;                                                                 \
    for (int64_t i = 0; i < length; i++) found |= (block[i] & exponent) == exponent; \
    if (!found) continue;                                                           \
    for (int64_t i = 0; i < length; i++)                                            \
      if ((block[i] & exponent) == exponent) return first + i;                      \
  }

int64_t bp_first_not_finite(bp_source type, const void *x, int64_t count) {
  typedef uint32_t __attribute__((may_alias)) bits32;
  typedef uint64_t __attribute__((may_alias)) bits64;
  const bits32 exponent32 = 0x7f800000u;
  const bits64 exponent64 = 0x7ff0000000000000u;
  if (type == BP_SOURCE_FLOAT32) {
    FIRST_NOT_FINITE(bits32, exponent32)
  } else if (type == BP_SOURCE_FLOAT64) {
    FIRST_NOT_FINITE(bits64, exponent64)
  }
  return -1;
}
