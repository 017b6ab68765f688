/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random races of one call, in virtual time: one SIP trunk of ours, a peer (race_peer.c), a call
 * side that commands the leg at random moments, and a network that loses, doubles and reorders for
 * HEALED_MS. Each seed is one interleaving. After each of them:
 *
 *  - nothing is stuck: no deadline, dialog or transaction is left, and the peer, unless it died, is
 *    not left alone in a call either;
 *  - the leg said CALL_EV_GONE once, and nothing after it;
 *  - each 2xx and each refusal that came was acknowledged, each time that it came;
 *  - our INVITE's CANCEL waited for a provisional response, our BYE for the ACK (or 64·T1);
 *  - we gave one final response to an INVITE, never another one (no 487 after a 200, no second
 * 487);
 *  - each BYE, CANCEL and OPTIONS was answered at once, each re-INVITE got a final response.
 *
 *   race_test COUNT [FIRST_SEED]       COUNT interleavings; COUNT 1 prints its messages
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/log.h"
#include "src/sip_map/sip.h"
#include "tests/unit/sip_map/race_peer.h"

enum { HEALED_MS = 8000, PACKETS_MAX = 512, USER_PLAN_MAX = 8, FINALS_MAX = 16, LIMIT_S = 600 };

struct packet {
	int64_t due_us;
	bool to_gateway;
	char text[PEER_TEXT_MAX];
};

/* A final response of ours, by the CSeq of its INVITE. */
struct final {
	unsigned cseq, status;
};

struct call_table { /* the stand-in for the call side */
	bool begun, clearing, offered;
	unsigned gone, after_gone;
	void *leg;
	enum call_side side;
	int64_t answer_due_us; /* to an offer; TIME_NEVER_US: none */
	bool answer_usable;
	struct {
		int64_t at_us;
		struct leg_cmd cmd;
	} plan[USER_PLAN_MAX];
	unsigned plan_count, plan_done;
};

static struct world {
	uint64_t seed;
	bool verbose;
	int64_t now_us, start_us;
	struct deadline_queue deadlines;
	struct rng rng;
	struct call_table calls;
	struct race_peer peer;
	struct sip *sip;
	struct net_addr ours, theirs;
	struct packet *packet[PACKETS_MAX];
	unsigned packet_count;
	unsigned loss_percent, double_percent;
	int64_t dies_us; /* from then on nothing reaches the peer, nor comes from it */
	int64_t delay_us;

	/* What was seen, to check */
	struct final final[FINALS_MAX];
	unsigned final_count;
	bool provisional_came, final_came, ok_sent, ack_came;
	int64_t ok_sent_us;
	char ack_wanted[PEER_WORD_MAX]; /* To tag that an ACK must name in this turn; "": none */
	bool ack_sent, answer_sent;
	int64_t calm_us; /* nobody hangs up before: so that some calls get far */
} w;

static struct {
	uint64_t messages, lost, doubled, cancels, byes, ok, ok_sent, refused, no_ack, offers;
} total;

static void fail(const char *why)
{
	printf("seed %llu at %lld ms: %s\n", (unsigned long long)w.seed,
	       (long long)((w.now_us - w.start_us) / 1000), why);
	exit(1);
}

static void check(bool good, const char *why)
{
	if (!good)
		fail(why);
}

static void show(const char *what, const char *text)
{
	char cseq[64], to[PEER_TEXT_MAX], tag[PEER_WORD_MAX];

	if (!w.verbose)
		return;
	race_header(text, "CSeq", cseq, sizeof(cseq));
	race_param(race_header(text, "To", to, sizeof(to)), "tag", tag, sizeof(tag));
	printf("%9.3f %-18s %.*s  CSeq %s  To tag %s\n", (double)(w.now_us - w.start_us) / 1e6,
	       what, (int)strcspn(text, "\r"), text, cseq, tag);
}

/* ---- network ---- */

static unsigned percent(void)
{
	return rng_below(&w.rng, 100);
}

static void transmit_once(bool to_gateway, const char *text)
{
	struct packet *p;

	check(w.packet_count < PACKETS_MAX, "a flood");
	p = malloc(sizeof(*p));
	p->due_us = w.now_us + 1 + rng_below(&w.rng, (uint32_t)w.delay_us);
	p->to_gateway = to_gateway;
	snprintf(p->text, sizeof(p->text), "%s", text);
	w.packet[w.packet_count++] = p;
}

