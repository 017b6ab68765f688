/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two SIP peers talk to each other in virtual time, over a memory network with faults. */
#include "tests/unit/lab/lab_tests.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/deadline.h"
#include "gateway/base/strbuf.h"
#include "gateway/lab/sip_peer.h"
#include "gateway/lab/sip_text.h"

enum { PORTS = 64, QUEUE = 64, EVENTS = 32, FAR = 0, NEAR = 1 };

struct datagram {
	size_t len;
	uint8_t data[400];
	struct net_addr from;
};

struct port {
	bool open;
	struct net_addr addr;
	struct datagram queue[QUEUE];
	unsigned count;
};

struct sip_copy {
	unsigned to;
	size_t len;
	char text[3000];
};

/* What is done to RTP packet number n of a side (by its sending port's parity: RTP only). */
struct faults {
	unsigned lose_sip_every;			  /* 0: none */
	unsigned lose_rtp, late_rtp, twice_rtp, swap_rtp; /* the n-th packet; 0: none */
};

struct world {
	struct deadline_queue deadlines;
	struct rng rng;
	int64_t now_us;
	struct port port[PORTS];
	struct sip_peer *peer[2];
	struct net_addr addr[2];
	struct sip_copy sip[QUEUE];
	unsigned sip_count, sip_sent;
	struct faults faults;
	unsigned rtp_sent;
	struct datagram kept[2]; /* delayed */
	struct net_addr kept_to[2];
	unsigned kept_at[2];
	struct sip_peer_report ended[2][EVENTS];
	unsigned ended_count[2], event_count[2][4];
};

static struct world *w;

/* ── memory network ── */

static int mem_open(void *net, const struct net_addr *addr)
{
	int free_port = -EADDRINUSE;

	for (int i = 0; i < PORTS; i++) {
		if (w->port[i].open && net_addr_equal(&w->port[i].addr, addr))
			return -EADDRINUSE;
		if (!w->port[i].open)
			free_port = i;
	}
	if (free_port >= 0) {
		memset(&w->port[free_port], 0, sizeof(w->port[0]));
		w->port[free_port].open = true;
		w->port[free_port].addr = *addr;
	}
	return free_port;
}

static void mem_close(void *net, int handle)
{
	w->port[handle].open = false;
}

static ssize_t mem_recv(void *net, int handle, void *buf, size_t cap, struct net_addr *from)
{
	struct port *p = &w->port[handle];
	size_t len = p->queue[0].len;

	if (!p->count)
		return 0;
	memcpy(buf, p->queue[0].data, len);
	*from = p->queue[0].from;
	memmove(p->queue, p->queue + 1, --p->count * sizeof(p->queue[0]));
	return (ssize_t)len;
}

static void deliver(const struct datagram *d, const struct net_addr *to)
{
	for (int i = 0; i < PORTS; i++)
		if (w->port[i].open && net_addr_equal(&w->port[i].addr, to) &&
		    w->port[i].count < QUEUE)
			w->port[i].queue[w->port[i].count++] = *d;
}

static ssize_t mem_send(void *net, int handle, const void *buf, size_t len,
			const struct net_addr *to)
{
	struct datagram d = {.len = len, .from = w->port[handle].addr};
	bool rtp = w->port[handle].addr.port % 2 == 0;
	unsigned n = rtp && w->port[handle].addr.port < 30000 ? ++w->rtp_sent : 0;

	memcpy(d.data, buf, len);
	for (int i = 0; i < 2; i++)
		if (n && w->kept_at[i] == n) {
			deliver(&w->kept[i], &w->kept_to[i]);
			w->kept_at[i] = 0;
		}
	if (n && n == w->faults.lose_rtp)
		return (ssize_t)len;
	if (n && (n == w->faults.late_rtp || n == w->faults.swap_rtp)) {
		int i = n == w->faults.swap_rtp;

		w->kept[i] = d;
		w->kept_to[i] = *to;
		w->kept_at[i] = n + (i ? 2 : 20);
		return (ssize_t)len;
	}
	deliver(&d, to);
	if (n && n == w->faults.twice_rtp)
		deliver(&d, to);
	return (ssize_t)len;
}

