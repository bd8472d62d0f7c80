// One variant of BP_BODY: vector types and loads for BP_ISA and BP_F64 (consumed here), then the body.
#if BP_ISA == 2
#define BP_VECTOR_BYTES 64
#elif BP_ISA == 1
#define BP_VECTOR_BYTES 32
#else
#define BP_VECTOR_BYTES 16
#endif
#if BP_F64
#define REAL double
#define SREAL int64_t
#define BITS uint64_t
#define W (BP_VECTOR_BYTES / 8)
#else
#define REAL float
#define SREAL int32_t
#define BITS uint32_t
#define W (BP_VECTOR_BYTES / 4)
#endif
#if BP_ISA == 2 && BP_F64
#define BP_SUFFIX avx512_f64
#elif BP_ISA == 2
#define BP_SUFFIX avx512_f32
#elif BP_ISA == 1 && BP_F64
#define BP_SUFFIX avx2_f64
#elif BP_ISA == 1
#define BP_SUFFIX avx2_f32
#elif BP_F64
#define BP_SUFFIX portable_f64
#else
#define BP_SUFFIX portable_f32
#endif
#define NAME(x) BP_JOIN(x, BP_SUFFIX)

typedef REAL NAME(vector) __attribute__((ext_vector_type(W)));
typedef REAL NAME(vector_unaligned) __attribute__((ext_vector_type(W), aligned(sizeof(REAL))));
typedef SREAL NAME(vector_int) __attribute__((ext_vector_type(W)));
#define V NAME(vector)
#define VI NAME(vector_int)
#define LOADU(p) (*(const NAME(vector_unaligned) *)(p))
#define STOREU(p, v) (*(NAME(vector_unaligned) *)(p) = (v))
#define FMA(a, b, c) __builtin_elementwise_fma((V)(a), (V)(b), (V)(c))
#define LOAD_PARTIAL NAME(load_partial)
#define STORE_PARTIAL NAME(store_partial)

// Loads the first n (1 … W) elements; nothing behind them is touched, and zeros stand for them.
INLINE V NAME(load_partial)(const REAL *p, int n) {
#if BP_ISA == 2 && BP_F64
  return (V)_mm512_maskz_loadu_pd((__mmask8)((1u << n) - 1), p);
#elif BP_ISA == 2
  return (V)_mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p);
#else
  if (n == W) return LOADU(p);     // the case to be fast in, where masks cost something
#if BP_ISA == 1 && BP_F64
  const __m256i lanes = _mm256_set_epi64x(3, 2, 1, 0);
  return (V)_mm256_maskload_pd(p, _mm256_cmpgt_epi64(_mm256_set1_epi64x(n), lanes));
#elif BP_ISA == 1
  const __m256i lanes = _mm256_set_epi32(7, 6, 5, 4, 3, 2, 1, 0);
  return (V)_mm256_maskload_ps(p, _mm256_cmpgt_epi32(_mm256_set1_epi32(n), lanes));
#else
  V v = (V)((REAL)0);
  UNROLL for (int i = 0; i < W - 1; i++) {
    if (i < n) v[i] = p[i];
  }
  return v;
#endif
#endif
}

// Stores the first n (1 … W) elements of v; nothing behind them is touched.
INLINE void NAME(store_partial)(REAL *p, V v, int n) {
#if BP_ISA == 2 && BP_F64
  _mm512_mask_storeu_pd(p, (__mmask8)((1u << n) - 1), (__m512d)v);
#elif BP_ISA == 2
  _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), (__m512)v);
#elif BP_ISA == 1 && BP_F64
  const __m256i lanes = _mm256_set_epi64x(3, 2, 1, 0);
  _mm256_maskstore_pd(p, _mm256_cmpgt_epi64(_mm256_set1_epi64x(n), lanes), (__m256d)v);
#elif BP_ISA == 1
  const __m256i lanes = _mm256_set_epi32(7, 6, 5, 4, 3, 2, 1, 0);
  _mm256_maskstore_ps(p, _mm256_cmpgt_epi32(_mm256_set1_epi32(n), lanes), (__m256)v);
#else
  for (int i = 0; i < n; i++) p[i] = v[i];
#endif
}

#include BP_BODY

#undef V
#undef VI
#undef LOADU
#undef STOREU
#undef FMA
#undef LOAD_PARTIAL
#undef STORE_PARTIAL
#undef NAME
#undef BP_SUFFIX
#undef REAL
#undef SREAL
#undef BITS
#undef W
#undef BP_VECTOR_BYTES
#undef BP_F64
