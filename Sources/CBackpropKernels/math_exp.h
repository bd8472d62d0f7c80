// exp, expm1, sigmoid, tanh. Part of math_body.h.
//
// All begin with Cody and Waite's reduction x = n·ln 2 + r, |r| ≤ ln 2 / 2, and e^r − 1 = r + r²·q(r).

#if BP_F64
// (e^r − 1 − r)/r² for |r| ≤ 0.3467; relative error of e^r − 1: 2^-55.6
static const REAL NAME(exp_coefficients)[] = {
  5.00000000000000555e-01, 1.66666666666666852e-01, 4.16666666665735444e-02, 8.33333333331454790e-03,
  1.38888889324195459e-03, 1.98412699030970339e-04, 2.48015043862273056e-05, 2.75572279077719002e-06,
  2.76263535212552726e-07, 2.51144852482237545e-08,
};
// (tanh x − x)/x³ as a polynomial in x² for |x| ≤ 0.625; relative error of tanh x: 2^-56.5
static const REAL NAME(tanh_coefficients)[] = {
  -3.33333333333329263e-01, 1.33333333332698062e-01, -5.39682539342488804e-02, 2.18694876349827920e-02,
  -8.86322168387950783e-03, 3.59199410881862842e-03, -1.45498192481323505e-03, 5.86385897631353284e-04,
  -2.28694145493675501e-04, 7.72822100450728567e-05, -1.61358239427293424e-05,
};
#define EXP_LEAST (-746.0)      // below: exp is less than half of the smallest denormal
#define EXP_GREATEST 710.0      // above: exp overflows
#define EXPM1_LEAST (-40.0)     // below: expm1 rounds to −1
#define TANH_GREATEST 20.0      // above: tanh rounds to 1
#else
// relative error of e^r − 1: 2^-26.2
static const REAL NAME(exp_coefficients)[] = {
  5.000000000e-01f, 1.666654348e-01f, 4.166628048e-02f, 8.366598748e-03f, 1.394648338e-03f,
};
// relative error of tanh x: 2^-27.8
static const REAL NAME(tanh_coefficients)[] = {
  -3.333328366e-01f, 1.333151311e-01f, -5.374499038e-02f, 2.065471560e-02f, -5.721061956e-03f,
};
#define EXP_LEAST (-104.0f)
#define EXP_GREATEST 89.0f
#define EXPM1_LEAST (-20.0f)
#define TANH_GREATEST 10.0f
#endif

// Gives e^r − 1 and n (rounded as `ROUNDER` + n). The first subtraction of n·ln 2 is exact: x and LN2_HIGH
// are multiples of the same power of two, and the difference has few enough digits. `careful` adds what
// rounding r lost.
INLINE V NAME(exp_reduced)(V x, const int careful, V *rounded) {
  *rounded = FMA(x, (V)(LOG2_E), (V)(ROUNDER));
  V n = *rounded - (V)(ROUNDER);
  V high = FMA(n, (V)(-LN2_HIGH), x);
  V r = FMA(n, (V)(-LN2_LOW), high);
  V q = POLYNOMIAL(r, NAME(exp_coefficients));
  return careful ? r + FMA(r * r, q, FMA(n, (V)(-LN2_LOW), high - r)) : FMA(r * r, q, r);
}

// 2^n for `rounded` = ROUNDER + n, −126 ≤ n ≤ 127 (doubles: −1022 ≤ n ≤ 1023): the exponent is n + bias. The
// bits of ROUNDER above n are shifted out.
INLINE V NAME(power_of_two)(V rounded) {
  return (V)(((VB)rounded << MANTISSA_BITS) + (VB)(BITS)ONE_BITS);
}

// y·2^n for any n that exp meets and y near 1, rounded once, also if the result is denormal or infinite.
INLINE V NAME(scaled)(V y, V rounded) {
#if BP_ISA == 2
  V n = rounded - (V)(ROUNDER);
  NAME(vector) values[MATH_VECTORS], powers[MATH_VECTORS];
  memcpy(values, &y, sizeof y);
  memcpy(powers, &n, sizeof n);
  UNROLL for (int i = 0; i < MATH_VECTORS; i++) {
#if BP_F64
    values[i] = (NAME(vector))_mm512_scalef_pd((__m512d)values[i], (__m512d)powers[i]);
#else
    values[i] = (NAME(vector))_mm512_scalef_ps((__m512)values[i], (__m512)powers[i]);
#endif
  }
  memcpy(&y, values, sizeof y);
  return y;
#else
  // In two steps, of which the first is exact, because 2^n itself may be out of range.
  V half = FMA(rounded - (V)(ROUNDER), (V)((REAL)0.5), (V)(ROUNDER));
  VB rest = (((VB)rounded - (VB)half) << MANTISSA_BITS) + (VB)(BITS)ONE_BITS;
  return y * NAME(power_of_two)(half) * (V)rest;
#endif
}

INLINE V NAME(exp)(V x) {
  V rounded;
  V p = NAME(exp_reduced)(NAME(at_most)(NAME(at_least)(x, EXP_LEAST), EXP_GREATEST), 0, &rounded);
  return NAME(scaled)(p + (REAL)1, rounded);
}

// e^x − 1 = 2^n·p + (2^n − 1), where p = e^r − 1, with half of the powers so that 2^128 does not occur.
INLINE V NAME(expm1)(V x) {
  V rounded;
  V p = NAME(exp_reduced)(NAME(at_most)(NAME(at_least)(x, EXPM1_LEAST), EXP_GREATEST), 1, &rounded);
  V halfPower = NAME(power_of_two)(rounded - (REAL)1);
  V general = FMA(halfPower, p, halfPower - (REAL)0.5) * (REAL)2;
  return NAME(with_sign)(rounded == (V)(ROUNDER) ? p : general, x);
}

// 1/(1 + e^−x) from e = e^−|x|, which cannot overflow. With t = e/(1 + e) it is 1 − t; for negative x it is
// t itself, computed as e − e·t: for small e the rounding of 1 + e then hardly counts.
INLINE V NAME(sigmoid)(V x) {
  V rounded;
  V p = NAME(exp_reduced)(NAME(at_least)((V)((VB)x | (VB)(BITS)SIGN_BIT), EXP_LEAST), 0, &rounded);
  V e = NAME(scaled)(p + (REAL)1, rounded);
  V t = e / (e + (REAL)1);
  V limit = x < (REAL)0 ? e : (V)((REAL)1);
  return FMA(-limit, t, limit);
}

// 1 − 2/(e^2|x| + 1), and near zero, where that cancels, an odd polynomial.
INLINE V NAME(tanh)(V x) {
  V magnitude = (V)((VB)x & ~(VB)(BITS)SIGN_BIT);
  V square = magnitude * magnitude;
  V small = FMA(magnitude * square, POLYNOMIAL(square, NAME(tanh_coefficients)), magnitude);
  V rounded, bounded = NAME(at_most)(magnitude, TANH_GREATEST);
  V p = NAME(exp_reduced)(bounded + bounded, 0, &rounded);
  V e = (p + (REAL)1) * NAME(power_of_two)(rounded);
  V large = (REAL)1 - (REAL)2 / (e + (REAL)1);
  return NAME(with_sign)(magnitude < (REAL)0.625 ? small : large, x);
}

#undef EXP_LEAST
#undef EXP_GREATEST
#undef EXPM1_LEAST
#undef TANH_GREATEST