static const struct rtp_net mem_net = {
    .open = mem_open, .close = mem_close, .recv = mem_recv, .send = mem_send};

static int sip_send(void *arg, const struct net_addr *to, const char *msg, size_t len)
{
	struct sip_copy *c;

	w->sip_sent++;
	if (w->faults.lose_sip_every && w->sip_sent % w->faults.lose_sip_every == 1)
		return 0;
	assert_true(w->sip_count < QUEUE && len < sizeof(c->text));
	c = &w->sip[w->sip_count++];
	c->to = net_addr_equal(to, &w->addr[NEAR]);
	c->len = len;
	memcpy(c->text, msg, len);
	return 0;
}

static void on_event(void *arg, enum sip_peer_event event, const struct sip_peer_report *report)
{
	unsigned side = *(const unsigned *)arg;

	w->event_count[side][event]++;
	if (event == SIP_PEER_ENDED)
		w->ended[side][w->ended_count[side]++ % EVENTS] = *report;
}

/* ── world ── */

static void world_open(const char *host, uint8_t law)
{
	static unsigned side[2] = {FAR, NEAR};

	w = calloc(1, sizeof(*w));
	assert_non_null(w);
	rng_init_seed(&w->rng, 7);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(net_addr_parse(&w->addr[i], host), 0);
		w->addr[i].port = (uint16_t)(5060 + i);
	}
	for (unsigned i = 0; i < 2; i++) {
		struct sip_peer_cfg cfg = {.deadlines = &w->deadlines,
					   .rng = &w->rng,
					   .local = w->addr[i],
					   .gateway = w->addr[1 - i],
					   .rtp_port_min = (uint16_t)(20000 + i * 10000),
					   .rtp_port_max = (uint16_t)(20099 + i * 10000),
					   .net = &mem_net,
					   .calls_max = 8,
					   .payload_type = law,
					   .send = sip_send,
					   .event = on_event,
					   .arg = &side[i]};

		assert_int_equal(sip_peer_create(&w->peer[i], &cfg), 0);
	}
}

static void world_close(void)
{
	sip_peer_destroy(w->peer[0]);
	sip_peer_destroy(w->peer[1]);
	for (int i = 0; i < PORTS; i++)
		assert_false(w->port[i].open);
	assert_int_equal(w->deadlines.root == NULL, 1);
	free(w);
}

static void run_ms(int64_t ms)
{
	int64_t until_us = w->now_us + ms * US_PER_MS;

	while (w->now_us < until_us) {
		while (w->sip_count) {
			struct sip_copy c = w->sip[0];

			memmove(w->sip, w->sip + 1, --w->sip_count * sizeof(c));
			sip_peer_receive(w->peer[c.to], w->now_us, &w->addr[1 - c.to], c.text,
					 c.len);
		}
		w->now_us += US_PER_MS;
		deadline_run(&w->deadlines, w->now_us);
	}
}

/* The streams of a peer are the gateway's view: what FAR sends is what NEAR does not expect. So
 * the near side is turned around: it sends towards SIP. */
static void turn_streams(void);

static void place(const char *called, int32_t cancel_ms, int32_t hold_ms)
{
	struct sip_peer_dial dial = {.cancel_ms = cancel_ms, .hold_ms = hold_ms, .bye_cause = 31};

	str_copy(dial.called, sizeof(dial.called), called);
	str_copy(dial.calling, sizeof(dial.calling), "4711");
	assert_true(sip_peer_call(w->peer[NEAR], w->now_us, &dial) > 0);
	turn_streams();
}

static void rule(const struct sip_peer_rule *r)
{
	assert_int_equal(sip_peer_set_rule(w->peer[FAR], r), 0);
}

static const struct sip_peer_report *far_report(void)
{
	assert_int_equal(w->ended_count[FAR], 1);
	return &w->ended[FAR][0];
}

static const struct sip_peer_report *near_report(void)
{
	assert_int_equal(w->ended_count[NEAR], 1);
	return &w->ended[NEAR][0];
}

#include "gateway/lab/peer_call.h"

