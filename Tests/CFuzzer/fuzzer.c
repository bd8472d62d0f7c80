#include "fuzzer.h"

/// The runtime has a main of its own, which is linked too, and asks for this; ours runs in its place.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  (void)data;
  (void)size;
  return 0;
}
