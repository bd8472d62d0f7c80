// The tiles of AMX as everybody here configures them: eight of 16 rows × 64 bytes.
#ifndef BP_TILES_H
#define BP_TILES_H
#include <stdint.h>

static const struct amx_configuration {
  uint8_t palette, startRow, reserved[14];
  uint16_t rowBytes[16];
  uint8_t rows[16];
} amx_configuration = {
  .palette = 1, .rowBytes = {64, 64, 64, 64, 64, 64, 64, 64}, .rows = {16, 16, 16, 16, 16, 16, 16, 16}};
#endif