static void transmit(bool to_gateway, const char *text)
{
	bool healed = w.now_us - w.start_us >= HEALED_MS * US_PER_MS;

	total.messages++;
	if (w.now_us >= w.dies_us)
		return;
	if (!healed && percent() < w.loss_percent) {
		total.lost++;
		show("    lost:", text);
		return;
	}
	transmit_once(to_gateway, text);
	if (percent() < w.double_percent) {
		total.doubled++;
		transmit_once(to_gateway, text);
	}
}

static void peer_sends(void *arg, const char *text)
{
	(void)arg;
	show("peer sends", text);
	transmit(true, text);
}

/* ---- what we send ---- */

static void check_final(unsigned status, unsigned cseq)
{
	for (unsigned i = 0; i < w.final_count; i++) {
		if (w.final[i].cseq != cseq)
			continue;
		check(w.final[i].status == status, "two different final responses to an INVITE");
		return;
	}
	check(w.final_count < FINALS_MAX, "too many INVITEs");
	w.final[w.final_count++] = (struct final){cseq, status};
}

static void check_sent_response(const char *text)
{
	unsigned status = (unsigned)strtoul(text + 8, NULL, 10);
	char cseq[64];

	w.answer_sent = true;
	race_header(text, "CSeq", cseq, sizeof(cseq));
	if (status < 200 || !strstr(cseq, "INVITE"))
		return;
	check_final(status, (unsigned)strtoul(cseq, NULL, 10));
	if (status < 300 && !w.ok_sent && w.peer.calls) {
		w.ok_sent = true;
		w.ok_sent_us = w.now_us;
	}
}

static void check_sent_request(const char *text)
{
	char to[PEER_TEXT_MAX], tag[PEER_WORD_MAX];

	race_param(race_header(text, "To", to, sizeof(to)), "tag", tag, sizeof(tag));
	if (strncmp(text, "ACK ", 4) == 0 && *w.ack_wanted && strcmp(tag, w.ack_wanted) == 0)
		w.ack_sent = true;
	if (strncmp(text, "CANCEL ", 7) == 0) {
		total.cancels++;
		check(w.provisional_came, "CANCEL before a provisional response");
	}
	if (strncmp(text, "BYE ", 4) == 0) {
		total.byes++;
		if (w.peer.calls)
			check(w.ok_sent &&
				  (w.ack_came || w.now_us - w.ok_sent_us >= 64 * 500 * US_PER_MS),
			      "BYE before the ACK of our 2xx");
	}
}

static int gateway_sends(void *arg, unsigned socket, const struct net_addr *to, const char *msg,
			 size_t len)
{
	char text[PEER_TEXT_MAX];

	(void)arg, (void)socket;
	check(net_addr_equal(to, &w.theirs), "sent to a stranger");
	check(len < sizeof(text), "a message too long");
	memcpy(text, msg, len);
	text[len] = '\0';
	show("gateway sends", text);
	if (strncmp(text, "SIP/2.0 ", 8) == 0)
		check_sent_response(text);
	else
		check_sent_request(text);
	transmit(false, text);
	return 0;
}

/* ---- what comes to us ---- */

static void note_response(const char *text)
{
	unsigned status = (unsigned)strtoul(text + 8, NULL, 10);
	char cseq[64], to[PEER_TEXT_MAX];

	race_header(text, "CSeq", cseq, sizeof(cseq));
	if (!strstr(cseq, "INVITE"))
		return;
	if (status < 200) {
		w.provisional_came = true;
		return;
	}
	w.final_came = true;
	total.ok += status < 300;
	total.refused += status >= 300;
	race_param(race_header(text, "To", to, sizeof(to)), "tag", w.ack_wanted,
		   sizeof(w.ack_wanted));
}

static void deliver_to_gateway(const char *text)
{
	static const char *const answered_at_once[] = {"BYE ", "CANCEL ", "OPTIONS "};
	bool wants_answer = false;

	show("     at gateway:", text);
	*w.ack_wanted = '\0';
	w.ack_sent = w.answer_sent = false;
	if (strncmp(text, "SIP/2.0 ", 8) == 0)
		note_response(text);
	else if (strncmp(text, "ACK ", 4) == 0)
		w.ack_came = true;
	for (size_t i = 0; i < sizeof(answered_at_once) / sizeof(answered_at_once[0]); i++)
		wants_answer = wants_answer ||
			       strncmp(text, answered_at_once[i], strlen(answered_at_once[i])) == 0;
	sip_receive(w.sip, w.now_us, 0, &w.theirs, text, strlen(text));
	check(!*w.ack_wanted || w.ack_sent, "a final response was not acknowledged");
	check(!wants_answer || w.answer_sent, "a request was not answered");
}

