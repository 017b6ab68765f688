/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/sip_map/dialog/leg.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/log.h"
#include "src/sip_map/cause_map.h"
#include "src/sip_map/reason.h"
#include "src/sip_map/trunk/trunk.h"

enum {
	PEER_ENDED_MS = 10000, /* the call clears within a turn; should it not, GONE all the same */
	LINGER_REFUSED_MS = 5000, /* nothing can come any more but commands queued meanwhile */
	OVER_SPARE = 1000,	  /* lingering legs beyond calls_max */
};

static void fire_again(void *arg, int64_t now_us);
static void fire_limit(void *arg, int64_t now_us);
static void fire_gone_limit(void *arg, int64_t now_us);

static int64_t t1_us(const struct sip_leg *leg)
{
	return leg->trunk->t1_ms * US_PER_MS;
}

struct sip_leg *leg_create(struct sip *s, const struct sip_trunk_cfg *trunk, enum call_side side)
{
	struct sip_leg *leg;

	if (s->live >= s->cfg.calls_max)
		return NULL;
	leg = calloc(1, sizeof(*leg));
	if (!leg)
		return NULL;
	leg->sip = s;
	leg->trunk = trunk;
	leg->side = side;
	deadline_init(&leg->again, fire_again, leg);
	deadline_init(&leg->limit, fire_limit, leg);
	deadline_init(&leg->gone_limit, fire_gone_limit, leg);
	rng_hex(s->cfg.rng, leg->local_tag, LEG_TAG_MAX);
	leg->origin.session = rng_u32(s->cfg.rng);
	leg->origin.version = 1;
	leg->local_cseq = 1 + rng_below(s->cfg.rng, 1000);
	s->live++;
	HASH_ADD_STR(s->legs, local_tag, leg);
	return leg;
}

void leg_free(struct sip_leg *leg)
{
	struct sip *s = leg->sip;

	HASH_DEL(s->legs, leg);
	leg_drop_peer_key(leg);
	if (leg->work_queued)
		TAILQ_REMOVE(&s->work, leg, work_entry);
	if (leg->over_queued) {
		TAILQ_REMOVE(&s->over, leg, over_entry);
		s->over_count--;
	}
	if (!leg->gone)
		s->live--;
	sip_txn_detach(leg->invite);
	sip_txn_detach(leg->bye);
	deadline_cancel(s->cfg.deadlines, &leg->again);
	deadline_cancel(s->cfg.deadlines, &leg->limit);
	deadline_cancel(s->cfg.deadlines, &leg->gone_limit);
	dialog_fini(&leg->d);
	free(leg->setup);
	free(leg->call_id_text);
	free(leg->local_party);
	free(leg->echo);
	free(leg->record_route);
	free(leg->ok);
	free(leg->ack);
	free(leg->sdp);
	free(leg->early_tag);
	free(leg);
}

struct sip_leg *leg_find(struct sip *s, const char *local_tag)
{
	struct sip_leg *leg = NULL;

	HASH_FIND_STR(s->legs, local_tag, leg);
	return leg;
}

void leg_set_peer_key(struct sip_leg *leg, char *key)
{
	leg->peer_key = key;
	HASH_ADD_KEYPTR(hh_peer, leg->sip->invited, leg->peer_key, strlen(leg->peer_key), leg);
}

void leg_drop_peer_key(struct sip_leg *leg)
{
	if (!leg->peer_key)
		return;
	HASH_DELETE(hh_peer, leg->sip->invited, leg);
	free(leg->peer_key);
	leg->peer_key = NULL;
}

struct sip_leg *leg_find_invited(struct sip *s, const char *peer_key)
{
	struct sip_leg *leg = NULL;

	HASH_FIND(hh_peer, s->invited, peer_key, strlen(peer_key), leg);
	return leg;
}

/* ---- events ---- */

void leg_post(struct sip_leg *leg, const struct call_event *event)
{
	struct call_event ev = *event;

	if (leg->gone || !leg->call)
		return;
	ev.side = leg->side;
	call_table_post(leg->sip->cfg.calls, leg->call, &ev);
}

void leg_gone(struct sip_leg *leg, struct call_cause cause)
{
	if (leg->gone)
		return;
	leg_post(leg, &(struct call_event){.type = CALL_EV_GONE, .cause = cause});
	leg->gone = true;
	leg->gone_us = leg->sip->now_us;
	leg->sip->live--;
	deadline_cancel(leg->sip->cfg.deadlines, &leg->gone_limit);
}

void leg_gone_within(struct sip_leg *leg, int64_t limit_us)
{
	if (!leg->gone)
		deadline_set(leg->sip->cfg.deadlines, &leg->gone_limit,
			     leg->sip->now_us + limit_us);
}

