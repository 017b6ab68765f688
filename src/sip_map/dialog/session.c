/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An answered call: BYE both ways, re-INVITE in. */
#include <stdlib.h>
#include <string.h>

#include "src/sip_map/cause_map.h"
#include "src/sip_map/dialog/leg.h"

enum {
	GONE_AFTER_CLEAR_MS = 4000,
	OFFER_ANSWER_MS = 2000, /* the call answers an offer within its turn, if at all */
};

/* ---- ending it ourselves ---- */

void session_send_bye(struct sip_leg *leg)
{
	struct sip *s = leg->sip;
	struct sip_path path = leg_path(leg, &leg->d);
	char branch[LEG_TAG_MAX + 8], more[128];
	struct strbuf m, b;

	strbuf_init(&m, more, sizeof(more));
	write_reason(&m, &leg->cause);
	write_new_branch(s, branch);
	write_request(leg, &leg->d, &b, "BYE", ++leg->local_cseq, branch, more, NULL);
	leg->state = LEG_BYE_SENT;
	if (b.truncated ||
	    sip_txn_request(s->txns, s->now_us, &path, b.text, b.len, leg, &leg->bye))
		leg_over(leg);
	else
		leg_gone_within(leg, GONE_AFTER_CLEAR_MS * US_PER_MS);
}

void session_clear(struct sip_leg *leg)
{
	if (leg->reinvite)
		uas_refuse(leg, 487, &(struct call_cause){0});
	/* RFC 3261 15: the called side waits with BYE for the ACK of its 2xx */
	if (leg->awaiting_ack) {
		leg->bye_after_ack = true;
		leg_gone_within(leg, GONE_AFTER_CLEAR_MS * US_PER_MS);
	} else {
		session_send_bye(leg);
	}
}

/* ---- from the peer ---- */

/* By a transaction, so that each copy of the request gets the same answer, and one to an INVITE
 * goes out until its ACK: a refusal that comes late must never meet an answer to the same. */
static void answer_plain(struct sip *s, struct sip_msg *m, const struct sip_path *path,
			 unsigned status, const char *more)
{
	char *echo = write_echo(m->g, &path->peer, NULL);
	struct sip_txn *txn;
	struct strbuf b;

	if (!echo)
		return;
	if (sip_txn_serve(s->txns, s->now_us, path, m, NULL, &txn) == 0) {
		write_response(s, &b, status, echo, more, NULL);
		sip_txn_respond(txn, s->now_us, status, b.text, b.len);
	} else {
		sip_refuse(s, m->g, path, status, more);
	}
	free(echo);
}

void session_bye(struct sip_leg *leg, struct sip_msg *m, const struct sip_path *path)
{
	struct call_cause cause = leg_cause_of(leg, m);

	answer_plain(leg->sip, m, path, 200, NULL);
	switch (leg->state) {
	case LEG_INVITED: /* a caller may end an early dialog so (RFC 3261 15) */
		uas_refuse(leg, 487, &(struct call_cause){0});
		leg_peer_ended(leg, cause);
		break;
	case LEG_CONFIRMED:
		if (leg->reinvite) /* RFC 3261 15.1.2 */
			uas_refuse(leg, 487, &(struct call_cause){0});
		/* A 2xx of ours goes on until its ACK: who sent BYE in its early dialog, before
		 * the 2xx came there, still waits for an end of its INVITE. */
		leg_peer_ended(leg, cause);
		break;
	case LEG_CALLING:
	case LEG_PROCEEDING: /* its 2xx was lost on the way */
		leg->cleared = true;
		leg->cause = cause;
		uac_clear(leg);
		leg_gone(leg, cause);
		break;
	default:
		break; /* crossed with ours, or a late repetition */
	}
}

static const char *refusal_headers(unsigned status)
{
	if (status == 500)
		return "Retry-After: 2\r\n";
	return sip_standard_headers(status);
}

/* 0, or why this re-INVITE cannot be taken now (RFC 3261 14.2). */
static unsigned check_reinvite(struct sip_leg *leg, struct sip_msg *m, struct media_desc *media,
			       struct sdp_lines *lines)
{
	if (leg->state == LEG_OVER || leg->state == LEG_PEER_ENDED || leg->state == LEG_BYE_SENT)
		return 481;
	if (leg->reinvite)
		return 500;
	if (leg->state != LEG_CONFIRMED || leg->awaiting_ack)
		return 491;
	return sip_take_sdp(m->g, media, lines);
}

void session_reinvite(struct sip_leg *leg, struct sip_msg *m, const struct sip_path *path)
{
	struct sip *s = leg->sip;
	struct call_event ev = {.type = CALL_EV_OFFER};
	struct sdp_lines lines;
	unsigned status = check_reinvite(leg, m, &ev.media, &lines);
	char *echo = status ? NULL : write_echo(m->g, &path->peer, NULL);

	if (!status && (!echo || dialog_refresh(&leg->d, leg, m, &path->peer)))
		status = 500;
	if (!status) {
		sip_txn_detach(leg->invite); /* the first INVITE's, in Accepted state */
		leg->invite = NULL;
		if (sip_txn_serve(s->txns, s->now_us, path, m, leg, &leg->invite))
			status = 503;
	}
	if (status) {
		free(echo);
		answer_plain(s, m, path, status, refusal_headers(status));
		return;
	}
	free(leg->echo);
	leg->echo = echo;
	free(leg->record_route); /* the route set does not change any more */
	leg->record_route = NULL;
	leg->serving_cseq = m->cseq;
	leg->reinvite = true;
	/* RFC 3261 14.2: without an offer we make one; the answer comes in the ACK */
	leg->late_offer = !ev.media.present;
	if (ev.media.present) { /* else ours keeps the lines there are (RFC 3264 8) */
		leg->offered = true;
		leg->offer_lines = lines;
	}
	deadline_set(s->cfg.deadlines, &leg->limit, s->now_us + OFFER_ANSWER_MS * US_PER_MS);
	leg_post(leg, &ev);
}

void session_offer_answer(struct sip_leg *leg, const struct leg_cmd *cmd)
{
	if (!leg->reinvite || leg->state != LEG_CONFIRMED)
		return;
	if (cmd->media.present) {
		leg->reinvite = false;
		uas_answer(leg, &cmd->media, &(struct call_number){0});
	} else {
		deadline_cancel(leg->sip->cfg.deadlines, &leg->limit);
		uas_refuse(leg, 488, &(struct call_cause){0});
	}
}
