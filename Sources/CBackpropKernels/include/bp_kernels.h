// The compiled step as the kernels see it: a flat table of instructions over numbered memory slots.
//
// A plan is immutable and holds no address. An operand names a slot and a byte offset; `bases[slot]`
// gives the address at run time, so one plan serves any number of workspaces and states at once.
//
//   bases[BP_SLOT_SCRATCH]    this thread's scratch (virtual registers, packing), 64-byte aligned
//   bases[BP_SLOT_ARENA]      intermediate values of the step
//   bases[BP_SLOT_STATE]      parameters, variables, optimiser slots
//   bases[BP_SLOT_CONSTANTS]  constants of the plan
//   bases[BP_SLOT_SCALARS]    run-time scalars and random keys
//   bases[BP_SLOT_WINDOW]     the part of a product at hand, while code finishes it (set by the kernels)
//   bases[BP_SLOT_INPUTS + i] the i-th bound input
//
// Every buffer behind a slot is readable (not writable) for BP_SLACK bytes past its end, and the values in it are
// BP_ALIGNMENT bytes apart or more, so that kernels may load a whole vector at the end of a value that no thread is
// writing to. Of other values they read what they were given and no more: a neighbour in memory, the next row or the
// next tile may be in another thread's hands. They never store outside of their part of a value.
#ifndef BP_KERNELS_H
#define BP_KERNELS_H

#include <stdint.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { BP_SLACK = 256, BP_ALIGNMENT = 64 };
enum {
  BP_SLOT_SCRATCH = 0, BP_SLOT_ARENA, BP_SLOT_STATE, BP_SLOT_CONSTANTS, BP_SLOT_SCALARS, BP_SLOT_WINDOW,
  BP_SLOT_INPUTS,
  BP_SLOT_NONE = 0xffff
};

// Instruction sets. Every path gives the same bits (gemm.c and math_body.h say how), but for large float32 products with
// AMX (gemm_amx.h).
typedef enum { BP_PATH_PORTABLE = 0, BP_PATH_AVX2 = 1, BP_PATH_AVX512 = 2, BP_PATH_AMX = 3 } bp_path;
enum { BP_PATH_COUNT = 4 };
// Element types of a plan's real numbers.
typedef enum { BP_FLOAT32 = 0, BP_FLOAT64 = 1 } bp_real;

// ---------------------------------------------------------------------------------------------------
// Map: pointwise code and reductions over one two-dimensional domain, block by block.

// One operand over a domain of rows × columns. Element (r, c) stands `r·stride + (splat ? 0 : c)` elements
// behind `offset` (bytes). `stride` 0 repeats one row; `splat` repeats one element along the row.
// `local` operands are virtual registers in scratch: (r, c) then count from the block's own corner.
typedef struct bp_operand {
  int64_t offset;
  int32_t stride;
  uint16_t slot;
  uint8_t splat;
  uint8_t local;
} bp_operand;