static void turn_streams(void)
{
	struct peer_call *c;

	TAILQ_FOREACH (c, &w->peer[NEAR]->calls, entry)
		peer_audio_streams(&c->audio, (uint16_t)(c->number * 2),
				   (uint16_t)(c->number * 2 + 1));
}

static void assert_clean(const struct sip_peer_report *r)
{
	assert_true(r->heard.started);
	assert_int_equal(r->heard.first_index, 0);
	assert_int_equal(r->heard.lost, 0);
	assert_int_equal(r->heard.inserted, 0);
	assert_int_equal(r->heard.changed, 0);
	assert_int_equal(r->heard.foreign, 0);
	assert_int_equal(r->audio.lost, 0);
	assert_int_equal(r->audio.late, 0);
	assert_int_equal(r->audio.duplicate, 0);
	assert_int_equal(r->audio.malformed, 0);
}

static void one_good_call(const char *host, uint8_t law)
{
	world_open(host, law);
	rule(&(struct sip_peer_rule){.prefix = "030",
				     .provisional = 183,
				     .ring_ms = 50,
				     .answer_ms = 500,
				     .status = 200,
				     .hold_ms = -1});
	place("+030555123", -1, 3000);
	run_ms(5000);
	assert_clean(far_report());
	assert_clean(near_report());
	assert_true(near_report()->early_media);
	assert_true(far_report()->early_media);
	assert_int_equal(near_report()->end, SIP_PEER_BYE_SENT);
	assert_int_equal(far_report()->end, SIP_PEER_BYE_RECEIVED);
	assert_int_equal(far_report()->cause, 31);
	assert_int_equal(near_report()->status, 200);
	assert_int_equal(near_report()->retransmitted, 0);
	assert_true(far_report()->audio.rtcp_received > 0);
	assert_true(far_report()->heard.good > 24000);
	assert_string_equal(far_report()->called, "030555123");
	assert_string_equal(far_report()->calling, "4711");
	assert_string_equal(far_report()->call_id, near_report()->call_id);
	world_close();
}

void peer_call_is_heard_both_ways(void **state)
{
	one_good_call("127.0.0.1", 8);
	one_good_call("::1", 8);
}

/* The pattern goes A-law to µ-law and back at either end. */
void peer_speaks_ulaw(void **state)
{
	one_good_call("127.0.0.1", 0);
}

void peer_callee_hangs_up(void **state)
{
	world_open("127.0.0.1", 8);
	rule(&(struct sip_peer_rule){
	    .provisional = 180, .answer_ms = 200, .status = 200, .hold_ms = 1000});
	place("0305550001", -1, -1);
	run_ms(3000);
	assert_clean(near_report());
	assert_false(near_report()->early_media);
	assert_int_equal(near_report()->end, SIP_PEER_BYE_RECEIVED);
	assert_int_equal(near_report()->cause, 0);
	assert_int_equal(far_report()->end, SIP_PEER_BYE_SENT);
	run_ms(10000);
	assert_int_equal(sip_peer_counters(w->peer[FAR])->kept, 0);
	assert_int_equal(sip_peer_counters(w->peer[NEAR])->kept, 0);
	world_close();
}

void peer_refuses_with_a_cause(void **state)
{
	world_open("127.0.0.1", 8);
	rule(&(struct sip_peer_rule){.prefix = "0", .status = 486, .cause = 17});
	rule(&(struct sip_peer_rule){.prefix = "09", .status = 603});
	place("0305550001", -1, -1);
	run_ms(1000);
	assert_int_equal(near_report()->status, 486);
	assert_int_equal(near_report()->cause, 17);
	assert_int_equal(near_report()->end, SIP_PEER_REFUSED);
	assert_int_equal(far_report()->end, SIP_PEER_REFUSED);
	place("0905550001", -1, -1);
	run_ms(1000);
	assert_int_equal(w->ended[NEAR][1].status, 603);
	assert_int_equal(w->ended[NEAR][1].cause, 0);
	place("5", -1, -1); /* no rule */
	run_ms(1000);
	assert_int_equal(w->ended[NEAR][2].status, 404);
	world_close();
}

