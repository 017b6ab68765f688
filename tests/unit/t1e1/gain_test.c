/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "hw/t1e1/e1_dahdi_gain.h"
#include "tests/unit/t1e1/t1e1_tests.h"

/* G.711 table 1a by its definition, independent of the code under test: sign, then the decision
 * values' middle in units of 1/4096. */
static double level(uint8_t octet)
{
	unsigned code = octet ^ 0x55, segment = code >> 4 & 7, step = code & 15;
	double magnitude = segment ? ldexp(step + 16.5, (int)segment) : 2 * step + 1;

	return code & 0x80 ? magnitude : -magnitude;
}

void gain_of_0_db_changes_nothing(void **state)
{
	uint8_t table[256];

	e1_gain_table(table, 0);
	for (int i = 0; i < 256; i++)
		assert_int_equal(table[i], i);
}

/* Each octet goes to one as near to the wanted level as A-law has (half a step of its segment), or
 * to the loudest there is. */
void gain_follows_the_law(void **state)
{
	static const int gain[] = {-20, -6, -1, 1, 3, 20};

	for (unsigned g = 0; g < sizeof(gain) / sizeof(gain[0]); g++) {
		uint8_t table[256];

		e1_gain_table(table, gain[g]);
		for (int i = 0; i < 256; i++) {
			double want = level((uint8_t)i) * pow(10, gain[g] / 20.0);
			double got = level(table[i]);

			if (fabs(want) > 4032) {
				assert_true(fabs(got) == 4032);
				continue;
			}
			assert_true(got * want > 0);
			assert_true(fabs(got - want) <= fabs(want) / 32 + 1.001);
		}
	}
}