static void deliver(struct packet *p)
{
	if (p->to_gateway) {
		deliver_to_gateway(p->text);
	} else {
		show("     at peer:", p->text);
		race_peer_receive(&w.peer, w.now_us, p->text);
	}
	free(p);
}

/* ---- the call side ---- */

call_id call_table_incoming(struct call_table *t, int64_t now_us, const struct call_setup *setup,
			    const struct leg_ops *ops, void *leg)
{
	(void)now_us, (void)setup, (void)ops;
	check(!t->begun, "a second call");
	t->begun = true;
	t->leg = leg;
	t->side = CALL_SIDE_A;
	return 1;
}

void call_table_refused(struct call_table *t, int64_t now_us, const struct call_refusal *refusal)
{
	(void)t, (void)now_us, (void)refusal;
	check(false, "a good INVITE is refused");
}

void call_table_post(struct call_table *t, call_id call, const struct call_event *event)
{
	static const char *const name[CALL_EV_COUNT] = {
	    [CALL_EV_PROCEEDING] = "proceeding", [CALL_EV_PROGRESS] = "progress",
	    [CALL_EV_ALERTING] = "alerting",	 [CALL_EV_ANSWER] = "answer",
	    [CALL_EV_CONFIRMED] = "confirmed",	 [CALL_EV_OFFER] = "offer",
	    [CALL_EV_CLEARING] = "clearing",	 [CALL_EV_GONE] = "gone"};

	(void)call;
	if (w.verbose)
		printf("%9.3f call hears %s, cause %u\n", (double)(w.now_us - w.start_us) / 1e6,
		       name[event->type] ? name[event->type] : "?", event->cause.value);
	if (t->gone)
		t->after_gone++;
	switch (event->type) {
	case CALL_EV_GONE:
		t->gone++;
		break;
	case CALL_EV_CLEARING:
		t->clearing = true;
		break;
	case CALL_EV_OFFER:
		total.offers++;
		/* perhaps never: then the leg's own limit refuses it */
		t->answer_due_us =
		    percent() < 10 ? TIME_NEVER_US : w.now_us + rng_below(&w.rng, 2500) * US_PER_MS;
		t->answer_usable = percent() < 80;
		break;
	default:
		break;
	}
}

static void command(struct call_table *t, struct leg_cmd *cmd)
{
	static const char *const name[] = {"proceed", "progress",     "alert",
					   "answer",  "offer answer", "clear"};

	if (!t->leg || t->gone) /* as the call table does: dead at once */
		return;
	if (w.verbose)
		printf("%9.3f call says %s\n", (double)(w.now_us - w.start_us) / 1e6,
		       name[cmd->type]);
	sip_leg_ops.command(t->leg, cmd);
}

static struct media_desc our_media(bool answer)
{
	struct media_desc m = {.present = true, .direction = MEDIA_SENDRECV, .ptime_ms = 20};

	m.format[m.format_count++] = (struct media_format){MEDIA_PCMA, 8};
	if (!answer)
		m.format[m.format_count++] = (struct media_format){MEDIA_PCMU, 0};
	m.rtp = m.rtcp = w.ours;
	m.rtp.port = 40000;
	m.rtcp.port = 40001;
	return m;
}

static void run_user(struct call_table *t)
{
	struct leg_cmd clear = {.type = LEG_CLEAR, .cause = {.value = 16}};
	struct leg_cmd answer = {.type = LEG_OFFER_ANSWER};

	if (t->clearing) {
		command(t, &clear);
		t->clearing = false;
	}
	if (t->answer_due_us <= w.now_us) {
		t->answer_due_us = TIME_NEVER_US;
		if (t->answer_usable)
			answer.media = our_media(true);
		command(t, &answer);
	}
	for (unsigned i = 0; i < t->plan_count; i++) {
		if (t->plan[i].at_us > w.now_us || (!t->leg && t->plan[i].cmd.type != LEG_CLEAR))
			continue;
		command(t, &t->plan[i].cmd);
		t->plan[i].at_us = TIME_NEVER_US;
	}
}