typedef enum {
  // d = f(a)
  BP_OP_COPY, BP_OP_NEGATE, BP_OP_SQRT, BP_OP_EXP, BP_OP_EXPM1, BP_OP_LOG, BP_OP_LOG1P, BP_OP_ABS, BP_OP_SIGN,
  BP_OP_SIN, BP_OP_COS, BP_OP_ERF, BP_OP_SIGMOID, BP_OP_TANH, BP_OP_RELU,
  BP_OP_TRUNCATE,          // towards zero
  BP_OP_LOAD_INT32,        // d = real(a), a holds int32
  BP_OP_STORE_INT32,       // d holds int32, d = int32(a) towards zero, saturating; NaN gives 0
  // d = f(a, b)
  BP_OP_ADD, BP_OP_SUBTRACT, BP_OP_MULTIPLY, BP_OP_DIVIDE, BP_OP_POWER,
  BP_OP_MINIMUM, BP_OP_MAXIMUM,   // NaN if either is NaN
  BP_OP_LESS, BP_OP_LESS_EQUAL, BP_OP_EQUAL, BP_OP_NOT_EQUAL,   // 1 or 0
  // d = a != 0 ? b : c
  BP_OP_SELECT,
  // d = fma(a, b, c), d = fma(-a, b, c)
  BP_OP_FMA, BP_OP_FNMA,
  // d(r, c) = c, the column's number in the domain
  BP_OP_IOTA,
  // d = uniform in [0, 1), a multiple of 2^-24: Philox4x32-10, key = two uint32 at a, counter = (r·columns + c) / 4,
  // word (r·columns + c) % 4, value = (word >> 8)·2^-24. The same in both precisions.
  BP_OP_UNIFORM,
  // Row reductions: d is a column (stride 1, one element a row). They need blocks as wide as the domain.
  BP_OP_ROW_SUM,           // 16 virtual lanes (lane = column mod 16, ascending), then lane z += lane z+8, +4, +2, +1
  BP_OP_ROW_MAX,           // NaN if any is NaN
  BP_OP_ROW_ARGMAX,        // d holds int32; the first of equals; a NaN counts as the greatest
  // Column reduction of one row block: row r goes to chain r mod 4, ascending; d(rowBlock, c) = (chain 0 + chain 1)
  // + (chain 2 + chain 3). Of fewer rows than 4: in row order.
  // d's stride is the distance of the partial rows of successive row blocks.
  BP_OP_COLUMN_SUM,
  // d = the images whose places are the rows of a, with zeros around them: bp_margins at b says how many. The block that
  // holds an image's first or last row, or the first or last place of one, writes the zeros beside them.
  BP_OP_PAD,
  BP_OP_COUNT
} bp_op;

// One bytecode instruction. With `column` set it works on columns: operands are one element a row
// (element r at offset + r·stride, stride 1 or 0), and rows are run through as a contiguous vector.
typedef struct bp_code {
  uint16_t op;
  uint16_t column;
  uint32_t chain;          // as many instructions from this one run as one (bp_chain_length); 0: it runs alone
  bp_operand d, a, b, c;
} bp_code;

// The places of an image, and those around it.
typedef struct bp_margins { int32_t height, width, top, left, bottom, right; } bp_margins;

// How many instructions from the first run as one loop, with the same bits and without their registers in between;
// 0: none. One chain is known, that of optimisers with two moments (Adam and its kin):
//   t = m·x, m = y·g + t, u = g·g, t = v·z, v = w·u + t, t = √v, t = t·p + q, d = m / t
int32_t bp_chain_length(const bp_code *codes, int32_t count);

// Domain rows × columns, cut into blocks of blockRows × blockColumns (the last ones smaller). Task t is the block
// (t / ceil(columns / blockColumns), t % ceil(columns / blockColumns)). Local operands have
// stride = blockColumns or more (columns: 1); a register ends on a multiple of BP_ALIGNMENT bytes, which its last vector
// may fill. Scratch is as large as the plan computed.
typedef struct bp_map {
  int32_t rows, columns, blockRows, blockColumns;
  int32_t firstCode, codeCount;
  int32_t product;                                 // of a fused instruction: its record among the products
  int64_t productScratch;                          // where that product's scratch begins, behind the registers
} bp_map;

int32_t bp_map_tasks(const bp_map *map);
void bp_map_run(bp_path path, bp_real real, const bp_map *map, const bp_code *codes, void *const *bases, int32_t task);

// ---------------------------------------------------------------------------------------------------
// GEMM: C(i, j) = start(i, j) + Σ_k A(i, k)·B(k, j).
//
// Every element is one serial chain of fused multiply-adds over ascending k that begins at start(i, j) (or 0), for
// every path, tile and thread count. A is stored [m, k] (or [k, m] when transposed) with row pitch lda, and so on.
typedef struct bp_address { int64_t offset; uint16_t slot; } bp_address;

// Where things stand that are counted in three digits: number i = (h·middle + m)·low + l is l·lowStride + m·middleStride
// + h·highStride elements behind the first.
typedef struct bp_digits { int64_t low, middle, lowStride, middleStride, highStride; } bp_digits;

// A as the windows over an image, read where they are: row i of the stored matrix is the window at positions(i), its
// element k stands places(k) behind that. lda is not used.
typedef struct bp_view { uint8_t isUsed; bp_digits positions, places; } bp_view;

