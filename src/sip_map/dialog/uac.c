/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls that we make: INVITE to its final response, forks, CANCEL. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/log.h"
#include "src/sip_map/sip_party.h"
#include "src/sip_map/cause_map.h"
#include "src/sip_map/dialog/leg.h"
#include "src/sip_map/trunk/trunk.h"

enum { GONE_AFTER_CLEAR_MS = 4000 };

void uac_send_invite(struct sip_leg *leg)
{
	struct sip *s = leg->sip;
	struct sip_path path;
	char more[4096];
	struct strbuf m, b;
	int err = write_parties(leg);

	if (!err) {
		leg->d.hop = leg->trunk->peer;
		path = leg_path(leg, &leg->d);
		write_new_branch(s, leg->branch);
		leg->invite_cseq = ++leg->local_cseq;
		strbuf_init(&m, more, sizeof(more));
		write_contact(leg, &m);
		sip_party_privacy(&m, leg->setup);
		sip_party_redirecting(&m, leg->trunk, &leg->local, leg->setup);
		strbuf_add(&m, "Allow: " SIP_ALLOW "\r\nSupported:\r\n");
		write_request(leg, &leg->d, &b, "INVITE", leg->invite_cseq, leg->branch, more,
			      write_sdp(leg, &leg->setup->media));
		leg->state = LEG_CALLING;
		err = b.truncated ? -EINVAL
				  : sip_txn_request(s->txns, s->now_us, &path, b.text, b.len, leg,
						    &leg->invite);
	}
	if (err) {
		LOG(LOG_WARN, "sip.invite_not_sent", leg->call, L_S("trunk", leg->trunk->name),
		    L_S("why", strerror(-err)));
		/* RFC 3261 8.1.3.1: a transport error is as if a 503 had come */
		leg->cause = sip_cause_from_status(leg->trunk->causes, 503, CAUSE_ALWAYS);
		leg->cause.sip_status = 0;
		leg_over(leg);
		return;
	}
	s->counters.calls_out++;
}

/* Our CANCEL is as our INVITE was, also in its branch (RFC 3261 9.1). It looks after itself. */
static void send_cancel(struct sip_leg *leg)
{
	struct sip *s = leg->sip;
	struct sip_path path = leg_path(leg, &leg->d);
	struct sip_txn *txn;
	char more[256];
	struct strbuf m, b;

	leg->cancel_sent = true;
	strbuf_init(&m, more, sizeof(more));
	write_reason(&m, &leg->cause);
	if (leg->cause.value == SIP_CAUSE_NON_SELECTED)
		strbuf_add(&m, "Reason: SIP;cause=200;text=\"Call completed elsewhere\"\r\n");
	write_request(leg, &leg->d, &b, "CANCEL", leg->invite_cseq, leg->branch, more, NULL);
	sip_txn_request(s->txns, s->now_us, &path, b.text, b.len, NULL, &txn);
	deadline_set(s->cfg.deadlines, &leg->limit, s->now_us + 64 * leg->trunk->t1_ms * US_PER_MS);
}

void uac_clear(struct sip_leg *leg)
{
	bool may_cancel = leg->state == LEG_PROCEEDING;

	leg->state = LEG_CANCELLING;
	if (may_cancel)
		send_cancel(leg);
	leg_gone_within(leg, GONE_AFTER_CLEAR_MS * US_PER_MS);
}

/* ---- provisional responses ---- */

/* The SDP of an 18x: kept for a 2xx of the same fork that brings none. */
static void take_early_media(struct sip_leg *leg, const struct sip_msg *m, struct media_desc *out)
{
	struct sdp_lines lines;

	if (sip_take_sdp(m->g, out, &lines) || !out->present || out->rejected) {
		out->present = false;
		return;
	}
	free(leg->early_tag);
	leg->early_tag = strdup(m->to_tag);
	leg->early_media = *out;
}

static bool same_media(const struct media_desc *a, const struct media_desc *b)
{
	return a->present == b->present && a->direction == b->direction &&
	       a->format_count == b->format_count &&
	       a->format[0].payload_type == b->format[0].payload_type &&
	       net_addr_equal(&a->rtp, &b->rtp);
}

static void post_progress(struct sip_leg *leg, const struct sip_msg *m)
{
	struct media_desc before = leg->early_media;
	struct call_event ev = {.type = CALL_EV_PROGRESS};
	bool news;

	take_early_media(leg, m, &ev.media);
	news = ev.media.present && !same_media(&before, &leg->early_media);
	if (m->status == 180) {
		ev.type = CALL_EV_ALERTING;
		news = news || !leg->told_alerting;
		leg->told_alerting = true;
	} else {
		/* RFC 4497 8.3.4: in-band information is there */
		ev.pi = ev.media.present ? CALL_PI_8 : 0;
		news = news || !leg->told_progress;
		leg->told_progress = true;
	}
	if (news) /* not for 18x repeated only to keep proxies waiting */
		leg_post(leg, &ev);
}

static void provisional(struct sip_leg *leg, const struct sip_msg *m)
{
	if (leg->state == LEG_CANCELLING) {
		if (!leg->cancel_sent)
			send_cancel(leg);
		return;
	}
	leg->state = LEG_PROCEEDING;
	switch (m->status) {
	case 180:
	case 181:
	case 182:
	case 183:
		post_progress(leg, m);
		break;
	default:
		if (!leg->told_proceeding && m->status == 100)
			leg_post(leg, &(struct call_event){.type = CALL_EV_PROCEEDING});
		break;
	}
	leg->told_proceeding = true;
}

/* ---- final responses ---- */

