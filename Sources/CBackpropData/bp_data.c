#include "bp_data.h"

// #embed is standard in C23 and an extension, with a warning, in every earlier language mode.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const uint8_t digits[] = {
#embed "digits.bin"
};

static const uint8_t iris[] = {
#embed "iris.bin"
};

_Static_assert(sizeof digits == 1797 * 65, "digits.bin is incomplete");
_Static_assert(sizeof iris == 150 * 5, "iris.bin is incomplete");

bp_data bp_data_digits(void) { return (bp_data){digits, sizeof digits}; }

bp_data bp_data_iris(void) { return (bp_data){iris, sizeof iris}; }
