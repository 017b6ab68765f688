/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/peer_isdn/bed.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/log.h"

enum { QUIET_US = 300 * BED_S, LINGER_US = 70 * BED_S };

struct bed bed;

/* ── what the simulation turns ── */

static void turn(void *arg, int64_t now_us)
{
	struct bed *b = arg;

	b->sip.now_us = now_us;
	peer_turn(&b->exchange, now_us);
	peer_turn(&b->pbx, now_us);
}

static int64_t next_us(void *arg)
{
	struct bed *b = arg;
	int64_t a_us = peer_next_us(&b->exchange), b_us = peer_next_us(&b->pbx);

	return a_us < b_us ? a_us : b_us;
}

static void block(void *arg, int64_t now_us)
{
	struct bed *b = arg;

	peer_block(&b->exchange, now_us);
	peer_block(&b->pbx, now_us);
	sip_script_block(&b->sip);
}

static void sip_came(void *arg, int64_t now_us, const char *msg, size_t len)
{
	struct bed *b = arg;

	sip_script_receive(&b->sip, now_us, msg, len);
}

static int sip_goes(void *arg, const char *msg, size_t len)
{
	struct bed *b = arg;

	return sim_sip_send(&b->sim, msg, len);
}

static void wait(void *arg, int64_t until_us)
{
	struct bed *b = arg;

	sim_step(&b->sim, until_us);
	b->exchange.now_us = b->pbx.now_us = b->sip.now_us = b->sim.now_us;
}

static void failed(const char *file, int line)
{
	_fail(file, line);
}

static void wire_up(struct peer *p)
{
	p->wait = wait;
	p->fail = failed;
	p->arg = &bed;
	peer_start(p, 0);
}

static void start(void *arg, struct sim *s)
{
	struct bed *b = arg;

	peer_init(&b->exchange, "exchange (span 1)", true, &s->far[0]);
	peer_init(&b->pbx, "PBX (span 2)", false, &s->far[1]);
	sip_script_init(&b->sip, &sim_sip_far, &sim_sip_gateway, rtp_net_sim_ops(s->net));
	wire_up(&b->exchange);
	wire_up(&b->pbx);
	b->sip.send = sip_goes;
	b->sip.wait = wait;
	b->sip.fail = failed;
	b->sip.arg = b;
}

/* ── beginning and end ── */

static const char *make_config(const struct bed_options *o)
{
	static char text[8192];
	static const char *const side[] = {"user", "network"};
	struct strbuf b;

	strbuf_init(&b, text, sizeof(text));
	strbuf_add(&b, "spans:\n");
	for (unsigned i = 1; i <= BED_SPANS; i++)
		strbuf_addf(&b,
			    "  - span: %u\n    driver: virtual\n    connect: /simulated/%u\n"
			    "    side: %s\n%s",
			    i, i, side[i - 1], o->span ? o->span : "    restart: never\n");
	strbuf_addf(&b,
		    "trunks:\n  - name: peer\n    bind: 192.0.2.1:5060\n"
		    "    peer: 192.0.2.2:5080\n%splan:\n",
		    o->trunk ? o->trunk : "");
	strbuf_add(&b, o->plan ? o->plan
			       : "  - name: to-sip\n    from: span:1\n    to: trunk:peer\n"
				 "  - name: to-sip-2\n    from: span:2\n    to: trunk:peer\n"
				 "  - name: to-1\n    from: trunk:peer\n    prefix: \"01\"\n"
				 "    strip: 2\n    to: span:1\n"
				 "  - name: to-2\n    from: trunk:peer\n    prefix: \"02\"\n"
				 "    strip: 2\n    to: span:2\n");
	strbuf_addf(&b, "%scontrol:\n  socket: /simulated/control\n", o->numbers ? o->numbers : "");
	return text;
}

void bed_begin(const struct bed_options *options)
{
	static const struct bed_options none;
	static struct sim_far far = {.arg = &bed,
				     .start = start,
				     .turn = turn,
				     .next_us = next_us,
				     .block = block,
				     .sip = sip_came};
	const struct bed_options *o = options ? options : &none;
	struct sim_cfg cfg = {.far = &far,
			      .config = make_config(o),
			      .lookup = o->lookup,
			      .seed = 11,
			      .spans = BED_SPANS};

	bed_drop(NULL);
	log_init(LOG_WARN, NULL, NULL);
	sim_create(&bed.sim, &cfg);
	bed_pass(BED_SETTLE_US);
}

void bed_end(void)
{
	sim_run_until(&bed.sim, sim_is_quiet, QUIET_US);
	sim_run_us(&bed.sim, LINGER_US);
	peer_expect_silence(&bed.exchange, 0);
	peer_expect_silence(&bed.pbx, 0);
	sip_expect_silence(&bed.sip, 0);
	assert_int_equal(sim_leftovers(&bed.sim), 0);
	assert_int_equal(bed.sim.guard_hits, 0);
}

int bed_drop(void **state)
{
	(void)state;
	if (bed.sim.core) {
		sip_script_fini(&bed.sip);
		sim_destroy(&bed.sim);
	}
	memset(&bed, 0, sizeof(bed));
	return 0;
}