static int64_t user_due_us(const struct call_table *t)
{
	int64_t due = t->answer_due_us;

	for (unsigned i = 0; i < t->plan_count; i++)
		if (t->plan[i].at_us < due && t->leg)
			due = t->plan[i].at_us;
	return due;
}

/* ---- a seed ---- */

/* Most times fall close together, where the races are; some far off, where the timers are. */
static int64_t moment(void)
{
	static const unsigned within_ms[] = {1, 20, 200, 1000, 4000, 35000};

	return w.start_us + rng_below(&w.rng, within_ms[rng_below(&w.rng, 6)]) * US_PER_MS +
	       rng_below(&w.rng, 1000);
}

static void plan_command(enum leg_cmd_type type, bool with_media, int64_t at_us)
{
	struct call_table *t = &w.calls;
	struct leg_cmd *cmd = &t->plan[t->plan_count].cmd;

	*cmd = (struct leg_cmd){.type = type, .cause = {.value = 17}};
	if (with_media)
		cmd->media = our_media(true);
	t->plan[t->plan_count++].at_us = at_us;
}

static void plan_user(void)
{
	if (w.peer.calls) {
		if (percent() < 30)
			plan_command(LEG_PROGRESS, percent() < 50, moment());
		if (percent() < 60)
			plan_command(LEG_ALERT, percent() < 50, moment());
		if (percent() < 75)
			plan_command(LEG_ANSWER, true, moment());
	}
	if (percent() < 60)
		plan_command(LEG_CLEAR, false, moment() + w.calm_us);
	if (percent() < 10) /* the call may repeat it */
		plan_command(LEG_CLEAR, false, moment());
	plan_command(LEG_CLEAR, false, w.start_us + 50 * US_PER_S);
}

static void plan_peer_action(enum peer_action action, unsigned chance)
{
	struct race_peer *p = &w.peer;

	if (percent() >= chance)
		return;
	p->plan[p->plan_count].action = action;
	p->plan[p->plan_count].at_us = moment();
	if (action == PEER_HANG_UP || action == PEER_REFUSE || action == PEER_REINVITE)
		p->plan[p->plan_count].at_us += w.calm_us;
	p->plan_count++;
}

static void plan_peer(void)
{
	struct race_peer *p = &w.peer;

	p->send = peer_sends;
	p->rng = &w.rng;
	p->calls = rng_below(&w.rng, 2);
	p->never_acks = percent() < 8;
	p->eager_bye = percent() < 30;
	p->no_487 = percent() < 5;
	p->late_offer = percent() < 20;
	if (!p->calls) {
		plan_peer_action(PEER_RING, 50);
		plan_peer_action(PEER_PROGRESS, 30);
		plan_peer_action(PEER_ANSWER, 70);
		plan_peer_action(PEER_FORK, 15);
		plan_peer_action(PEER_REFUSE, 15);
	}
	plan_peer_action(PEER_HANG_UP, 60);
	plan_peer_action(PEER_REINVITE, 40);
	plan_peer_action(PEER_REINVITE, 20);
	plan_peer_action(PEER_OPTIONS, 10);
}

static void create(uint64_t seed)
{
	static const unsigned loss[] = {0, 0, 10, 30, 70}, delays_ms[] = {1, 5, 50, 300, 1500};
	static struct sip_trunk_cfg trunk = {.name = "trunk"};
	struct sip_cfg cfg = {.trunk = &trunk, .trunk_count = 1, .calls_max = 4};
	bool verbose = w.verbose;

	memset(&w, 0, sizeof(w));
	w.verbose = verbose;
	w.seed = seed;
	w.now_us = w.start_us = 1000 * US_PER_S;
	w.calls.answer_due_us = TIME_NEVER_US;
	rng_init_seed(&w.rng, seed + 1);
	w.loss_percent = loss[rng_below(&w.rng, 5)];
	w.double_percent = loss[rng_below(&w.rng, 4)];
	w.delay_us = delays_ms[rng_below(&w.rng, 5)] * US_PER_MS;
	w.dies_us = percent() < 5 ? moment() : TIME_NEVER_US;
	w.calm_us = percent() < 70 ? moment() - w.start_us : 0;
	check(!net_addr_parse(&w.ours, "192.0.2.1:5060"), "address");
	check(!net_addr_parse(&w.theirs, "192.0.2.2:5060"), "address");
	trunk.bind = w.ours;
	trunk.peer = w.theirs;
	cfg.deadlines = &w.deadlines;
	cfg.transport.send = gateway_sends;
	cfg.calls = &w.calls;
	cfg.rng = &w.rng;
	libclock_set(w.now_us);
	check(sip_create(&w.sip, &cfg) == 0, "sip_create");
	plan_peer();
	plan_user();
}