static int send_ack(struct sip_leg *leg, const struct sip_dialog *d, char **keep, size_t *keep_len)
{
	struct sip *s = leg->sip;
	struct sip_path path = leg_path(leg, d);
	char branch[LEG_TAG_MAX + 8];
	struct strbuf b;

	/* RFC 3261 13.2.2.4: a transaction of its own, made by us */
	write_new_branch(s, branch);
	write_request(leg, d, &b, "ACK", leg->invite_cseq, branch, NULL, NULL);
	if (b.truncated)
		return -EINVAL;
	sip_send(s, &path, b.text, b.len);
	if (keep) {
		leg->ack_path = path;
		*keep = strdup(b.text);
		*keep_len = b.len;
	}
	return 0;
}

/* A 2xx of another fork, or one that came when the call was over: ACK, and BYE once. */
static void refuse_fork(struct sip_leg *leg, const struct sip_msg *m)
{
	struct sip *s = leg->sip;
	struct sip_dialog fork = {0};
	uint64_t tag = sip_hash(SIP_HASH_START, m->to_tag, strlen(m->to_tag));
	bool known = leg->fork_count == LEG_FORKS_MAX;
	char branch[LEG_TAG_MAX + 8];
	struct sip_txn *txn;
	struct strbuf b;

	for (unsigned i = 0; i < leg->fork_count; i++)
		known = known || leg->fork[i] == tag;
	if (dialog_set(&fork, leg, m, &leg->trunk->peer) == 0)
		send_ack(leg, &fork, NULL, NULL);
	if (!known && fork.target) {
		struct sip_path path = leg_path(leg, &fork);

		leg->fork[leg->fork_count++] = tag;
		write_new_branch(s, branch);
		write_request(leg, &fork, &b, "BYE", leg->invite_cseq + 1, branch, NULL, NULL);
		sip_txn_request(s->txns, s->now_us, &path, b.text, b.len, NULL, &txn);
	}
	dialog_fini(&fork);
}

/* What the peer answered: in this 2xx, or in an earlier 18x of the same fork. */
static bool take_answer(struct sip_leg *leg, const struct sip_msg *m, struct media_desc *out)
{
	struct sdp_lines lines;

	if (sip_take_sdp(m->g, out, &lines) || out->rejected)
		return false;
	if (!out->present && leg->early_tag && strcmp(leg->early_tag, m->to_tag) == 0)
		*out = leg->early_media;
	return out->present;
}

static void first_ok(struct sip_leg *leg, const struct sip_msg *m)
{
	struct call_event ev = {.type = CALL_EV_ANSWER};
	bool wanted = !leg->cleared;

	deadline_cancel(leg->sip->cfg.deadlines, &leg->limit);
	if (dialog_set(&leg->d, leg, m, &leg->trunk->peer)) {
		leg->cause = (struct call_cause){.value = CAUSE_TEMPORARY_FAILURE,
						 .location = CALL_LOC_PRIVATE_LOCAL};
		leg_over(leg);
		return;
	}
	send_ack(leg, &leg->d, &leg->ack, &leg->ack_len);
	leg->state = LEG_CONFIRMED;
	leg->answered = true;
	if (wanted && !take_answer(leg, m, &ev.media)) {
		LOG(LOG_WARN, "sip.bad_answer", leg->call, L_S("trunk", leg->trunk->name),
		    L_S("call_id", leg->call_id_text));
		leg->cause = (struct call_cause){.value = CAUSE_INCOMPATIBLE,
						 .location = CALL_LOC_PRIVATE_REMOTE};
		leg_gone(leg, leg->cause);
		wanted = false;
	}
	trunk_connected_parse(&ev.connected, m, !leg->trunk->untrusted);
	if (wanted)
		leg_post(leg, &ev);
	else
		session_send_bye(leg);
}

/* Is our INVITE without a final response? */
static bool is_waiting(const struct sip_leg *leg)
{
	return leg->state == LEG_CALLING || leg->state == LEG_PROCEEDING ||
	       leg->state == LEG_CANCELLING;
}

static void take_ok(struct sip_leg *leg, const struct sip_msg *m)
{
	if (m->cseq != leg->invite_cseq || !*m->to_tag)
		return;
	if (is_waiting(leg))
		first_ok(leg, m);
	else if (leg->d.remote_tag && strcmp(leg->d.remote_tag, m->to_tag) == 0 && leg->ack)
		sip_send(leg->sip, &leg->ack_path, leg->ack, leg->ack_len);
	else
		refuse_fork(leg, m);
}

void uac_stray_ok(struct sip_leg *leg, const struct sip_msg *m)
{
	/* It decides the call, but ends no transaction: after a provisional response ours would
	 * wait for ever (RFC 3261 figure 5, Proceeding has no timer). */
	if (is_waiting(leg) && m->cseq == leg->invite_cseq && *m->to_tag) {
		sip_txn_kill(leg->invite);
		leg->invite = NULL;
	}
	take_ok(leg, m);
}

void uac_response(struct sip_leg *leg, const struct sip_msg *m)
{
	if (m->status < 200) {
		provisional(leg, m);
	} else if (m->status < 300) {
		take_ok(leg, m);
		/* Not usable as an answer, without a tag for instance; no other one will come, as
		 * it has ended the transaction. */
		if (is_waiting(leg)) {
			if (!leg->cleared)
				leg->cause =
				    (struct call_cause){.value = CAUSE_INTERWORKING,
							.location = CALL_LOC_PRIVATE_REMOTE};
			leg_over(leg);
		}
	} else {
		if (!leg->cleared)
			leg->cause = leg_cause_of(leg, m);
		leg_over(leg);
	}
}
