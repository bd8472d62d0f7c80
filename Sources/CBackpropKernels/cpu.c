// What this CPU can do, and its floating-point control register.
#include "bp_internal.h"
#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif
#if defined(__x86_64__) && defined(__linux__)
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

// AMX's registers are large, so Linux gives them only to a process that asks: once, for all its threads.
static int amx_allowed;
static void ask_for_amx(void) {
  enum { ARCH_REQ_XCOMP_PERM = 0x1023, XFEATURE_XTILEDATA = 18, AMX_BF16 = 1 << 22, AMX_TILE = 1 << 24 };
  unsigned a, b, c, d;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(d & AMX_BF16) || !(d & AMX_TILE)) return;
  amx_allowed = syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0;
}
static int32_t has_amx(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, ask_for_amx);
  return amx_allowed;
}
#else
static int32_t has_amx(void) { return 0; }
#endif

int32_t bp_path_supported(bp_path path) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (path == BP_PATH_AMX) return bp_path_supported(BP_PATH_AVX512) && has_amx();
  if (path == BP_PATH_AVX512)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("fma") &&
           __builtin_cpu_supports("bmi2");
  if (path == BP_PATH_AVX2)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c") &&
           __builtin_cpu_supports("bmi2");
#endif
  return path == BP_PATH_PORTABLE;
}

bp_path bp_path_best(void) {
  if (bp_path_supported(BP_PATH_AMX)) return BP_PATH_AMX;
  if (bp_path_supported(BP_PATH_AVX512)) return BP_PATH_AVX512;
  if (bp_path_supported(BP_PATH_AVX2)) return BP_PATH_AVX2;
  return BP_PATH_PORTABLE;
}

uint64_t bp_denormals_flush(void) {
#if defined(__x86_64__)
  unsigned saved = _mm_getcsr();
  _mm_setcsr(saved | 0x8040);
  return saved;
#elif defined(__aarch64__)
  uint64_t saved;
  __asm__ volatile("mrs %0, fpcr" : "=r"(saved));
  __asm__ volatile("msr fpcr, %0" : : "r"(saved | (1ull << 24)));
  return saved;
#else
  return 0;
#endif
}

void bp_denormals_restore(uint64_t saved) {
#if defined(__x86_64__)
  _mm_setcsr((unsigned)saved);
#elif defined(__aarch64__)
  __asm__ volatile("msr fpcr, %0" : : "r"(saved));
#else
  (void)saved;
#endif
}
