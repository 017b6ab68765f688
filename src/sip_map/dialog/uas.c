/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls that come from a trunk: INVITE to final response and its ACK. */
#include <stdlib.h>
#include <string.h>

#include "gateway/base/log.h"
#include "src/sip_map/cause_map.h"
#include "src/sip_map/dialog/leg.h"
#include "src/sip_map/sip_party.h"
#include "src/sip_map/trunk/redirect.h"
#include "src/sip_map/trunk/trunk.h"

static int64_t t1_us(const struct sip_leg *leg)
{
	return leg->trunk->t1_ms * US_PER_MS;
}

static void respond(struct sip_leg *leg, unsigned status, const char *more, const char *body)
{
	struct sip *s = leg->sip;
	struct strbuf b;

	write_response(s, &b, status, leg->echo, more, body);
	if (!b.truncated)
		sip_txn_respond(leg->invite, s->now_us, status, b.text, b.len);
}

/* RFC 3261 8.2.2.2: the same request by another way (a fork that came together again). */
static bool is_merged(struct sip *s, const struct sip_msg *m, char **key)
{
	char text[2 * GUARD_VALUE_MAX + 2];
	struct sip_leg *other;
	struct strbuf b;

	strbuf_init(&b, text, sizeof(text));
	strbuf_addf(&b, "%s %s", m->call_id, m->from_tag);
	other = leg_find_invited(s, text);
	*key = strdup(text);
	return other && other->invite_cseq == m->cseq;
}

void uas_fill_setup(const struct sip *s, struct call_setup *setup, const struct sip_msg *m, unsigned trunk,
		    const struct sip_path *path)
{
	setup->source.kind = CALL_EP_TRUNK;
	setup->source.index = (uint16_t)trunk;
	setup->bearer = CALL_BEARER_AUDIO_3K1; /* RFC 4497 table 3 */
	setup->sending_complete = true;
	setup->ringback = CALL_RINGBACK_NEVER;
	setup->peer = path->peer;
	if (!m)
		return;
	str_copy(setup->peer_call_id, sizeof(setup->peer_call_id), m->call_id);
	trunk_calling_parse(setup, m, !s->trunk[trunk].untrusted);
	trunk_redirect_parse(setup, m->g, &s->trunk[trunk]);
}

static struct sip_leg *make_leg(struct sip *s, struct sip_msg *m, unsigned trunk,
				const struct sip_path *path)
{
	struct sip_leg *leg = leg_create(s, &s->trunk[trunk], CALL_SIDE_A);
	char party[GUARD_VALUE_MAX + 64];
	struct strbuf b;

	if (!leg)
		return NULL;
	leg->state = LEG_INVITED;
	leg->source = path->peer;
	leg->local = trunk_local(leg->trunk, &path->peer);
	strbuf_init(&b, party, sizeof(party));
	strbuf_addf(&b, "%s;tag=%s", m->to, leg->local_tag);
	leg->local_party = strdup(party);
	leg->call_id_text = strdup(m->call_id);
	leg->echo = write_echo(m->g, &path->peer, leg->local_tag);
	leg->record_route = write_record_route(m->g);
	leg->remote_cseq = leg->invite_cseq = leg->serving_cseq = m->cseq;
	if (!b.truncated && leg->local_party && leg->call_id_text && leg->echo &&
	    leg->record_route && dialog_set(&leg->d, leg, m, &path->peer) == 0 &&
	    sip_txn_serve(s->txns, s->now_us, path, m, leg, &leg->invite) == 0)
		return leg;
	leg_free(leg);
	return NULL;
}

/* A refusal in front of any transaction; 0 when the INVITE may go on. */
static unsigned check(struct sip *s, const struct sip_msg *m, struct call_setup *setup,
		      struct sdp_lines *lines)
{
	unsigned status = sip_take_sdp(m->g, &setup->media, lines);

	if (status)
		return status;
	if (!*m->request_uri.user)
		return 484;
	if (!trunk_number_parse(&setup->called, &m->request_uri))
		return 404;
	if (!m->contact || m->routes_cut)
		return 400; /* RFC 3261 12.1.1: a target we must have */
	if (s->live >= s->cfg.calls_max || sip_txn_full(s->txns))
		return 503;
	return 0;
}

void uas_invite(struct sip *s, struct sip_msg *m, unsigned trunk, const struct sip_path *path)
{
	struct call_setup setup = {0};
	struct sdp_lines lines;
	char *key;
	bool merged = is_merged(s, m, &key);
	unsigned status = merged ? 482 : check(s, m, &setup, &lines);
	struct sip_leg *leg = NULL;

	if (!status && key) {
		uas_fill_setup(s, &setup, m, trunk, path);
		leg = make_leg(s, m, trunk, path);
	}
	if (!leg) {
		free(key);
		sip_refuse(s, m->g, path, status ? status : 503, NULL);
		return;
	}
	leg_drop_peer_key(leg);
	leg_set_peer_key(leg, key);
	leg->offer_lines = lines;
	leg->offered = setup.media.present;
	leg->late_offer = !setup.media.present;
	s->counters.calls_in++;
	respond(leg, 100, NULL, NULL);
	leg->call = call_table_incoming(s->cfg.calls, s->now_us, &setup, &sip_leg_ops, leg);
	if (!leg->call) {
		sip_record_refusal(s, m->g, path, 503);
		uas_refuse(leg, 503, &(struct call_cause){0});
		leg_over(leg);
		return;
	}
	leg_tell_call(leg);
}

