// Measures of the machine. See bp_limits.h.
#include "include/bp_limits.h"
#include "bp_tiles.h"

#define BP_BODY "limits_body.h"
#include "bp_variants.h"

#if defined(__x86_64__)
#define BP_CALL(name, ...)                                                                              \
  switch (path) {                                                                                       \
    case BP_PATH_AMX: case BP_PATH_AVX512: BP_CALL_REAL(name##_avx512_f64(__VA_ARGS__), name##_avx512_f32(__VA_ARGS__))   \
    case BP_PATH_AVX2: BP_CALL_REAL(name##_avx2_f64(__VA_ARGS__), name##_avx2_f32(__VA_ARGS__))         \
    case BP_PATH_PORTABLE: break;                                                                       \
  }                                                                                                     \
  BP_CALL_REAL(name##_portable_f64(__VA_ARGS__), name##_portable_f32(__VA_ARGS__))
#else
#define BP_CALL(name, ...)                                                                              \
  (void)path;                                                                                           \
  BP_CALL_REAL(name##_portable_f64(__VA_ARGS__), name##_portable_f32(__VA_ARGS__))
#endif
#define BP_CALL_REAL(f64, f32) return real == BP_FLOAT64 ? f64 : f32;

#if defined(__x86_64__)
__attribute__((target("amx-tile,amx-bf16"))) static void multiply_tiles(int64_t rounds) {
  _tile_loadconfig(&amx_configuration);
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  _tile_zero(4);
  _tile_zero(5);
  for (int64_t round = 0; round < rounds; round++) {
    _tile_dpbf16ps(0, 4, 5);
    _tile_dpbf16ps(1, 4, 5);
    _tile_dpbf16ps(2, 4, 5);
    _tile_dpbf16ps(3, 4, 5);
  }
  _tile_release();
}
#endif

void bp_limit_tiles(int64_t rounds) {
#if defined(__x86_64__)
  if (bp_path_supported(BP_PATH_AMX)) multiply_tiles(rounds);
#else
  (void)rounds;
#endif
}

int32_t bp_limit_operations(bp_path path, bp_real real) {
  int32_t bytes = path >= BP_PATH_AVX512 ? 64 : path == BP_PATH_AVX2 ? 32 : 16;
  return 2 * BP_LIMIT_CHAINS * bytes / (real == BP_FLOAT64 ? 8 : 4);
}

double bp_limit_arithmetic(bp_path path, bp_real real, int64_t rounds) {
  BP_CALL(arithmetic, rounds)
}

double bp_limit_read(bp_path path, bp_real real, const void *x, int64_t count, int64_t passes) {
  BP_CALL(read, x, count, passes)
}

void bp_limit_update(bp_path path, bp_real real, void *y, const void *x, int64_t count, int64_t passes) {
  BP_CALL(update, y, x, count, passes)
}