typedef struct bp_gemm {
  int32_t m, n, k;
  uint8_t transposeA, transposeB;
  int32_t batch;                                   // products, one after the other, distances below (elements)
  int64_t batchA, batchB, batchC, batchStart;
  bp_address a, b, c, start;                       // start.slot == BP_SLOT_NONE: zeros. start may be c itself.
  int64_t lda, ldb, ldc, ldstart;                  // ldstart 0: one row for all rows
  int32_t tileRows, tileColumns;                   // the smallest tile that a thread takes; 0: all
  uint8_t isBfloat16;                              // float32 only: A and B rounded to bfloat16, sums in float32
  uint8_t isWindow;                                // C is BP_SLOT_WINDOW: only a fused instruction's code reads it
  bp_view view;                                    // of A; batch 1
} bp_gemm;

// A task is one tile of one product: a tile as above, or several as one where there are few threads. The result is the
// same for any number.
enum { BP_MOST_THREADS = 1024 };
int32_t bp_gemm_tasks(const bp_gemm *gemm, int32_t threads);
size_t bp_gemm_scratch(const bp_gemm *gemm, bp_real real);   // bytes of scratch that one task needs, for any path
// The products of bfloat16 that AMX makes of one (6, or 1 with isBfloat16); 0 where it runs on fused multiply-adds. By
// shape alone: small products do not repay AMX.
int32_t bp_gemm_tile_products(bp_path path, bp_real real, const bp_gemm *gemm);
void bp_gemm_run(bp_path path, bp_real real, const bp_gemm *gemm, void *const *bases, int32_t threads, int32_t task);

// Fused: a product and the code of a map over its result, rows m × columns n, batch 1.
//
// A product is computed region by region: some rows × some columns, cut by shape. As soon as a region has its last
// step of k, the map's code runs over it, while it is in cache. Row blocks of the map must not cross regions:
// bp_gemm_region_rows(gemm) is a multiple of blockRows, or m (never with isBfloat16: there blockRows divides
// BP_REGION_ROWS). Code that reduces rows needs regions as wide as the
// product: n ≤ BP_WHOLE_ROWS. With `isWindow` (k ≤ BP_WINDOW_STEPS) C never reaches memory: a region stands in
// BP_SLOT_WINDOW, with ldc elements between its rows, and C's operands in the code name that slot.
enum { BP_WHOLE_ROWS = 256, BP_WINDOW_STEPS = 512, BP_REGION_ROWS = 32 };
int64_t bp_gemm_region_rows(const bp_gemm *gemm);
void bp_fused_run(bp_path path, bp_real real, const bp_map *map, const bp_code *codes, const bp_gemm *gemm,
                  void **bases, int32_t threads, int32_t task);

// ---------------------------------------------------------------------------------------------------
// Moves: strided copies, gather and scatter-add.

enum { BP_MAX_RANK = 8 };

// destination[Σ iₐ·destinationStrides[a]] = source[Σ iₐ·sourceStrides[a]] for all indices below `sizes`.
// Transposes, slices, broadcasts and the pieces of a concatenation are all this. Strides count elements.
typedef struct bp_copy {
  bp_address source, destination;
  int32_t rank, elementSize;
  int64_t sizes[BP_MAX_RANK], sourceStrides[BP_MAX_RANK], destinationStrides[BP_MAX_RANK];
} bp_copy;

// gather:      destination[i, j] = source[index[i], j]   for i < count, j < width; indices are held inside 0 … rows − 1
// scatter-add: destination[r, j] = Σ source[i, j] over ascending i with index[i] = r; other indices are passed over
typedef struct bp_index {
  bp_address source, index, destination;
  int32_t count, width, rows;
} bp_index;

// ---------------------------------------------------------------------------------------------------
// Windows that slide over the two middle axes of images [samples, height, width, channels].

// Window i covers the places i·stride − before + j·dilation, 0 ≤ j < size; those outside 0 … length − 1 are padding.
typedef struct bp_window_axis { int32_t size, stride, dilation, before, length, count; } bp_window_axis;

