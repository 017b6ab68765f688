/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "gateway/lab/lab_run.h"

static void print_json(enum lab_direction d, const struct lab_verdict *v, bool ok, json_t *mistakes)
{
	json_t *o = json_pack("{ss sb si si si si si si si si}", "direction", lab_direction_key(d),
			      "ok", ok, "calls", (int)v->calls, "good", (int)v->good, "answered",
			      (int)v->answered, "expected_answered", (int)v->talks, "early_media",
			      (int)v->early, "audio", (int)v->audio, "causes", (int)v->causes,
			      "records", (int)v->records);
	json_t *audio =
	    json_pack("{sI sI sI sI sI}", "octets", (json_int_t)v->octets, "lost",
		      (json_int_t)v->lost, "inserted", (json_int_t)v->inserted, "explained",
		      (json_int_t)v->counted, "unexplained", (json_int_t)v->unexplained);
	char *text;

	json_object_set_new(o, "octets", audio);
	json_object_set(o, "mistakes", mistakes);
	text = json_dumps(o, JSON_COMPACT);
	if (text)
		puts(text);
	free(text);
	json_decref(o);
}

void lab_print_summary(enum lab_direction d, const struct lab_verdict *v, bool ok, bool json,
		       json_t *mistakes)
{
	if (json) {
		print_json(d, v, ok, mistakes);
		fflush(stdout);
		return;
	}
	printf("%s: %s, %u of %u calls good: %u of %u answered, early media in %u, audio right in "
	       "%u (%lld octets, %lld lost and %lld inserted, %lld of them counted, unexplained "
	       "%lld), causes right in %u, records in %u\n",
	       lab_direction_name(d), ok ? "ok" : "FAILED", v->good, v->calls, v->answered,
	       v->talks, v->early, v->audio, (long long)v->octets, (long long)v->lost,
	       (long long)v->inserted, (long long)v->counted, (long long)v->unexplained, v->causes,
	       v->records);
	fflush(stdout);
}