/* Keeps the number of lingering legs bounded; the newest may still be named in queued events. */
static void evict(struct sip *s)
{
	struct sip_leg *oldest = TAILQ_FIRST(&s->over);

	if (s->over_count > s->cfg.calls_max + OVER_SPARE && oldest->gone_us < s->now_us)
		leg_free(oldest);
}

void leg_tell_call(const struct sip_leg *leg)
{
	const struct sip_cfg *cfg = &leg->sip->cfg;

	if (cfg->on_call)
		cfg->on_call(cfg->on_message_arg, leg->call, leg->call_id_text);
}

void leg_over(struct sip_leg *leg)
{
	struct sip *s = leg->sip;
	int64_t linger_us = LINGER_REFUSED_MS * US_PER_MS;

	leg_gone(leg, leg->cause);
	if (leg->state == LEG_OVER)
		return;
	leg_drop_peer_key(leg);
	sip_txn_detach(leg->invite);
	sip_txn_detach(leg->bye);
	leg->invite = leg->bye = NULL;
	/* RFC 3261 13.2.2.4, 13.3.1.4: either side may repeat its 2xx for 64·T1. */
	if (leg->answered && 64 * t1_us(leg) > linger_us)
		linger_us = 64 * t1_us(leg);
	leg->state = LEG_OVER;
	deadline_set(s->cfg.deadlines, &leg->limit, s->now_us + linger_us);
	TAILQ_INSERT_TAIL(&s->over, leg, over_entry);
	leg->over_queued = true;
	s->over_count++;
	evict(s);
}

void leg_peer_ended(struct sip_leg *leg, struct call_cause cause)
{
	leg->state = LEG_PEER_ENDED;
	if (leg->cleared) {
		leg_over(leg);
		return;
	}
	leg->cause = cause;
	leg_gone_within(leg, PEER_ENDED_MS * US_PER_MS);
	leg_post(leg, &(struct call_event){.type = CALL_EV_CLEARING, .cause = cause});
}

static bool says_no_bearer(const struct sip_msg *m)
{
	static const char *const codes[] = {"304", "305", "370"}; /* RFC 3261 20.43 */
	const char *warning = guard_find(m->g, GUARD_WARNING);

	for (size_t i = 0; warning && i < sizeof(codes) / sizeof(*codes); i++)
		if (strncmp(warning, codes[i], 3) == 0)
			return true;
	return false;
}

static bool says_elsewhere(const struct sip_msg *m)
{
	for (unsigned i = 0; i < m->g->header_count; i++)
		if (m->g->header[i].id == GUARD_REASON &&
		    sip_reason_completed_elsewhere(m->g->header[i].value))
			return true;
	return false;
}

static struct call_cause cause_by_table(const struct cause_table *t, const struct sip_msg *m)
{
	struct call_number contact;
	struct call_cause cause;

	if (m->request)
		return sip_cause_from_request(t, m->method == SIP_CANCEL,
					      says_elsewhere(m) ? CAUSE_ELSEWHERE : CAUSE_ALWAYS);
	if (m->status >= 400 || !m->contact || !trunk_number_parse(&contact, &m->contact_uri))
		return sip_cause_from_status(t, m->status,
					     says_no_bearer(m) ? CAUSE_BEARER : CAUSE_ALWAYS);
	cause = sip_cause_from_status(t, m->status, CAUSE_NEW_NUMBER);
	if (cause.value == SIP_CAUSE_NUMBER_CHANGED)
		snprintf(cause.new_number, sizeof(cause.new_number), "%s%.*s",
			 contact.ton == CALL_TON_INTERNATIONAL ? "+" : "", CALL_DIGITS_MAX - 1,
			 contact.digits);
	return cause;
}

struct call_cause leg_cause_of(const struct sip_leg *leg, const struct sip_msg *m)
{
	struct call_cause cause = cause_by_table(leg->trunk->causes, m);

	/* RFC 6432: what the far ISDN said is better than what its gateway made of it */
	for (unsigned i = 0; i < m->g->header_count && !leg->trunk->untrusted; i++)
		if (m->g->header[i].id == GUARD_REASON &&
		    sip_reason_q850(m->g->header[i].value, &cause))
			break;
	return cause;
}

struct sip_path leg_path(const struct sip_leg *leg, const struct sip_dialog *d)
{
	return sip_trunk_path(leg->trunk, &d->hop);
}

/* ---- transactions ---- */

void leg_txn_response(void *user, struct sip_txn *txn, const struct sip_msg *m, int64_t now_us)
{
	struct sip_leg *leg = user;

	leg->sip->now_us = now_us;
	if (txn == leg->invite)
		uac_response(leg, m);
	else if (txn == leg->bye && m->status >= 200)
		leg_over(leg);
}