typedef enum {
  BP_WINDOW_PAD,           // destination: images of y.count × x.count, a's inside at (before, before), zeros around
  BP_WINDOW_UNFOLD,        // destination [samples, windows, places, channels]: a's windows; no padding
  BP_WINDOW_FOLD,          // destination: images; the windows of a added up, in the order of the windows; no padding
  BP_WINDOW_MAX,           // destination: windows; the greatest of a, NaN if one is NaN
  BP_WINDOW_MAX_SPREAD,    // destination: images; c (windows) over the number of places of a (images) equal to b (windows)
  BP_WINDOW_MAX_PICK,      // destination: windows; mean of c (images) over the places of a equal to b (windows), or 0
  BP_WINDOW_SUM,           // destination: windows; the sum of a, in the order of the places
  BP_WINDOW_SUM_SPREAD,    // destination: images; a (windows) added to the places of each, in the order of the windows
  BP_WINDOW_MOVES
} bp_window_move;

typedef struct bp_window {
  int32_t move;
  int32_t samples, channels;
  bp_window_axis y, x;
  bp_address a, b, c, destination;
  int32_t product;         // FOLD of a product that never reaches memory: its record among the products, or -1
} bp_window;

// A task is one sample, or with a product a few.
int32_t bp_window_tasks(const bp_window *window);
// Bytes of scratch of a task; `product` is NULL without one.
size_t bp_window_scratch(const bp_window *window, const bp_gemm *product, bp_real real);
void bp_window_run(bp_path path, bp_real real, const bp_window *window, const bp_gemm *gemms, void *const *bases,
                   int32_t task);

// ---------------------------------------------------------------------------------------------------
// The step.

typedef enum { BP_KIND_MAP, BP_KIND_GEMM, BP_KIND_COPY, BP_KIND_GATHER, BP_KIND_SCATTER_ADD,
  BP_KIND_FUSED,   // the record is a map, which names its product
  BP_KIND_WINDOW } bp_kind;

// One entry of the table: which family, which record of that family, and into how many independent tasks the shape
// cuts it. Entries with `parallel` set are large enough for the threads of a pool.
// (Products have their own count of tasks, see bp_gemm_tasks.)
typedef struct bp_instruction { uint16_t kind; uint16_t parallel; int32_t record; int32_t tasks; } bp_instruction;

typedef struct bp_program {
  bp_path path;
  bp_real real;
  int32_t flushDenormals;               // FTZ and DAZ from entry to exit, on every thread
  int32_t slotCount;
  int32_t instructionCount;
  const bp_instruction *instructions;
  const bp_map *maps;
  const bp_code *codes;
  const bp_gemm *gemms;
  const bp_copy *copies;
  const bp_index *indices;
  const bp_window *windows;
  size_t scratchBytes;                  // a thread
} bp_program;

// Threads that spin briefly between pieces of work and then park.
typedef struct bp_pool bp_pool;
bp_pool *bp_pool_create(int32_t threads);         // the caller is one of them; NULL if threads cannot be made
void bp_pool_destroy(bp_pool *pool);

// Runs instructions first … first + count − 1. `scratch` holds scratchBytes for each thread (scratchBytes is a
// multiple of 64); `pool` may be NULL. No element depends on how tasks are cut, so the result has the same bits for any pool.
void bp_program_run(const bp_program *program, int32_t first, int32_t count, void *const *bases, void *scratch,
                    bp_pool *pool);

// The best instruction set of this CPU.
bp_path bp_path_best(void);
int32_t bp_path_supported(bp_path path);

// ---------------------------------------------------------------------------------------------------
// Batches: rows of a data set, converted and scaled on the way into a step's input.

typedef enum { BP_SOURCE_UINT8, BP_SOURCE_FLOAT32, BP_SOURCE_FLOAT64, BP_SOURCE_INT32 } bp_source;

// destination[i, j] = (source[row(i), j] − offset[j])·scale[j]; row(i) = order[i], or first + i without an order.
// offset and scale hold `width` numbers, or one (`perColumn` 0), or are NULL (plain conversion).
void bp_rows_to_real(bp_real real, bp_source type, const void *source, int64_t width, const int32_t *order,
                     int64_t first, int64_t count, const float *offset, const float *scale, int32_t perColumn,
                     void *destination);
void bp_rows_to_int32(const int32_t *source, int64_t width, const int32_t *order, int64_t first, int64_t count,
                      int32_t *destination);

// The index of the first number that is infinite or NaN, or -1; BP_SOURCE_FLOAT32 and BP_SOURCE_FLOAT64 can have one.
int64_t bp_first_not_finite(bp_source type, const void *x, int64_t count);

#ifdef __cplusplus
}
#endif
#endif
