/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/media_bridge/law.h"
#include "src/media_bridge/tone.h"
#include "tests/unit/media_bridge/media_tests.h"

/* G.711: both directions keep the sign, never turn the order round, come near the value, and what
 * went A-µ-A once is not changed by going again. */
void law_tables_follow_their_rules(void **state)
{
	int last_u = -40000, last_a = -40000;

	for (int v = -32768; v < 32768; v += 7) {
		uint8_t a = law_alaw_encode((int16_t)v), u = law_ulaw_encode((int16_t)v);
		int to_u = law_ulaw_decode(law_alaw_to_ulaw[a]);
		int to_a = law_alaw_decode(law_ulaw_to_alaw[u]);

		assert_int_equal(law_alaw_encode(law_alaw_decode(a)), a);
		assert_true(to_u >= last_u);
		assert_true(to_a >= last_a);
		last_u = to_u;
		last_a = to_a;
		assert_true(abs(to_u - law_alaw_decode(a)) <= 20 + abs(v) / 30);
		assert_true(abs(to_a - law_ulaw_decode(u)) <= 20 + abs(v) / 30);
		assert_int_equal(a & 0x80, law_alaw_to_ulaw[a] & 0x80);
	}
	for (unsigned i = 0; i < 256; i++) {
		uint8_t once = law_ulaw_to_alaw[law_alaw_to_ulaw[i]];

		assert_int_equal(law_ulaw_to_alaw[law_alaw_to_ulaw[once]], once);
	}
	assert_int_equal(law_alaw_to_ulaw[LAW_ALAW_IDLE], 0xfe); /* its smallest is ±8, not 0 */
	assert_int_equal(law_ulaw_to_alaw[LAW_ULAW_IDLE], LAW_ALAW_IDLE);
}

/* Signal to the error that the change itself adds, over levels from 0 to −20 dBm0. The tables'
 * own worst is where the steps of the two laws lie halfway, near −10 dBm0. */
void law_change_keeps_the_signal(void **state)
{
	double sum_db = 0;

	for (int level = 0; level >= -20; level -= 5) {
		double amplitude = 32768 * pow(10, (level - 3.14) / 20), signal = 0, error = 0;

		for (unsigned n = 0; n < 8000; n++) {
			double v = amplitude * sin(2 * M_PI * 1020 * n / 8000);
			uint8_t a = law_alaw_encode((int16_t)v);
			double before = law_alaw_decode(a);
			double after = law_ulaw_decode(law_alaw_to_ulaw[a]);

			signal += before * before;
			error += (before - after) * (before - after);
		}
		assert_true(10 * log10(signal / error) > 33);
		sum_db += 10 * log10(signal / error);
	}
	assert_true(sum_db / 5 > 35);
}

void ringback_has_its_cadence(void **state)
{
	struct tone t = {0};
	double amplitude = 32768 * pow(10, (-10 - 3.14) / 20);

	for (unsigned n = 0; n < 80000; n += 160) {
		uint8_t out[160];

		tone_fill(&t, CALL_TONE_RINGBACK, MEDIA_ALAW, out, sizeof(out));
		for (unsigned i = 0; i < sizeof(out); i++) {
			unsigned at = (n + i) % 40000;
			double v = at < 8000 ? amplitude * sin(2 * M_PI * 425 * at / 8000) : 8;

			assert_true(fabs(law_alaw_decode(out[i]) - v) <= 8.5 + fabs(v) / 30);
		}
	}
	memset(&t, 0, sizeof(t));
	for (unsigned n = 0; n < 40000; n += 160) {
		uint8_t out[160];

		tone_fill(&t, CALL_TONE_RINGBACK, MEDIA_ULAW, out, sizeof(out));
		assert_true(n >= 8000 || law_ulaw_decode(out[5]) != 0);
		assert_true(n < 8000 || abs(law_ulaw_decode(out[5])) <= 8);
	}
}
