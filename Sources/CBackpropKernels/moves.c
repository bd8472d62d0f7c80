// Strided copies, gather and scatter-add.
#include "bp_internal.h"
#include <string.h>

static void *at(bp_address address, void *const *bases) { return (char *)bases[address.slot] + address.offset; }

static void copy_row(const char *source, char *destination, int64_t n, int64_t sourceStride, int64_t destinationStride,
                     int32_t size) {
  if (sourceStride == 1 && destinationStride == 1) {
    memcpy(destination, source, (size_t)(n * size));
  } else if (size == 4) {
    const uint32_t *s = (const uint32_t *)source;
    uint32_t *d = (uint32_t *)destination;
    for (int64_t i = 0; i < n; i++) d[i * destinationStride] = s[i * sourceStride];
  } else {
    const uint64_t *s = (const uint64_t *)source;
    uint64_t *d = (uint64_t *)destination;
    for (int64_t i = 0; i < n; i++) d[i * destinationStride] = s[i * sourceStride];
  }
}

void bp_copy_run(const bp_copy *copy, void *const *bases) {
  const char *source = at(copy->source, bases);
  char *destination = at(copy->destination, bases);
  const int32_t last = copy->rank - 1;
  int64_t index[BP_MAX_RANK] = {0};
  for (int32_t axis = 0; axis < copy->rank; axis++)
    if (copy->sizes[axis] == 0) return;
  for (;;) {
    copy_row(source, destination, copy->sizes[last], copy->sourceStrides[last], copy->destinationStrides[last],
             copy->elementSize);
    int32_t axis = last - 1;
    for (; axis >= 0; axis--) {
      source += copy->sourceStrides[axis] * copy->elementSize;
      destination += copy->destinationStrides[axis] * copy->elementSize;
      if (++index[axis] < copy->sizes[axis]) break;
      source -= copy->sizes[axis] * copy->sourceStrides[axis] * copy->elementSize;
      destination -= copy->sizes[axis] * copy->destinationStrides[axis] * copy->elementSize;
      index[axis] = 0;
    }
    if (axis < 0) return;
  }
}

void bp_gather_run(const bp_index *gather, bp_real real, void *const *bases) {
  const size_t row = (size_t)gather->width * (real == BP_FLOAT64 ? 8 : 4);
  const char *source = at(gather->source, bases);
  const int32_t *index = at(gather->index, bases);
  char *destination = at(gather->destination, bases);
  for (int32_t i = 0; i < gather->count; i++) {
    int32_t r = index[i] < 0 ? 0 : index[i] >= gather->rows ? gather->rows - 1 : index[i];
    memcpy(destination + (size_t)i * row, source + (size_t)r * row, row);
  }
}

#define SCATTER(T)                                                                  \
  for (int32_t i = 0; i < scatter->count; i++) {                                    \
    if (index[i] < 0 || index[i] >= scatter->rows) continue;                        \
    T *d = (T *)destination + (size_t)index[i] * (size_t)scatter->width;            \
    const T *s = (const T *)source + (size_t)i * (size_t)scatter->width;            \
    for (int32_t j = 0; j < scatter->width; j++) d[j] += s[j];                      \
  }

void bp_scatter_add_run(const bp_index *scatter, bp_real real, void *const *bases) {
  const void *source = at(scatter->source, bases);
  const int32_t *index = at(scatter->index, bases);
  void *destination = at(scatter->destination, bases);
  memset(destination, 0, (size_t)scatter->rows * (size_t)scatter->width * (real == BP_FLOAT64 ? 8 : 4));
  if (real == BP_FLOAT64) {
    SCATTER(double)
  } else {
    SCATTER(float)
  }
}
