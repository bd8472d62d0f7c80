// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011). Included by
// map_body.h.

// Eight counters at once, one word in each 64-bit lane, so that 32 × 32 → 64 bits is one multiplication.
typedef uint64_t NAME(words) __attribute__((ext_vector_type(8)));

// Writes the 32 words of the counters first … first + 7, four to a counter, in order.
INLINE void NAME(philox)(uint64_t first, uint32_t key0, uint32_t key1, NAME(words) out[2]) {
  const NAME(words) lowHalf = (NAME(words))(uint64_t)0xffffffffu;
  NAME(words) counter = (NAME(words))first + (NAME(words)){0, 1, 2, 3, 4, 5, 6, 7};
  NAME(words) c0 = counter & lowHalf, c1 = counter >> 32, c2 = (NAME(words))(uint64_t)0, c3 = c2;
  UNROLL for (int round = 0; round < 10; round++) {
    NAME(words) product0 = c0 * (NAME(words))(uint64_t)0xd2511f53u;
    NAME(words) product1 = c2 * (NAME(words))(uint64_t)0xcd9e8d57u;
    c0 = (product1 >> 32) ^ c1 ^ (NAME(words))(uint64_t)key0;
    c2 = (product0 >> 32) ^ c3 ^ (NAME(words))(uint64_t)key1;
    c1 = product1 & lowHalf;
    c3 = product0 & lowHalf;
    key0 += 0x9e3779b9u;
    key1 += 0xbb67ae85u;
  }
  // Words 0 and 1 of a counter share a lane of `low`, words 2 and 3 one of `high`; every counter is four
  // words in a row.
  NAME(words) low = c0 | c1 << 32, high = c2 | c3 << 32;
  out[0] = __builtin_shufflevector(low, high, 0, 8, 1, 9, 2, 10, 3, 11);
  out[1] = __builtin_shufflevector(low, high, 4, 12, 5, 13, 6, 14, 7, 15);
}

// Uniform numbers for the indices first … first + count − 1 (see BP_OP_UNIFORM).
static void NAME(fill_uniform)(REAL *d, uint64_t first, int count, const void *key) {
  uint32_t keys[2];
  memcpy(keys, key, sizeof keys);
  int skip = (int)(first & 3);
  uint64_t counter = first / 4;
  while (count > 0) {
    NAME(words) block[2];
    REAL values[32];
    uint32_t words[32];
    NAME(philox)(counter, keys[0], keys[1], block);
    memcpy(words, block, sizeof words);
    for (int i = 0; i < 32; i++) values[i] = (REAL)(int32_t)(words[i] >> 8) * (REAL)0x1p-24;
    int n = 32 - skip < count ? 32 - skip : count;
    memcpy(d, values + skip, (size_t)n * sizeof(REAL));
    d += n;
    count -= n;
    counter += 8;
    skip = 0;
  }
}
