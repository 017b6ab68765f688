/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Datagrams into a SIP trunk on a real call table: guard, libosip2, dialogs, SDP, trunk.
 *
 * An input is datagrams as they are, ended by a line "%%" with what happens next, a letter each:
 * those of far.h, and t: 1 s passes, w: 40 s pass, u: the next datagram is from a stranger. In a
 * datagram $T$ $F$ $B$ $C$ $N$ are the tag of To, the tag of From, the branch, the Call-ID and the
 * CSeq number of the last message that went out, so that dialogs can go on.
 */
#include <string.h>

#include "src/sip_map/sip.h"
#include "tests/fuzz/far.h"
#include "tests/fuzz/fuzz.h"

enum { DATAGRAMS_MAX = 40, VALUE_MAX = 256, EXPANDED_MAX = 70000 };

struct sip_world {
	struct far far;
	struct sip *sip;
	struct net_addr peer, stranger;
	bool from_stranger;
	char to_tag[VALUE_MAX], from_tag[VALUE_MAX], branch[VALUE_MAX], call_id[VALUE_MAX],
	    cseq[VALUE_MAX];
};

/* What stands between `begin` (in the header that starts with `name`) and the next of " ;\r". */
static void remember(char out[VALUE_MAX], const char *msg, const char *name, const char *begin)
{
	const char *line = strstr(msg, name), *end, *at;
	size_t len;

	if (!line)
		return;
	line += 2;
	end = strstr(line, "\r\n");
	at = strstr(line, begin);
	if (!end || !at || at >= end)
		return;
	at += strlen(begin);
	len = strcspn(at, " ;>\r");
	if (len < VALUE_MAX) {
		memcpy(out, at, len);
		out[len] = 0;
	}
}

/* Nobody's octets may end a header of ours early, or add one. */
static void check_message(const char *msg, size_t len)
{
	const char *head_end = strstr(msg, "\r\n\r\n"), *line = msg, *end;

	fuzz_check(strlen(msg) == len && head_end);
	for (; line < head_end; line = end + 2) {
		end = strstr(line, "\r\n");
		for (const char *p = line; p < end; p++)
			fuzz_check(*p != '\r' && *p != '\n'); /* a quoted pair may hold the rest */
		fuzz_check(memchr(line, line == msg ? ' ' : ':', (size_t)(end - line)));
	}
}

static int sent(void *arg, unsigned socket, const struct net_addr *to, const char *octets,
		size_t len)
{
	struct sip_world *w = arg;
	char *msg = malloc(len + 1);

	fuzz_check(msg && socket == 0 && len <= SIP_DATAGRAM_MAX);
	memcpy(msg, octets, len);
	msg[len] = 0;
	check_message(msg, len);
	remember(w->to_tag, msg, "\r\nTo:", ";tag=");
	remember(w->from_tag, msg, "\r\nFrom:", ";tag=");
	remember(w->branch, msg, "\r\nVia:", ";branch=");
	remember(w->call_id, msg, "\r\nCall-ID:", "Call-ID: ");
	remember(w->cseq, msg, "\r\nCSeq:", "CSeq: ");
	free(msg);
	return 0;
}

static const char *value_of(const struct sip_world *w, const char *at, size_t left)
{
	if (left < 3 || at[0] != '$' || at[2] != '$')
		return NULL;
	switch (at[1]) {
	case 'T':
		return w->to_tag;
	case 'F':
		return w->from_tag;
	case 'B':
		return w->branch;
	case 'C':
		return w->call_id;
	case 'N':
		return w->cseq;
	default:
		return NULL;
	}
}

static void receive(struct sip_world *w, const char *text, size_t len)
{
	static char expanded[EXPANDED_MAX];
	size_t n = 0;
	char *copy;

	for (size_t i = 0; i < len && n < SIP_DATAGRAM_MAX; i++) {
		const char *value = value_of(w, text + i, len - i);
		size_t octets = value ? strlen(value) : 1;

		memcpy(expanded + n, value ? value : text + i, octets);
		n += octets;
		i += value ? 2 : 0;
	}
	if (n > SIP_DATAGRAM_MAX)
		n = SIP_DATAGRAM_MAX;
	copy = fuzz_copy(expanded, n);
	libclock_set(w->far.now_us);
	sip_receive(w->sip, w->far.now_us, 0, w->from_stranger ? &w->stranger : &w->peer, copy, n);
	w->from_stranger = false;
	free(copy);
	far_settle(&w->far);
}

static void happen(struct sip_world *w, char what)
{
	if (what == 't')
		far_run_us(&w->far, US_PER_S);
	else if (what == 'w')
		far_run_us(&w->far, 40 * US_PER_S);
	else if (what == 'u')
		w->from_stranger = true;
	else
		far_do(&w->far, what);
}

static void play(struct sip_world *w, const char *text, size_t size)
{
	const char *end = text + size;

	for (unsigned i = 0; i < DATAGRAMS_MAX && text < end; i++) {
		const char *mark = memmem(text, (size_t)(end - text), "\n%%", 3);
		size_t len = mark ? (size_t)(mark + 1 - text) : (size_t)(end - text);

		if (len > 1)
			receive(w, text, len);
		if (!mark)
			return;
		for (text = mark + 3; text < end && *text != '\n'; text++)
			happen(w, *text);
	}
}

static void near_turn(void *sip_world)
{
	struct sip_world *w = sip_world;

	sip_turn(w->sip, w->far.now_us);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sip_world w;
	struct sip_trunk_cfg trunk = {.name = "trunk", .redirecting = SIP_REDIRECTING_BOTH};
	struct sip_cfg cfg = {.trunk = &trunk, .trunk_count = 1, .calls_max = FAR_CALLS_MAX};
	struct rng rng;

	fuzz_log_init();
	memset(&w, 0, sizeof(w));
	rng_init_seed(&rng, 1);
	far_init(&w.far, FAR_NEAR_IS_TRUNK);
	net_addr_parse(&trunk.bind, "192.0.2.1:5060");
	net_addr_parse(&w.peer, "192.0.2.2:5060");
	net_addr_parse(&w.stranger, "198.51.100.9:5060");
	trunk.peer = w.peer;
	cfg.deadlines = &w.far.deadlines;
	cfg.transport = (struct sip_transport){&w, sent};
	cfg.calls = w.far.calls;
	cfg.rng = &rng;
	cfg.user_agent = "fuzz";
	fuzz_check(sip_create(&w.sip, &cfg) == 0);
	w.far.near_port.ops = &sip_leg_ops;
	w.far.near_port.adapter = w.sip;
	w.far.near = &w;
	w.far.near_turn = near_turn;
	play(&w, (const char *)data, size);
	far_finish(&w.far);
	fuzz_check(sip_counters(w.sip)->dialogs == 0 && sip_counters(w.sip)->transactions == 0);
	sip_destroy(w.sip);
	far_fini(&w.far);
	return 0;
}
