// Includes BP_BODY once for each instruction set and precision. See bp_vector.h.
#include "bp_vector.h"
#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define BP_ISA 0
#define BP_F64 0
#include "bp_variant.h"
#define BP_F64 1
#include "bp_variant.h"
#undef BP_ISA

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,bmi2"))), apply_to = function)
#define BP_ISA 1
#define BP_F64 0
#include "bp_variant.h"
#define BP_F64 1
#include "bp_variant.h"
#undef BP_ISA
#pragma clang attribute pop

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,fma,avx2,bmi2"))), apply_to = function)
#define BP_ISA 2
#define BP_F64 0
#include "bp_variant.h"
#define BP_F64 1
#include "bp_variant.h"
#undef BP_ISA
#pragma clang attribute pop
#endif
