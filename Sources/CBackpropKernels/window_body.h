// Windows for one instruction set and precision.

INLINE int64_t NAME(window_min)(int64_t a, int64_t b) { return a < b ? a : b; }

// d[j] += s[j]
INLINE void NAME(window_add)(REAL *d, const REAL *s, int64_t count) {
  int64_t j = 0;
  for (; j + W <= count; j += W) STOREU(d + j, LOADU(d + j) + LOADU(s + j));
  if (j < count) {
    const int rest = (int)(count - j);
    STORE_PARTIAL(d + j, LOAD_PARTIAL(d + j, rest) + LOAD_PARTIAL(s + j, rest), rest);
  }
}

// Runs `body` for every run of places that lie side by side: `from` elements behind the window's first, `count` of
// them, at `place` in the image. Windows without padding only.
#define WINDOW_RUNS(window, oy, ox, body)                                                                     \
  {                                                                                                           \
    const int64_t C = (window)->channels, X = (window)->x.length;                                             \
    const bool joined = (window)->x.dilation == 1;                                                            \
    const int64_t count = joined ? (window)->x.size * C : C, runs = joined ? 1 : (window)->x.size;            \
    int64_t from = 0;                                                                                         \
    for (int64_t p = 0; p < (window)->y.size; p++) {                                                          \
      const int64_t y = (int64_t)(oy) * (window)->y.stride + p * (window)->y.dilation;                        \
      for (int64_t q = 0; q < runs; q++, from += count) {                                                     \
        const int64_t place = (y * X + (int64_t)(ox) * (window)->x.stride + q * (window)->x.dilation) * C;    \
        body                                                                                                  \
      }                                                                                                       \
    }                                                                                                         \
  }

static void NAME(window_pad)(const bp_window *w, const REAL *a, REAL *d) {
  const int64_t inner = (int64_t)w->x.length * w->channels, outer = (int64_t)w->x.count * w->channels;
  const int64_t left = (int64_t)w->x.before * w->channels, right = outer - inner - left;
  memset(d, 0, (size_t)(w->y.before * outer) * sizeof(REAL));
  d += w->y.before * outer;
  for (int64_t y = 0; y < w->y.length; y++, a += inner, d += outer) {
    memset(d, 0, (size_t)left * sizeof(REAL));
    memcpy(d + left, a, (size_t)inner * sizeof(REAL));
    memset(d + left + inner, 0, (size_t)right * sizeof(REAL));
  }
  memset(d, 0, (size_t)((w->y.count - w->y.before - w->y.length) * outer) * sizeof(REAL));
}

static void NAME(window_unfold)(const bp_window *w, const REAL *a, REAL *d) {
  const int64_t width = (int64_t)w->y.size * w->x.size * w->channels;
  for (int32_t oy = 0; oy < w->y.count; oy++)
    for (int32_t ox = 0; ox < w->x.count; ox++, d += width)
      WINDOW_RUNS(w, oy, ox, memcpy(d + from, a + place, (size_t)count * sizeof(REAL));)
}

// Adds rows [row, row + count) of all windows of all samples, which stand at `block`, to the images.
NOINLINE void NAME(window_fold_rows)(const bp_window *w, const void *block, void *const *bases, int64_t row,
                                     int64_t rows) {
  const int64_t width = (int64_t)w->y.size * w->x.size * w->channels;
  const int64_t image = (int64_t)w->y.length * w->x.length * w->channels, windows = (int64_t)w->y.count * w->x.count;
  const REAL *s = block;
  for (int64_t i = row; i < row + rows; i++, s += width) {
    REAL *d = (REAL *)window_address(bases, w->destination) + i / windows * image;
    const int64_t oy = i % windows / w->x.count, ox = i % w->x.count;
    WINDOW_RUNS(w, oy, ox, NAME(window_add)(d + place, s + from, count);)
  }
}

// One vector of channels of one window.
typedef struct NAME(window_lane) {
  const bp_window *w;
  window_range y, x;
  int64_t channel;
  int count;               // of channels
} NAME(window_lane);

// Runs `body` for each place inside; `place` counts elements of the image.
#define WINDOW_PLACES(lane, body)                                                                            \
  for (int32_t p = (lane)->y.first; p < (lane)->y.end; p++)                                                  \
    for (int32_t q = (lane)->x.first; q < (lane)->x.end; q++) {                                              \
      const int64_t place = ((int64_t)((lane)->y.origin + p * (lane)->w->y.dilation) * (lane)->w->x.length   \
                             + (lane)->x.origin + q * (lane)->w->x.dilation) * (lane)->w->channels           \
          + (lane)->channel;                                                                                 \
      body                                                                                                   \
    }

INLINE V NAME(window_max)(const NAME(window_lane) *lane, const REAL *a) {
  V top = (V)((REAL)-INFINITY);
  WINDOW_PLACES(lane, {
    const V x = LOAD_PARTIAL(a + place, lane->count);
    top = (top == top) & ((x > top) | (x != x)) ? x : top;
  })
  return top;
}

INLINE V NAME(window_sum)(const NAME(window_lane) *lane, const REAL *a) {
  V sum = (V)((REAL)0);
  WINDOW_PLACES(lane, sum = sum + LOAD_PARTIAL(a + place, lane->count);)
  return sum;
}

// How many places are as great as the window's maximum.
INLINE V NAME(window_tops)(const NAME(window_lane) *lane, const REAL *a, V top) {
  const V one = (V)((REAL)1), zero = (V)((REAL)0);
  V count = zero;
  WINDOW_PLACES(lane, count = count + (LOAD_PARTIAL(a + place, lane->count) == top ? one : zero);)
  return count;
}