void peer_cancels(void **state)
{
	world_open("127.0.0.1", 8);
	rule(&(struct sip_peer_rule){.provisional = 180, .status = 0});
	place("0305550001", 700, -1);
	run_ms(500);
	assert_int_equal(w->event_count[NEAR][SIP_PEER_RINGING], 1);
	run_ms(1000);
	assert_int_equal(near_report()->end, SIP_PEER_CANCELLED);
	assert_int_equal(near_report()->status, 487);
	assert_int_equal(far_report()->end, SIP_PEER_CANCELLED);
	world_close();
}

/* Every other SIP datagram is lost: calls still come about and end. */
void peer_survives_lost_sip(void **state)
{
	for (unsigned every = 2; every <= 4; every++) {
		world_open("127.0.0.1", 8);
		w->faults.lose_sip_every = every;
		rule(&(struct sip_peer_rule){.provisional = 183,
					     .ring_ms = 50,
					     .answer_ms = 500,
					     .status = 200,
					     .hold_ms = -1});
		place("0305550001", -1, 3000);
		run_ms(40000);
		assert_int_equal(near_report()->end, SIP_PEER_BYE_SENT);
		assert_int_equal(far_report()->end, SIP_PEER_BYE_RECEIVED);
		world_close();
	}
}

void peer_gives_up_on_silence(void **state)
{
	world_open("127.0.0.1", 8);
	w->faults.lose_sip_every = 0;
	sip_peer_destroy(w->peer[FAR]);
	w->peer[FAR] = NULL;
	{
		struct sip_peer_dial dial = {.called = "1", .cancel_ms = -1, .hold_ms = -1};

		assert_true(sip_peer_call(w->peer[NEAR], w->now_us, &dial) > 0);
	}
	for (int i = 0; i < 400; i++) {
		w->sip_count = 0;
		w->now_us += US_PER_S / 10;
		deadline_run(&w->deadlines, w->now_us);
	}
	assert_int_equal(near_report()->end, SIP_PEER_TIMEOUT);
	assert_int_equal(near_report()->retransmitted, 6); /* RFC 3261 17.1.1.2: 0.5 … 31.5 s */
	world_close();
}

/* What the network does to RTP is counted exactly, and the pattern says the same. */
void peer_counts_rtp_faults(void **state)
{
	const struct peer_audio_counts *a;

	world_open("127.0.0.1", 8);
	w->faults =
	    (struct faults){.lose_rtp = 30, .late_rtp = 50, .twice_rtp = 80, .swap_rtp = 100};
	rule(&(struct sip_peer_rule){.status = 200, .hold_ms = 4000});
	place("0305550001", -1, -1);
	run_ms(6000);
	a = &near_report()->audio;
	assert_int_equal(a->lost, 1);
	assert_int_equal(a->late, 1);
	assert_int_equal(a->duplicate, 1);
	assert_int_equal(a->missing_octets, 320);
	assert_int_equal(near_report()->heard.lost, 320);
	assert_int_equal(near_report()->heard.inserted, 0);
	assert_int_equal(near_report()->heard.changed, 0);
	assert_clean(far_report());
	world_close();
}

static struct pattern_result heard_with(enum peer_plant plant)
{
	struct pattern_result heard;

	world_open("127.0.0.1", 8);
	rule(&(struct sip_peer_rule){
	    .provisional = 183, .answer_ms = 307, .status = 200, .hold_ms = 2000});
	sip_peer_plant(w->peer[FAR], plant, -1);
	place("0305550001", -1, -1);
	run_ms(4000);
	heard = near_report()->heard;
	assert_int_equal(near_report()->audio.lost, 0);
	assert_int_equal(near_report()->early_media, plant != PEER_PLANT_LATE);
	world_close();
	return heard;
}

void peer_plants_faults(void **state)
{
	struct pattern_result heard = heard_with(PEER_PLANT_WRONG_OCTET);

	assert_int_equal(heard.changed, 1);
	heard = heard_with(PEER_PLANT_DROP);
	assert_int_equal(heard.lost, 160);
	assert_int_equal(heard.inserted, 0);
	heard = heard_with(PEER_PLANT_SWAP);
	assert_true(heard.foreign >= 150 && heard.foreign <= 160);
	assert_int_equal(heard.foreign_stream, 5);
	heard_with(PEER_PLANT_LATE);
}

