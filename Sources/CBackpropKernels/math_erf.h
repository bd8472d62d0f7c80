// erf. Part of math_body.h.

#if BP_F64
#define ERF_SPLIT 1.0
#define ERF_GREATEST 6.0      // above: erf rounds to 1
// erf(x)/x − 1 as a polynomial in x² for |x| ≤ 1; error 2^-57.0
static const REAL NAME(erf_coefficients)[] = {
  1.28379167095512559e-01, -3.76126389031835484e-01, 1.12837916709452535e-01, -2.68661706432762326e-02,
  5.22397760742362126e-03, -8.54832598970585293e-04, 1.20552953208151849e-04, -1.49247446703424487e-05,
  1.64475177732010751e-06, -1.62091766972404270e-07, 1.37229798502696336e-08, -7.80119582229799945e-10,
};
// log(1 − erf x) for 1 ≤ x ≤ 6; relative error of erf x: 2^-57.0
static const REAL NAME(log_erfc_coefficients)[] = {
  -5.02872106093689274e-07, -1.12837408927040816e+00, -6.36643628968465602e-01, -1.02703437192044097e-01,
  1.89901745942235023e-02, 4.10633671379983709e-04, -1.91594935747993922e-03, 7.70648162698345110e-04,
  -1.35053612032031523e-04, -2.02649749362318241e-05, 2.28218117047162391e-05, -8.66694252953421901e-06,
  2.13562229594673086e-06, -3.73292415659577146e-07, 4.64214265832420053e-08, -3.93411963944700588e-09,
  2.04488068846550551e-10, -4.92840185242473309e-12,
};
#else
#define ERF_SPLIT 0.92f
#define ERF_GREATEST 3.95f
// |x| ≤ 0.92; error 2^-31.2
static const REAL NAME(erf_coefficients)[] = {
  1.283791661e-01f, -3.761263490e-01f, 1.128370166e-01f, -2.685969882e-02f,
  5.201706197e-03f, -8.149689529e-04f, 8.397294005e-05f,
};
// 0.92 ≤ x ≤ 3.95; error 2^-29.3
static const REAL NAME(log_erfc_coefficients)[] = {
  -1.956986525e-04f, -1.127675533e+00f, -6.371824741e-01f, -1.039314047e-01f,
  2.222681977e-02f, -3.043189645e-03f, 1.959341753e-04f,
};
#endif

// Near zero x + x·q(x²); further out 1 − e^p(x), where e^p = 1 − erf is soon so small that its own error
// hardly counts.
INLINE V NAME(erf)(V x) {
  V magnitude = (V)((VB)x & ~(VB)(BITS)SIGN_BIT);
  V square = magnitude * magnitude;
  V small = FMA(magnitude, POLYNOMIAL(square, NAME(erf_coefficients)), magnitude);
  V bounded = NAME(at_most)(magnitude, ERF_GREATEST);
  V rounded;
  V p = NAME(exp_reduced)(POLYNOMIAL(bounded, NAME(log_erfc_coefficients)), 0, &rounded);
  V large = (REAL)1 - (p + (REAL)1) * NAME(power_of_two)(rounded);
  return NAME(with_sign)(magnitude < ERF_SPLIT ? small : large, x);
}

#undef ERF_SPLIT
#undef ERF_GREATEST