INLINE V NAME(window_pick)(const NAME(window_lane) *lane, const REAL *a, V top, const REAL *v) {
  const V one = (V)((REAL)1), zero = (V)((REAL)0);
  V sum = zero, count = zero;
  WINDOW_PLACES(lane, {
    const VI isTop = LOAD_PARTIAL(a + place, lane->count) == top;
    sum = isTop ? sum + LOAD_PARTIAL(v + place, lane->count) : sum;
    count = count + (isTop ? one : zero);
  })
  return count > zero ? sum / count : zero;
}

INLINE void NAME(window_max_spread)(const NAME(window_lane) *lane, const REAL *a, V top, V value, REAL *d,
                                     bool isApart) {
  const V share = value / NAME(window_tops)(lane, a, top);
  if (isApart) {
    WINDOW_PLACES(lane, {
      const V zero = (V)((REAL)0);
      STORE_PARTIAL(d + place, LOAD_PARTIAL(a + place, lane->count) == top ? share : zero, lane->count);
    })
    return;
  }
  WINDOW_PLACES(lane, {
    const V old = LOAD_PARTIAL(d + place, lane->count);
    STORE_PARTIAL(d + place, LOAD_PARTIAL(a + place, lane->count) == top ? old + share : old, lane->count);
  })
}

INLINE void NAME(window_spread)(const NAME(window_lane) *lane, V value, REAL *d) {
  WINDOW_PLACES(lane, STORE_PARTIAL(d + place, LOAD_PARTIAL(d + place, lane->count) + value, lane->count);)
}

// One sample: a, b, c and d stand at its beginning.
static void NAME(window_pool)(const bp_window *w, const REAL *a, const REAL *b, const REAL *c, REAL *d) {
  NAME(window_lane) lane = {.w = w};
  // No two windows have a place in common, and so each place is written once.
  const bool isApart = (w->y.size - 1) * w->y.dilation < w->y.stride && (w->x.size - 1) * w->x.dilation < w->x.stride;
  int64_t window = 0;
  for (int32_t oy = 0; oy < w->y.count; oy++) {
    lane.y = window_inside(&w->y, oy);
    for (int32_t ox = 0; ox < w->x.count; ox++, window += w->channels) {
      lane.x = window_inside(&w->x, ox);
      for (lane.channel = 0; lane.channel < w->channels; lane.channel += W) {
        lane.count = (int)NAME(window_min)(w->channels - lane.channel, W);
        const int64_t i = window + lane.channel;
        const int n = lane.count;
        switch (w->move) {
          case BP_WINDOW_MAX: STORE_PARTIAL(d + i, NAME(window_max)(&lane, a), n); break;
          case BP_WINDOW_SUM: STORE_PARTIAL(d + i, NAME(window_sum)(&lane, a), n); break;
          case BP_WINDOW_MAX_PICK:
            STORE_PARTIAL(d + i, NAME(window_pick)(&lane, a, LOAD_PARTIAL(b + i, n), c), n);
            break;
          case BP_WINDOW_MAX_SPREAD:
            NAME(window_max_spread)(&lane, a, LOAD_PARTIAL(b + i, n), LOAD_PARTIAL(c + i, n), d, isApart);
            break;
          case BP_WINDOW_SUM_SPREAD: NAME(window_spread)(&lane, LOAD_PARTIAL(a + i, n), d); break;
          default: break;
        }
      }
    }
  }
}

NOINLINE void NAME(window_run)(const bp_window *w, void *const *bases, int64_t first, int64_t samples) {
  const int64_t image = (int64_t)w->y.length * w->x.length * w->channels;
  const int64_t padded = (int64_t)w->y.count * w->x.count * w->channels;   // of PAD; else one element a window
  const int64_t unfolded = padded * w->y.size * w->x.size;
  const REAL *a = window_address(bases, w->a), *b = window_address(bases, w->b), *c = window_address(bases, w->c);
  REAL *d = window_address(bases, w->destination);
  for (int64_t sample = first; sample < first + samples; sample++) {
    switch (w->move) {
      case BP_WINDOW_PAD: NAME(window_pad)(w, a + sample * image, d + sample * padded); break;
      case BP_WINDOW_UNFOLD: NAME(window_unfold)(w, a + sample * image, d + sample * unfolded); break;
      case BP_WINDOW_FOLD:
        memset(d + sample * image, 0, (size_t)image * sizeof(REAL));
        NAME(window_fold_rows)(w, a + sample * unfolded, bases, sample * w->y.count * w->x.count,
                               (int64_t)w->y.count * w->x.count);
        break;
      case BP_WINDOW_MAX:
      case BP_WINDOW_SUM: NAME(window_pool)(w, a + sample * image, NULL, NULL, d + sample * padded); break;
      case BP_WINDOW_MAX_PICK:
        NAME(window_pool)(w, a + sample * image, b + sample * padded, c + sample * image, d + sample * padded);
        break;
      case BP_WINDOW_MAX_SPREAD:
        memset(d + sample * image, 0, (size_t)image * sizeof(REAL));
        NAME(window_pool)(w, a + sample * image, b + sample * padded, c + sample * padded, d + sample * image);
        break;
      case BP_WINDOW_SUM_SPREAD:
        memset(d + sample * image, 0, (size_t)image * sizeof(REAL));
        NAME(window_pool)(w, a + sample * padded, NULL, NULL, d + sample * image);
        break;
    }
  }
}

#undef WINDOW_RUNS
#undef WINDOW_PLACES
