// The data sets that are part of the binary. Their layout is in README.md.
#ifndef BP_DATA_H
#define BP_DATA_H

#include <stddef.h>
#include <stdint.h>

/// Bytes that live as long as the program and never change.
typedef struct {
  const uint8_t *bytes;
  size_t count;
} bp_data;

/// 1,797 records of 65 bytes: 64 pixels of 0...16, then the class 0...9.
bp_data bp_data_digits(void);

/// 150 records of 5 bytes: four lengths in millimetres, then the class 0...2.
bp_data bp_data_iris(void);

#endif