/* ---- towards the caller ---- */

static void provisional(struct sip_leg *leg, unsigned status, const struct media_desc *media)
{
	char more[GUARD_HEAD_MAX + 512];
	struct strbuf b;

	strbuf_init(&b, more, sizeof(more));
	strbuf_add(&b, leg->record_route);
	write_contact(leg, &b);
	/* RFC 3261 13.2.1: an offer of ours could only go into a reliable response. */
	respond(leg, status, more, leg->late_offer ? NULL : write_sdp(leg, media));
}

void uas_answer(struct sip_leg *leg, const struct media_desc *media,
		const struct call_number *connected)
{
	struct sip *s = leg->sip;
	char more[GUARD_HEAD_MAX + 512];
	struct strbuf m, b;

	strbuf_init(&m, more, sizeof(more));
	strbuf_add(&m, leg->record_route ? leg->record_route : "");
	write_contact(leg, &m);
	sip_party_connected(&m, leg->trunk, &leg->local, connected);
	strbuf_add(&m, "Allow: " SIP_ALLOW "\r\nSupported:\r\n");
	write_response(s, &b, 200, leg->echo, more, write_sdp(leg, media));
	free(leg->ok);
	leg->ok = strdup(b.text);
	leg->ok_len = leg->ok ? b.len : 0;
	leg->awaiting_ack = leg->ok != NULL;
	leg->answered = true;
	if (leg->invite)
		leg->ok_path = *sip_txn_path(leg->invite);
	leg->ok_interval_us = t1_us(leg);
	deadline_set(s->cfg.deadlines, &leg->again, s->now_us + leg->ok_interval_us);
	leg->ok_until_us = s->now_us + 64 * t1_us(leg);
	deadline_set(s->cfg.deadlines, &leg->limit, leg->ok_until_us);
	leg->state = LEG_CONFIRMED;
	leg_drop_peer_key(leg);
	sip_txn_respond(leg->invite, s->now_us, 200, b.text, b.len);
}

void uas_stop_ok(struct sip_leg *leg)
{
	leg->awaiting_ack = false;
	deadline_cancel(leg->sip->cfg.deadlines, &leg->again);
	if (leg->state != LEG_OVER) /* there it ends the lingering */
		deadline_cancel(leg->sip->cfg.deadlines, &leg->limit);
	free(leg->ok);
	leg->ok = NULL;
}

void uas_refuse(struct sip_leg *leg, unsigned status, const struct call_cause *cause)
{
	char more[256];
	struct strbuf b;

	strbuf_init(&b, more, sizeof(more));
	write_reason(&b, cause);
	if (status == 301)
		write_new_number(leg, &b, cause);
	if (status == 488)
		strbuf_add(&b, "Warning: 305 spanbridge \"No usable media\"\r\n");
	respond(leg, status, more, NULL);
	leg->reinvite = false;
}

void uas_command(struct sip_leg *leg, const struct leg_cmd *cmd)
{
	if (leg->state != LEG_INVITED)
		return;
	switch (cmd->type) {
	case LEG_PROGRESS:
		provisional(leg, 183, &cmd->media);
		break;
	case LEG_ALERT:
		provisional(leg, 180, &cmd->media);
		break;
	case LEG_ANSWER:
		uas_answer(leg, &cmd->media, &cmd->connected);
		break;
	default:
		break; /* 100 went out with the INVITE */
	}
}

/* ---- from the caller ---- */

void uas_cancel(struct sip_leg *leg, const struct sip_msg *m)
{
	if (leg->reinvite) {
		uas_refuse(leg, 487, &(struct call_cause){0});
		return;
	}
	if (leg->state != LEG_INVITED)
		return; /* answered: the CANCEL came too late (RFC 3261 9.2) */
	uas_refuse(leg, 487, &(struct call_cause){0});
	leg_drop_peer_key(leg);
	leg_peer_ended(leg, leg_cause_of(leg, m));
}

void uas_accepted_again(struct sip_leg *leg)
{
	if (leg->awaiting_ack)
		sip_send(leg->sip, &leg->ok_path, leg->ok, leg->ok_len);
}

/* The answer to an offer that we made in the 2xx. */
static void take_late_answer(struct sip_leg *leg, const struct sip_msg *m, struct call_event *ev)
{
	struct sdp_lines lines;

	leg->late_offer = false;
	if (sip_take_sdp(m->g, &ev->media, &lines) || !ev->media.present) {
		LOG(LOG_WARN, "sip.bad_answer", leg->call, L_S("trunk", leg->trunk->name),
		    L_S("call_id", leg->call_id_text));
		ev->media.present = false;
	}
}

void uas_ack(struct sip_leg *leg, const struct sip_msg *m)
{
	struct call_event ev = {.type = CALL_EV_CONFIRMED};
	bool news = leg->late_offer || (leg->side == CALL_SIDE_A && leg->invite_cseq == m->cseq);

	if (!leg->awaiting_ack || m->cseq != leg->serving_cseq)
		return;
	uas_stop_ok(leg);
	if (leg->state != LEG_CONFIRMED)
		return; /* a BYE overtook it */
	if (leg->late_offer)
		take_late_answer(leg, m, &ev);
	if (leg->bye_after_ack) {
		session_send_bye(leg);
		return;
	}
	if (news)
		leg_post(leg, &ev);
}
