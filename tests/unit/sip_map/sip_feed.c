/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hands each file to a SIP trunk of ours as one datagram from its peer, and says what it answered:
 * a line "NAME STATUS", 0 for no answer. For tests/e2e/test_parser_cost.py, which counts under
 * callgrind what that costs; no sanitizer may be in it.
 *
 *   sip_feed FILE...
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/log.h"
#include "src/sip_map/sip.h"

static unsigned final_status;

struct call_table {
	unsigned count;
};

call_id call_table_incoming(struct call_table *t, int64_t now_us, const struct call_setup *setup,
			    const struct leg_ops *ops, void *leg)
{
	(void)now_us, (void)setup, (void)ops, (void)leg;
	return ++t->count;
}

void call_table_post(struct call_table *t, call_id call, const struct call_event *event)
{
	(void)t, (void)call, (void)event;
}

void call_table_refused(struct call_table *t, int64_t now_us, const struct call_refusal *refusal)
{
	(void)t, (void)now_us, (void)refusal;
}

static int take_answer(void *arg, unsigned socket, const struct net_addr *to, const char *msg,
		       size_t len)
{
	(void)arg, (void)socket, (void)to;
	if (len > 12 && strncmp(msg, "SIP/2.0 ", 8) == 0)
		final_status = (unsigned)strtoul(msg + 8, NULL, 10);
	return 0;
}

static void feed(const char *path)
{
	static char msg[SIP_DATAGRAM_MAX];
	static struct call_table calls;
	struct deadline_queue deadlines = {0};
	struct sip_trunk_cfg trunk = {.name = "trunk"};
	struct sip_cfg cfg = {.trunk = &trunk, .trunk_count = 1, .calls_max = 4};
	struct rng rng;
	struct sip *sip;
	FILE *f = fopen(path, "rb");
	size_t len = f ? fread(msg, 1, sizeof(msg), f) : 0;

	if (!f || ferror(f)) {
		fprintf(stderr, "sip_feed: cannot read %s\n", path);
		exit(2);
	}
	fclose(f);
	rng_init_seed(&rng, 1);
	net_addr_parse(&trunk.bind, "192.0.2.1:5060");
	net_addr_parse(&trunk.peer, "192.0.2.2:5060");
	cfg.deadlines = &deadlines;
	cfg.transport.send = take_answer;
	cfg.calls = &calls;
	cfg.rng = &rng;
	if (sip_create(&sip, &cfg))
		exit(2);
	final_status = 0;
	sip_receive(sip, US_PER_S, 0, &trunk.peer, msg, len);
	printf("%s %u\n", path, final_status);
	sip_destroy(sip);
}

int main(int argc, char **argv)
{
	log_init(LOG_ERROR, NULL, NULL);
	libclock_set(US_PER_S);
	for (int i = 1; i < argc; i++)
		feed(argv[i]);
	return argc > 1 ? 0 : 2;
}
