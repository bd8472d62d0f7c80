// The loops of limits.c, once for each instruction set and precision.

static double NAME(arithmetic)(int64_t rounds) {
  V sums[BP_LIMIT_CHAINS];
  // Each chain runs to 1 and stays there: no number grows, none becomes denormal.
  UNROLL for (int i = 0; i < BP_LIMIT_CHAINS; i++) sums[i] = (V)((REAL)i);
  const V factor = (V)((REAL)0.5), addend = (V)((REAL)0.5);
  for (int64_t round = 0; round < rounds; round++) {
    UNROLL for (int i = 0; i < BP_LIMIT_CHAINS; i++) sums[i] = FMA(sums[i], factor, addend);
  }
  double total = 0;
  UNROLL for (int i = 0; i < BP_LIMIT_CHAINS; i++) {
    for (int lane = 0; lane < W; lane++) total += (double)sums[i][lane];
  }
  return total;
}

static double NAME(read)(const REAL *x, int64_t count, int64_t passes) {
  V sums[8];
  UNROLL for (int i = 0; i < 8; i++) sums[i] = (V)((REAL)0);
  for (int64_t pass = 0; pass < passes; pass++) {
    for (int64_t at = 0; at < count; at += 8 * W) {
      UNROLL for (int i = 0; i < 8; i++) sums[i] += LOADU(x + at + i * W);
    }
  }
  double total = 0;
  UNROLL for (int i = 0; i < 8; i++) {
    for (int lane = 0; lane < W; lane++) total += (double)sums[i][lane];
  }
  return total;
}

static void NAME(update)(REAL *y, const REAL *x, int64_t count, int64_t passes) {
  const V factor = (V)((REAL)0.001);
  for (int64_t pass = 0; pass < passes; pass++) {
    for (int64_t at = 0; at < count; at += 4 * W) {
      UNROLL for (int i = 0; i < 4; i++) {
        STOREU(y + at + i * W, LOADU(x + at + i * W) * factor + LOADU(y + at + i * W));
      }
    }
  }
}
