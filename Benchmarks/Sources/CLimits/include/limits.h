#ifndef BACKPROP_LIMITS_H
#define BACKPROP_LIMITS_H

#include <stddef.h>

/// What one core of this machine can do at most. All figures are the best of repeated short loops,
/// by the thread's processor time, so that other jobs hardly matter.

/// Floating-point operations a second of float32 multiply-add in registers, with vectors of 512 bits
/// where the machine has them, else of 256, else what the compiler's target gives.
double limit_fma(void);

/// Instructions a second that a core takes in, at most, and at the moment. Another hyperthread on the same core, maybe of
/// another virtual machine, shows neither as load nor as stolen time, and loops that stay in registers run on at full
/// speed beside it; but every second place is its own, so this sinks to a half.
double limit_issue(void);
double limit_issue_now(void);

/// Which vectors that was: 512, 256, or 0.
int limit_fma_bits(void);

/// Bytes a second of `a[i] = b[i]` and `a[i] = b[i] + s·c[i]` with arrays that take `bytes` together;
/// every byte read or written counts once, the reading of lines before they are written does not.
double limit_copy(size_t bytes);
double limit_triad(size_t bytes);

/// Bytes a second of reading `bytes` over and over.
double limit_read(size_t bytes);

#endif
