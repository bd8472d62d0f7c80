// log and log1p. Part of math_body.h.
//
// x = 2^k·(1 + f) with √½ ≤ 1 + f < √2, and log x = k·ln 2 + log(1 + f).

#if BP_F64
#define SQRT_HALF_BITS 0x3fe6a09e667f3bcdu
#define EXPONENT_BIAS 1023
#define DENORMAL_SCALE 0x1p54
#define DENORMAL_SHIFT 54
// With s = f/(2 + f): log(1 + f) = 2·atanh s = 2s + s³·L(s²) (the way of fdlibm's e_log.c, Sun Microsystems
// 1993, where these are Lg1 … Lg7; here fitted anew on s² ≤ 0.02945, relative error 2^-58).
static const REAL NAME(log_coefficients)[] = {
  6.66666666666669960e-01, 3.99999999996097311e-01, 2.85714287042040715e-01, 2.22222021169514450e-01,
  1.81833947922206723e-01, 1.53180930051687536e-01, 1.47579060076852231e-01,
};
#else
#define SQRT_HALF_BITS 0x3f3504f3u
#define EXPONENT_BIAS 127
#define DENORMAL_SCALE 0x1p25f
#define DENORMAL_SHIFT 25
// (log(1 + f) − f + f²/2)/f³ for √½ ≤ 1 + f ≤ √2; relative error of log(1 + f): 2^-27.3
static const REAL NAME(log_coefficients)[] = {
  3.333331645e-01f, -2.500079572e-01f, 2.000228167e-01f, -1.662495881e-01f,
  1.418142170e-01f, -1.312538534e-01f, 1.287925094e-01f, -7.865311950e-02f,
};
#endif

// k·ln 2 + log(1 + f).
INLINE V NAME(log_of_parts)(V k, V f) {
#if BP_F64
  V s = f / (f + (REAL)2);
  V z = s * s;
  V halfSquare = f * f * (REAL)0.5;
  // log(1 + f) = f − (f²/2 − s·(f²/2 + R)): the great part f is exact, so its rounding does not count twice.
  V R = z * POLYNOMIAL(z, NAME(log_coefficients));
  V low = FMA(s, halfSquare + R, k * (REAL)LN2_LOW);
  return FMA(k, (V)(LN2_HIGH), f - (halfSquare - low));
#else
  V square = f * f;
  V low = FMA(square * f, POLYNOMIAL(f, NAME(log_coefficients)), k * (REAL)LN2_LOW);
  return FMA(k, (V)(LN2_HIGH), f + FMA(square, (V)((REAL)-0.5), low));
#endif
}

// Splits a positive, finite, normal x into 2^k·(1 + f): gives 1 + f, and k + bias as an integer.
INLINE V NAME(log_split)(V x, VB *biasedExponent) {
  VB bits = (VB)x + (VB)(BITS)(ONE_BITS - SQRT_HALF_BITS);
  *biasedExponent = bits >> MANTISSA_BITS;
  return (V)((bits & (VB)(((BITS)1 << MANTISSA_BITS) - 1)) + (VB)(BITS)SQRT_HALF_BITS);
}

// A small integer as a real number: written into the last digits of 1.5·2^23 (2^52).
INLINE V NAME(small_integer)(VB n) {
  return (V)(n + (VB)(V)(ROUNDER)) - (V)(ROUNDER);
}

// The logarithm `finite` of x where 0 < x < ∞, and the right answer elsewhere.
INLINE V NAME(log_edges)(V x, V finite) {
  V edge = x == (REAL)0 ? (V)(-INFINITE) : (V)(NOT_A_NUMBER);
  V positive = x < INFINITE ? finite : x;
  return x > (REAL)0 ? positive : edge;
}

INLINE V NAME(log)(V x) {
  V normal = x < SMALLEST_NORMAL ? x * DENORMAL_SCALE : x;
  VB biased;
  V f = NAME(log_split)(normal, &biased) - (REAL)1;
  VB bias = ((VB)(x < SMALLEST_NORMAL) & (VB)(BITS)DENORMAL_SHIFT) + (VB)(BITS)EXPONENT_BIAS;
  return NAME(log_edges)(x, NAME(log_of_parts)(NAME(small_integer)(biased - bias), f));
}

// With u = 1 + x rounded and `error` what the rounding lost: 1 + x = 2^k·(1 + f), where 1 + f is u/2^k +
// error/2^k. If k = 0 then f is x itself, so small x keep all their digits.
INLINE V NAME(log1p)(V x) {
  V u = x + (REAL)1;
  V part = u - (REAL)1;
  V error = (x - part) + ((REAL)1 - (u - part));     // exact (Knuth's two-sum)
  VB biased;
  V m = NAME(log_split)(u, &biased);
  VB k = biased - (VB)(BITS)EXPONENT_BIAS;
  // 2^−k, by way of 2^(1−k), because the exponent of 2^−k may be too small by one.
  V inversePower = (V)((VB)(BITS)ONE_BITS - ((k - (BITS)1) << MANTISSA_BITS)) * (REAL)0.5;
  V f = FMA(error, inversePower, m - (REAL)1);
  return NAME(with_sign)(NAME(log_edges)(u, NAME(log_of_parts)(NAME(small_integer)(k), f)), x);
}

#undef SQRT_HALF_BITS
#undef EXPONENT_BIAS
#undef DENORMAL_SCALE
#undef DENORMAL_SHIFT
