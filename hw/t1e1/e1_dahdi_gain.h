/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gain as a table over A-law octets (G.711), as the kernel wants it. Pure. */
#ifndef HW_T1E1_E1_DAHDI_GAIN_H
#define HW_T1E1_E1_DAHDI_GAIN_H

#include <stdint.h>

/* 0 dB: each octet stays what it is. */
void e1_gain_table(uint8_t table[256], int gain_db);

#endif