/* Whatever comes on the SIP port, the peer counts it and goes on. */
void peer_takes_rubbish(void **state)
{
	static const char seed_text[] =
	    "INVITE sip:0301234@127.0.0.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP "
	    "127.0.0.1:5061;branch=z9hG4bK1\r\nFrom: <sip:1@127.0.0.1>;tag=a\r\nTo: "
	    "<sip:0301234@127.0.0.1>\r\nCall-ID: x%u\r\nCSeq: 1 INVITE\r\nContact: "
	    "<sip:1@127.0.0.1:5061>\r\nContent-Length: 95\r\n\r\nv=0\r\no=- 1 1 IN IP4 "
	    "127.0.0.1\r\nc=IN IP4 127.0.0.1\r\nm=audio 4000 RTP/AVP 8 "
	    "0\r\na=rtcp:4001\r\na=ptime:20\r\n";
	struct rng rng;

	world_open("127.0.0.1", 8);
	rng_init_seed(&rng, 3);
	rule(&(struct sip_peer_rule){.provisional = 183, .status = 486});
	for (unsigned i = 0; i < 20000; i++) {
		char msg[1000];
		int len = snprintf(msg, sizeof(msg), seed_text, i % 50);

		for (unsigned edits = rng_below(&rng, 6); edits; edits--)
			msg[rng_below(&rng, (uint32_t)len)] = (char)rng_u32(&rng);
		if (rng_below(&rng, 4) == 0)
			len = (int)rng_below(&rng, (uint32_t)len + 1);
		{
			char *exact = malloc((size_t)len + 1);

			memcpy(exact, msg, (size_t)len);
			sip_peer_receive(w->peer[FAR], w->now_us, &w->addr[NEAR], exact,
					 (size_t)len);
			free(exact);
		}
		w->sip_count = 0;
		if (i % 50 == 49) {
			w->now_us += 40 * US_PER_S;
			deadline_run(&w->deadlines, w->now_us);
			w->sip_count = 0;
		}
	}
	assert_true(sip_peer_counters(w->peer[FAR])->malformed > 100);
	assert_true(w->event_count[FAR][SIP_PEER_INCOMING] > 100);
	world_close();
}

void sip_text_reads_what_others_write(void **state)
{
	static const char msg[] = "\r\nSIP/2.0 486 Busy Here\r\nv:SIP/2.0/UDP a;branch=1\r\nVia: "
				  "SIP/2.0/UDP b\r\nt: \"A <b>\" <sip:x@y;p=1>;Tag=77\r\n"
				  "i:abc\r\nCSeq: 12\tINVITE\r\nReason: SIP;cause=486\r\n"
				  "Reason: Q.850;text=\"x\";\r\n cause=17\r\nl: 3\r\n\r\nabcdef";
	struct sip_text m;
	struct sip_span method;
	char text[40];

	assert_int_equal(sip_text_parse(&m, msg, sizeof(msg) - 1), 0);
	assert_false(m.request);
	assert_int_equal(m.status, 486);
	assert_true(sip_span_is(sip_text_header(&m, "Via", 1), "SIP/2.0/UDP b"));
	assert_true(sip_span_param(sip_text_header(&m, "To", 0), "tag", text, sizeof(text)));
	assert_string_equal(text, "77");
	assert_int_equal(sip_text_q850(&m), 17);
	assert_int_equal(m.body.len, 3);
	assert_int_equal(sip_text_cseq(&m, &method), 12);
	sip_span_user((struct sip_span){"sip:+49301;x=1@host", 19}, text, sizeof(text));
	assert_string_equal(text, "49301");
	sip_span_user((struct sip_span){"sip:host.name", 13}, text, sizeof(text));
	assert_string_equal(text, "");
	assert_int_equal(sip_text_parse(&m, "X", 1), -EBADMSG);
	assert_int_equal(sip_text_parse(&m, "", 0), -EBADMSG);
}
