// One source for every instruction set and precision. A kernel file includes its body once per variant:
//
//   #define BP_BODY "gemm_body.h"
//   #include "bp_variants.h"
//
// which defines, for each (path, precision):
//   REAL          float or double           BITS    the unsigned integer of the same width
//   W             elements a vector         NAME(x) x with the variant's suffix
//   BP_F64        1 for double, else 0      BP_ISA  0 portable, 1 AVX2, 2 AVX-512
// and, through this file:
//   V, VI (signed integers of the same width), LOADU, STOREU, LOAD_PARTIAL(p, n), STORE_PARTIAL(p, v, n), FMA(a, b, c), INLINE, UNROLL
#ifndef INLINE
#define INLINE static inline __attribute__((always_inline))
#define NOINLINE static __attribute__((noinline))
#define UNROLL _Pragma("clang loop unroll(full)")
#define BP_JOIN2(a, b) a##_##b
#define BP_JOIN(a, b) BP_JOIN2(a, b)
#endif