unsigned bed_span(void **state)
{
	return (unsigned)(uintptr_t)*state;
}

struct peer *bed_peer(unsigned span)
{
	return span == 1 ? &bed.exchange : &bed.pbx;
}

void bed_pass(int64_t us)
{
	sim_run_us(&bed.sim, us);
	bed.exchange.now_us = bed.pbx.now_us = bed.sip.now_us = bed.sim.now_us;
}

void bed_assert_elapsed(int64_t since_us, int64_t at_us, int64_t expected_us)
{
	int64_t off_us = at_us - since_us - expected_us;

	if (llabs(off_us) > BED_TICK_US)
		print_error("# elapsed %lld us, expected %lld us\n", (long long)(at_us - since_us),
			    (long long)expected_us);
	assert_true(llabs(off_us) <= BED_TICK_US);
}

/* ── usual ways ── */

uint16_t bed_isdn_calls(unsigned span)
{
	struct peer *p = bed_peer(span);

	peer_listen(p, 1, 0x31);
	peer_send(p, 1, SETUP, BEARER_3K1, CHANNEL(1), CALLING(0x11, 0x83, "30123456"),
		  CALLED(0x81, "12345"), SENDING_COMPLETE);
	peer_expect(p, 1, CALL_PROCEEDING, CHANNEL(1));
	sip_expect(&bed.sip, &bed.call, "INVITE");
	assert_true(sip_has_sdp(&bed.sip));
	return 1;
}

uint16_t bed_isdn_rings(unsigned span)
{
	uint16_t ref = bed_isdn_calls(span);

	sip_reply(&bed.sip, &bed.call, "180 Ringing", 0, NULL);
	/* A network side rings itself, with PI 8; a user side leaves it to the exchange. */
	if (span == 1)
		peer_expect(bed_peer(span), ref, ALERTING);
	else
		peer_expect(bed_peer(span), ref, ALERTING, ANY(IE_PROGRESS));
	return ref;
}

uint16_t bed_isdn_answered(unsigned span)
{
	uint16_t ref = bed_isdn_rings(span);

	sip_reply(&bed.sip, &bed.call, "200 OK", SIP_SDP, NULL);
	sip_expect(&bed.sip, &bed.call, "ACK");
	peer_expect(bed_peer(span), ref, CONNECT, MORE);
	peer_send(bed_peer(span), ref, CONNECT_ACKNOWLEDGE);
	return ref;
}

void bed_far_end_releases(struct peer *p, uint16_t ref)
{
	peer_send(p, ref, RELEASE);
	peer_expect(p, ref, RELEASE_COMPLETE, MORE);
}

void bed_assert_reason(uint8_t cause, const char *location)
{
	struct sip_span reason = sip_text_header(&bed.sip.text, "Reason", 0);
	char text[16] = "";

	assert_int_equal(sip_text_q850(&bed.sip.text), cause);
	if (!sip_span_param(reason, "location", text, sizeof(text)))
		print_error("# Reason without location: %s\n", sip_header(&bed.sip, "Reason"));
	assert_string_equal(text, location);
}

unsigned bed_channel(const struct peer *p)
{
	const struct ie *channel = q931_find(&p->last, IE_CHANNEL, 0);

	return channel && channel->len >= 3 ? channel->octets[channel->len - 1] & 0x7f : 0;
}

uint16_t bed_sip_calls(unsigned span)
{
	struct peer *p = bed_peer(span);
	uint16_t ref;

	sip_invite(&bed.sip, &bed.call, span == 1 ? "0112345" : "0212345", SIP_SDP, NULL);
	ref = peer_expect(p, Q931_ANY_REF, SETUP, MORE);
	assert_true(ref & Q931_THEIRS);
	peer_listen(p, bed_channel(p), 0x32);
	return ref;
}

uint16_t bed_sip_proceeds(unsigned span)
{
	uint16_t ref = bed_sip_calls(span);
	struct peer *p = bed_peer(span);

	peer_send(p, ref, CALL_PROCEEDING, CHANNEL(bed_channel(p)));
	bed_pass(BED_TICK_US);
	return ref;
}

uint16_t bed_sip_rings(unsigned span)
{
	uint16_t ref = bed_sip_proceeds(span);

	peer_send(bed_peer(span), ref, ALERTING);
	sip_expect(&bed.sip, &bed.call, "180 INVITE");
	return ref;
}

uint16_t bed_sip_answered(unsigned span)
{
	uint16_t ref = bed_sip_rings(span);

	peer_send(bed_peer(span), ref, CONNECT);
	sip_expect(&bed.sip, &bed.call, "200 INVITE");
	sip_ack(&bed.sip, &bed.call);
	peer_expect(bed_peer(span), ref, CONNECT_ACKNOWLEDGE);
	return ref;
}

void bed_isdn_clears(unsigned span, uint16_t ref, uint8_t location, uint8_t cause)
{
	peer_send(bed_peer(span), ref, DISCONNECT, CAUSE(location, cause));
	peer_expect(bed_peer(span), ref, RELEASE, MORE);
	peer_send(bed_peer(span), ref, RELEASE_COMPLETE);
}
