// What this machine can do at best: loops that do nothing but arithmetic, or nothing but move memory. Their time
// gives the floor that an instruction of a plan stands beside.
#ifndef BP_LIMITS_H
#define BP_LIMITS_H

#include "bp_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { BP_LIMIT_CHAINS = 12 };

// Floating-point operations of one round of bp_limit_arithmetic: a fused multiply-add counts as two.
int32_t bp_limit_operations(bp_path path, bp_real real);
// Runs rounds of fused multiply-adds in BP_LIMIT_CHAINS independent vectors. Gives a number that depends on all.
double bp_limit_arithmetic(bp_path path, bp_real real, int64_t rounds);
// Floating-point operations of one round of bp_limit_tiles: four products of 16 × 32 by 32 × 16 bfloat16.
enum { BP_LIMIT_TILE_OPERATIONS = 4 * 2 * 16 * 16 * 32 };
// Runs rounds of products on AMX's tiles, into four independent sums; nothing on a CPU without AMX.
void bp_limit_tiles(int64_t rounds);
// Reads `count` elements `passes` times. Gives their sum. `count` is a multiple of 256, x aligned as all buffers are.
double bp_limit_read(bp_path path, bp_real real, const void *x, int64_t count, int64_t passes);
// y = a·x + y over `count` elements, `passes` times: two elements read and one written for each.
void bp_limit_update(bp_path path, bp_real real, void *y, const void *x, int64_t count, int64_t passes);

#ifdef __cplusplus
}
#endif
#endif
