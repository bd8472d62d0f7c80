#include "limits.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__x86_64__)
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,fma,avx2")))
#define AVX2 __attribute__((target("avx2,fma")))
#endif

typedef float vector16 __attribute__((vector_size(64), aligned(64)));
typedef float vector8 __attribute__((vector_size(32), aligned(32)));
typedef float vector4 __attribute__((vector_size(16), aligned(16)));

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/// Twelve chains of multiply-add: more than latency times units of any core of today.
#define DEFINE_FMA(name, attributes, vector)                                                      \
  attributes static float name(long rounds, float scale) {                                        \
    vector a[12];                                                                                 \
    const vector x = scale - (vector){0}, y = 1e-3f - (vector){0};                                \
    for (int i = 0; i < 12; i++) a[i] = (float)i - (vector){0};                                   \
    for (long round = 0; round < rounds; round++) {                                               \
      _Pragma("unroll") for (int i = 0; i < 12; i++) a[i] = a[i] * x + y;                         \
    }                                                                                             \
    vector sum = a[0];                                                                            \
    for (int i = 1; i < 12; i++) sum += a[i];                                                     \
    return sum[0];                                                                                \
  }

/// The streams. `count` is in vectors; `s` is not known to the compiler.
#define DEFINE_STREAMS(name, attributes)                                                          \
  attributes static float name(int kind, vector16 *a, const vector16 *b, const vector16 *c,       \
                               size_t count, long rounds, float s) {                              \
    const vector16 scale = s - (vector16){0};                                                     \
    vector16 sums[4] = {{0}};                                                                     \
    for (long round = 0; round < rounds; round++) {                                               \
      if (kind == 0) {                                                                            \
        for (size_t i = 0; i < count; i++) a[i] = b[i];                                           \
      } else if (kind == 1) {                                                                     \
        for (size_t i = 0; i < count; i++) a[i] = b[i] + scale * c[i];                            \
      } else {                                                                                    \
        for (size_t i = 0; i + 4 <= count; i += 4)                                                \
          for (int j = 0; j < 4; j++) sums[j] += b[i + j];                                        \
      }                                                                                           \
      __asm__ volatile("" : : : "memory");                                                        \
    }                                                                                             \
    return (sums[0] + sums[1] + sums[2] + sums[3])[0];                                            \
  }

DEFINE_FMA(fma_plain, , vector4)
DEFINE_STREAMS(streams_plain, )
#if defined(__x86_64__)
DEFINE_FMA(fma_256, AVX2, vector8)
DEFINE_FMA(fma_512, AVX512, vector16)
DEFINE_STREAMS(streams_256, AVX2)
DEFINE_STREAMS(streams_512, AVX512)
#endif

int limit_fma_bits(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4")) return 512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return 256;
#endif
  return 0;
}

static volatile float sink;

static double fma_now(void) {
  float (*loop)(long, float) = fma_plain;
  int width = 4;
#if defined(__x86_64__)
  if (limit_fma_bits() == 512) loop = fma_512, width = 16;
  if (limit_fma_bits() == 256) loop = fma_256, width = 8;
#endif
  const long rounds = 1000000;
  const double start = now();
  sink = loop(rounds, 0.999f);
  return 12.0 * 2 * width * (double)rounds / (now() - start);
}

double limit_issue_now(void) {
  const long rounds = 50000;
  const double start = now();
  for (long round = 0; round < rounds; round++) {
    // Far from the limit of any cache of instructions, and no two depend on each other.
    __asm__ volatile(".rept 300\n nop\n .endr");
  }
  return 300.0 * (double)rounds / (now() - start);
}

static double best_of(int samples, double (*measure)(void)) {
  double best = 0;
  for (int sample = 0; sample < samples; sample++) {
    const double rate = measure();
    if (rate > best) best = rate;
  }
  return best;
}

double limit_issue(void) { return best_of(100, limit_issue_now); }
double limit_fma(void) { return best_of(30, fma_now); }

static double stream(int kind, int arrays, size_t bytes) {
  float (*loop)(int, vector16 *, const vector16 *, const vector16 *, size_t, long, float) =
      streams_plain;
#if defined(__x86_64__)
  if (limit_fma_bits() == 512) loop = streams_512;
  if (limit_fma_bits() == 256) loop = streams_256;
#endif
  const size_t count = bytes / ((size_t)arrays * sizeof(vector16)) / 4 * 4;
  if (count == 0) return 0;
  // An odd number of lines between arrays, so that they do not fall on the same sets of a cache.
  const size_t step = count + 5;
  vector16 *memory = NULL;
  if (posix_memalign((void **)&memory, 4096, 3 * step * sizeof(vector16)) != 0) return 0;
  memset(memory, 0, 3 * step * sizeof(vector16));
  const double moved = (double)count * (double)arrays * sizeof(vector16);
  const long rounds = (long)(32e6 / moved) + 1;
  double best = 0;
  for (int sample = 0; sample < 12; sample++) {
    const double start = now();
    sink = loop(kind, memory, memory + step, memory + 2 * step, count, rounds, 0.5f);
    const double rate = moved * (double)rounds / (now() - start);
    if (rate > best) best = rate;
  }
  free(memory);
  return best;
}

double limit_copy(size_t bytes) { return stream(0, 2, bytes); }
double limit_triad(size_t bytes) { return stream(1, 3, bytes); }
double limit_read(size_t bytes) { return stream(2, 1, bytes); }