void leg_txn_timeout(void *user, struct sip_txn *txn, int64_t now_us)
{
	struct sip_leg *leg = user;

	leg->sip->now_us = now_us;
	if (txn == leg->invite && !leg->cleared) {
		/* RFC 3261 8.1.3.1: as if a 408 had come */
		leg->cause = sip_cause_from_status(leg->trunk->causes, 408, CAUSE_ALWAYS);
		leg->cause.sip_status = 0;
	}
	leg_over(leg);
}

void leg_txn_accepted_again(void *user, struct sip_txn *txn, int64_t now_us)
{
	struct sip_leg *leg = user;

	leg->sip->now_us = now_us;
	if (txn == leg->invite)
		uas_accepted_again(leg);
}

void leg_txn_end(void *user, struct sip_txn *txn)
{
	struct sip_leg *leg = user;

	if (txn == leg->invite)
		leg->invite = NULL;
	if (txn == leg->bye)
		leg->bye = NULL;
}

/* ---- timers ---- */

static void fire_again(void *arg, int64_t now_us)
{
	struct sip_leg *leg = arg;
	int64_t t2_us = leg->trunk->t2_ms * US_PER_MS;

	leg->sip->now_us = now_us;
	if (!leg->awaiting_ack || now_us >= leg->ok_until_us)
		return;
	/* RFC 3261 13.3.1.4: T1, doubling up to T2, over any transport */
	leg->ok_interval_us *= 2;
	if (leg->ok_interval_us > t2_us)
		leg->ok_interval_us = t2_us;
	deadline_set(leg->sip->cfg.deadlines, &leg->again, now_us + leg->ok_interval_us);
	sip_send(leg->sip, &leg->ok_path, leg->ok, leg->ok_len);
}

static void no_ack(struct sip_leg *leg)
{
	LOG(LOG_WARN, "sip.no_ack", leg->call, L_S("trunk", leg->trunk->name),
	    L_S("call_id", leg->call_id_text));
	uas_stop_ok(leg);
	if (!leg->cleared)
		leg->cause = (struct call_cause){.value = CAUSE_TIMER_EXPIRY,
						 .location = CALL_LOC_PRIVATE_LOCAL};
	leg_gone(leg, leg->cause);
	session_send_bye(leg);
}

static void fire_limit(void *arg, int64_t now_us)
{
	struct sip_leg *leg = arg;

	leg->sip->now_us = now_us;
	switch (leg->state) {
	case LEG_OVER:
		leg_free(leg);
		return;
	case LEG_CANCELLING: /* RFC 3261 9.1: no final response 64·T1 after CANCEL */
		sip_txn_kill(leg->invite);
		leg->invite = NULL;
		leg_over(leg);
		return;
	case LEG_PEER_ENDED:
		return; /* nobody waits for that ACK */
	default:
		break;
	}
	if (leg->awaiting_ack) {
		no_ack(leg);
	} else if (leg->reinvite) {
		/* the call had no answer to the offer in this state */
		uas_refuse(leg, 491, &(struct call_cause){0});
	}
}

static void fire_gone_limit(void *arg, int64_t now_us)
{
	struct sip_leg *leg = arg;

	leg->sip->now_us = now_us;
	leg_gone(leg, leg->cause);
	if (leg->state == LEG_PEER_ENDED)
		leg_over(leg);
}

/* ---- commands ---- */

static void clear(struct sip_leg *leg, struct call_cause cause)
{
	if (leg->gone || leg->cleared)
		return;
	leg->cleared = true;
	if (leg->state != LEG_PEER_ENDED)
		leg->cause = cause;
	switch (leg->state) {
	case LEG_NEW:
	case LEG_PEER_ENDED:
		leg_over(leg);
		break;
	case LEG_CALLING:
	case LEG_PROCEEDING:
		uac_clear(leg);
		break;
	case LEG_INVITED:
		uas_refuse(leg, sip_status_from_cause(leg->trunk->causes, &cause), &cause);
		leg_over(leg);
		break;
	case LEG_CONFIRMED:
		session_clear(leg);
		break;
	default:
		break;
	}
}

void leg_run_commands(struct sip_leg *leg)
{
	if (leg->state == LEG_NEW) {
		if (leg->cmd_count == 0 || leg->cmd[0].type != LEG_CLEAR)
			uac_send_invite(leg);
		free(leg->setup);
		leg->setup = NULL;
	}
	for (unsigned i = 0; i < leg->cmd_count; i++) {
		const struct leg_cmd *cmd = &leg->cmd[i];

		if (cmd->type == LEG_CLEAR)
			clear(leg, cmd->cause);
		else if (cmd->type == LEG_OFFER_ANSWER)
			session_offer_answer(leg, cmd);
		else
			uas_command(leg, cmd);
	}
	leg->cmd_count = 0;
}
