// Elementary functions on vectors, one source for every variant (see bp_vector.h).
//
// They use only + − × ÷, explicit fused multiply-adds, comparisons and operations on bits, each of which is
// exact or correctly rounded. So portable, AVX2 and AVX-512 code give the same bits (of a NaN: only that it
// is one). Nothing here traps, calls a library or converts a NaN to an integer.
//
// The polynomials are weighted minimax fits (Remez in 200-bit arithmetic, then rounded to the element type);
// each states what it approximates, where, and its error relative to the function's result.

// Each function is one long chain of dependent operations, of which the processor overlaps too few by itself.
// So here (and only here) V is MATH_VECTORS vectors wide: the compiler splits every operation, and the chains
// interleave. That is worth a quarter with AVX2, little with AVX-512, and nothing where fused multiply-adds
// are library calls.
#if BP_ISA == 1 || !defined(__x86_64__)
#define MATH_VECTORS 2
#else
#define MATH_VECTORS 1
#endif
#define WIDE (W * MATH_VECTORS)
typedef REAL NAME(wide) __attribute__((ext_vector_type(WIDE)));
typedef REAL NAME(wide_unaligned) __attribute__((ext_vector_type(WIDE), aligned(sizeof(REAL))));
typedef BITS NAME(wide_bits) __attribute__((ext_vector_type(WIDE)));
#undef V
#define V NAME(wide)
#define VB NAME(wide_bits)

#if BP_F64
#define MANTISSA_BITS 52
#define ONE_BITS 0x3ff0000000000000u
#define SIGN_BIT 0x8000000000000000u
#define SMALLEST_NORMAL 0x1p-1022
#define INFINITE __builtin_inf()
#define NOT_A_NUMBER __builtin_nan("")
// ln 2 as a sum of two numbers.
#define LN2_HIGH 0x1.62e42fefa39efp-1
#define LN2_LOW 0x1.abc9e3b39803fp-56
#define LOG2_E 0x1.71547652b82fep+0
// Adding 1.5·2^52 rounds to an integer, which then stands in the low bits.
#define ROUNDER 0x1.8p52
#else
#define MANTISSA_BITS 23
#define ONE_BITS 0x3f800000u
#define SIGN_BIT 0x80000000u
#define SMALLEST_NORMAL 0x1p-126f
#define INFINITE __builtin_inff()
#define NOT_A_NUMBER __builtin_nanf("")
#define LN2_HIGH 0x1.62e430p-1f
#define LN2_LOW -0x1.05c610p-29f
#define LOG2_E 0x1.715476p+0f
#define ROUNDER 0x1.8p23f
#endif

// coefficients[0] + coefficients[1]·x + …, by Horner's rule.
INLINE V NAME(polynomial)(V x, const REAL *coefficients, const int count) {
  V sum = (V)(coefficients[count - 1]);
  UNROLL for (int i = count - 2; i >= 0; i--) sum = FMA(sum, x, (V)(coefficients[i]));
  return sum;
}
#define POLYNOMIAL(x, coefficients) \
  NAME(polynomial)((x), (coefficients), (int)(sizeof(coefficients) / sizeof(coefficients[0])))

// |magnitude| with the sign of `sign`.
INLINE V NAME(with_sign)(V magnitude, V sign) {
  return (V)(((VB)magnitude & ~(VB)(BITS)SIGN_BIT) | ((VB)sign & (VB)(BITS)SIGN_BIT));
}

// The smaller (greater) of x and a bound; a NaN stays NaN. The order of operands is the one that the minimum
// and maximum instructions of x86 have: the second operand is the answer unless the first is strictly less
// (greater).
INLINE V NAME(at_most)(V x, REAL bound) { return (V)(bound) < x ? (V)(bound) : x; }
INLINE V NAME(at_least)(V x, REAL bound) { return (V)(bound) > x ? (V)(bound) : x; }

#include "math_exp.h"
#include "math_log.h"
#include "math_erf.h"

#undef POLYNOMIAL
#undef VB
#undef V
#define V NAME(vector)
#undef MANTISSA_BITS
#undef ONE_BITS
#undef SIGN_BIT
#undef SMALLEST_NORMAL
#undef NOT_A_NUMBER
#undef LN2_HIGH
#undef LN2_LOW
#undef LOG2_E
#undef ROUNDER
