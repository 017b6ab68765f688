/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/strbuf.h"
#include "tests/unit/mgmt/mgmt_test.h"

static struct call_number number(const char *digits, uint8_t ton)
{
	struct call_number n = {.present = true, .ton = ton, .npi = CALL_NPI_E164};

	str_copy(n.digits, sizeof(n.digits), digits);
	return n;
}

void make_record(struct call_record *r)
{
	*r = (struct call_record){
	    .call = 0x1a2b,
	    .setup = {.source = {CALL_EP_SPAN, 1},
		      .target = {CALL_EP_TRUNK, 0},
		      .called = number("0301234567", CALL_TON_NATIONAL),
		      .calling = number("4930555012", CALL_TON_INTERNATIONAL),
		      .redirecting = number("4930555099", CALL_TON_INTERNATIONAL),
		      .redirect_reason = CALL_REDIRECT_BUSY,
		      .redirect_count = 2,
		      .calling_name = "Jörg \"J\" Müller",
		      .bearer = CALL_BEARER_AUDIO_3K1,
		      .peer_call_id = "1:17"},
	    .called_out = number("49301234567", CALL_TON_INTERNATIONAL),
	    .calling_out = number("4930555012", CALL_TON_INTERNATIONAL),
	    .connected = number("49301234500", CALL_TON_INTERNATIONAL),
	    .connected_out = number("301234500", CALL_TON_NATIONAL),
	    .target = {CALL_EP_TRUNK, 0},
	    .channel = {.span = 1, .ts = 17},
	    .plan_rule = "out-national",
	    .state = "active",
	    .begin_wall_us = 1763694764104000, /* 2025-11-21T03:12:44.104Z */
	    .begin_us = 5000000,
	    .proceeding_us = 5100000,
	    .alerting_us = 6500000,
	    .answer_us = 9000000,
	    .clear_us = 69000000,
	    .end_us = 69250000,
	    .early_media = true,
	    .cleared_by_known = true,
	    .cleared_by = CALL_SIDE_B,
	    .cause_a = {.value = CAUSE_NORMAL, .location = CALL_LOC_PRIVATE_LOCAL},
	    .cause_b = {.value = CAUSE_BUSY, .location = CALL_LOC_USER, .sip_status = 486},
	    .media = {.tdm_rx_octets = 480000,
		      .rtp_tx_packets = 3000,
		      .rtp_rx_packets = 2990,
		      .rtp_lost = 10,
		      .jb_slips = 2,
		      .jitter_us = 1250,
		      .codec = MEDIA_PCMA},
	};
	net_addr_parse(&r->media.latched, "192.0.2.7:16400");
	r->setup.calling.presentation = CALL_PRES_RESTRICTED;
	r->setup.calling.screening = CALL_SCREEN_NETWORK;
}

const char *text_at(json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text ? text : "(none)";
}

long long number_at(json_t *o, const char *key)
{
	json_t *n = json_object_get(o, key);

	return json_is_integer(n) ? json_integer_value(n) : -1;
}

const char *make_directory(char out[64])
{
	const char *base = getenv("TMPDIR");

	snprintf(out, 64, "%.40s/mgmt.XXXXXX", base ? base : "/tmp");
	assert_non_null(mkdtemp(out));
	return out;
}

void remove_directory(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;
	char name[400];

	while (d && (e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
		unlink(name);
	}
	if (d)
		closedir(d);
	rmdir(path);
}

char *read_whole(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	char *text = calloc(1, 1 << 22);
	size_t n = f ? fread(text, 1, (1 << 22) - 1, f) : 0;

	if (f)
		fclose(f);
	if (len)
		*len = n;
	return text;
}

int main(void)
{
	const struct {
		const struct CMUnitTest *test;
		size_t count;
	} part[] = {
	    {record_tests, record_test_count},	   {capture_tests, capture_test_count},
	    {writer_tests, writer_test_count},	   {log_tail_tests, log_tail_test_count},
	    {protocol_tests, protocol_test_count}, {server_tests, server_test_count},
	    {cli_tests, cli_test_count},	   {trace_tests, trace_test_count},
	    {journal_tests, journal_test_count},
	};
	struct CMUnitTest all[128];
	size_t n = 0;

	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		assert_true(n + part[i].count <= sizeof(all) / sizeof(all[0]));
		memcpy(all + n, part[i].test, part[i].count * sizeof(all[0]));
		n += part[i].count;
	}
	return _cmocka_run_group_tests("mgmt", all, n, NULL, NULL);
}