static void open_leg(void)
{
	struct call_setup setup = {.target = {.kind = CALL_EP_TRUNK},
				   .called = {.present = true, .digits = "1"}};
	struct call_cause cause;

	if (w.peer.calls)
		return;
	setup.media = our_media(false);
	w.calls.begun = true;
	w.calls.side = CALL_SIDE_B;
	check(sip_leg_ops.open(w.sip, 1, &setup, &w.calls.leg, &cause) == 0, "open");
}

static int64_t next_us(void)
{
	int64_t next = deadline_next_us(&w.deadlines), due = race_peer_due_us(&w.peer);

	if (due < next)
		next = due;
	due = user_due_us(&w.calls);
	if (due < next)
		next = due;
	for (unsigned i = 0; i < w.packet_count; i++)
		if (w.packet[i]->due_us < next)
			next = w.packet[i]->due_us;
	return next;
}

static void run_packets(void)
{
	for (unsigned i = 0; i < w.packet_count;) {
		struct packet *p = w.packet[i];

		if (p->due_us > w.now_us) {
			i++;
			continue;
		}
		w.packet[i] = w.packet[--w.packet_count];
		deliver(p);
	}
}

static void run(void)
{
	race_peer_start(&w.peer, w.now_us);
	open_leg();
	for (;;) {
		int64_t next;

		sip_turn(w.sip, w.now_us);
		run_user(&w.calls);
		sip_turn(w.sip, w.now_us);
		next = next_us();
		if (next == TIME_NEVER_US)
			break;
		if (next > w.now_us)
			w.now_us = next;
		check(w.now_us - w.start_us < LIMIT_S * US_PER_S, "stuck");
		libclock_set(w.now_us);
		run_packets();
		race_peer_run(&w.peer, w.now_us);
		deadline_run(&w.deadlines, w.now_us);
	}
}

static void check_end(void)
{
	const struct sip_counters *c = sip_counters(w.sip);

	check(!w.calls.begun || w.calls.gone == 1, "not exactly one GONE");
	check(w.calls.after_gone == 0, "an event after GONE");
	check(c->dialogs == 0, "a dialog is left");
	check(c->transactions == 0, "a transaction is left");
	if (w.dies_us != TIME_NEVER_US)
		return;
	check(!race_peer_in_call(&w.peer), "the peer is left in a call");
	check(w.peer.reinvites == w.peer.reinvites_over, "a re-INVITE without a final response");
}

int main(int argc, char **argv)
{
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
	uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;

	log_init(LOG_ERROR, NULL, NULL);
	w.verbose = count == 1;
	printf("TAP version 13\n1..1\n# seeds %llu to %llu\n", (unsigned long long)first,
	       (unsigned long long)(first + count - 1));
	fflush(stdout);
	for (unsigned long i = 0; i < count; i++) {
		create(first + i);
		run();
		check_end();
		total.ok_sent += w.ok_sent;
		total.no_ack += w.ok_sent && !w.ack_came;
		sip_destroy(w.sip);
	}
	printf("# %lu calls: %llu messages, %llu lost, %llu doubled; %llu 2xx and %llu refusals "
	       "taken, %llu 2xx sent, %llu of them without ACK; %llu CANCEL, %llu BYE, %llu offers "
	       "in re-INVITEs\n",
	       count, (unsigned long long)total.messages, (unsigned long long)total.lost,
	       (unsigned long long)total.doubled, (unsigned long long)total.ok,
	       (unsigned long long)total.refused, (unsigned long long)total.ok_sent,
	       (unsigned long long)total.no_ack, (unsigned long long)total.cancels,
	       (unsigned long long)total.byes, (unsigned long long)total.offers);
	printf("ok 1 - random races\n");
	return 0;
}
