// Functions that the C library computes: sin, cos and the power. Included by map_body.h.
#if BP_F64
#define LIBRARY(function) function
#else
#define LIBRARY(function) function##f
#endif

// d = function(a) or function(a, b) of the C library, one element after the other. The library looks at bits, so where
// denormals are flushed it would take them for what they are, or for something else: multiplied by 1, of which the
// compiler does not know, they are zeros there too.
static void NAME(library_unary)(REAL (*function)(REAL), const NAME(loop) *loop) {
  volatile REAL unit = 1;
  const REAL one = unit;
  for (int r = 0; r < loop->rows; r++) {
    const REAL *a = (const REAL *)loop->a.start + r * loop->a.row;
    REAL *d = (REAL *)loop->d.start + r * loop->d.row;
    for (int k = 0; k < loop->columns; k++) d[k] = function(a[loop->a.splat ? 0 : k] * one);
  }
}
static void NAME(library_binary)(REAL (*function)(REAL, REAL), const NAME(loop) *loop) {
  volatile REAL unit = 1;
  const REAL one = unit;
  for (int r = 0; r < loop->rows; r++) {
    const REAL *a = (const REAL *)loop->a.start + r * loop->a.row;
    const REAL *b = (const REAL *)loop->b.start + r * loop->b.row;
    REAL *d = (REAL *)loop->d.start + r * loop->d.row;
    for (int k = 0; k < loop->columns; k++) {
      d[k] = function(a[loop->a.splat ? 0 : k] * one, b[loop->b.splat ? 0 : k] * one);
    }
  }
}
