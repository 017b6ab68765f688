/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/sip_map/sip.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "gateway/base/log.h"
#include "src/sip_map/cause_map.h"
#include "src/sip_map/dialog/leg.h"
#include "src/sip_map/sdp/body.h"
#include "src/sip_map/trunk/trunk.h"

enum { T1_MS = 500, T2_MS = 4000, TXNS_PER_CALL = 16, TXNS_SPARE = 256 };

/* ---- out ---- */

struct sip_path sip_trunk_path(const struct sip_trunk_cfg *t, const struct net_addr *peer)
{
	return (struct sip_path){
	    .socket = t->socket, .peer = *peer, .t1_ms = t->t1_ms, .t2_ms = t->t2_ms};
}

static const struct net_addr *socket_address(const struct sip *s, unsigned socket)
{
	static const struct net_addr none;

	for (unsigned i = 0; i < s->cfg.trunk_count; i++)
		if (s->trunk[i].socket == socket)
			return &s->trunk[i].bind;
	return &none;
}

int sip_send(struct sip *s, const struct sip_path *path, const char *text, size_t len)
{
	int err;

	if (s->cfg.on_message)
		s->cfg.on_message(s->cfg.on_message_arg, path->socket, true,
				  socket_address(s, path->socket), &path->peer, text, len);
	s->counters.tx++;
	err = s->cfg.transport.send(s->cfg.transport.arg, path->socket, &path->peer, text, len);
	if (err)
		s->counters.tx_errors++;
	return err;
}

static int send_for_txn(void *arg, const struct sip_path *path, const char *text, size_t len)
{
	return sip_send(arg, path, text, len);
}

/* ---- bodies ---- */

unsigned sip_take_sdp(const struct guard_msg *g, struct media_desc *out, struct sdp_lines *lines)
{
	const char *type = guard_find(g, GUARD_CONTENT_TYPE), *body = g->body;
	const char *encoding = guard_find(g, GUARD_CONTENT_ENCODING);
	const char *disposition = guard_find(g, GUARD_CONTENT_DISPOSITION);
	size_t len = g->body_len;

	*out = (struct media_desc){0};
	memset(lines, 0, sizeof(*lines));
	if (len == 0)
		return 0;
	if (encoding && *encoding && strcasecmp(encoding, "identity") != 0)
		return 415;
	if (type && body_is_type(type, "multipart/")) {
		if (!body_find_sdp(type, g->body, g->body_len, &body, &len))
			return 415;
	} else if (!type || !body_is_type(type, "application/sdp")) {
		/* RFC 3261 8.2.3 */
		return disposition && strcasestr(disposition, "handling=optional") ? 0 : 415;
	}
	if (sdp_parse(out, lines, body, len))
		return 400;
	return out->format_count == 0 ? 488 : 0;
}

/* ---- in: requests ---- */

static void refuse_method(struct sip *s, const struct sip_msg *m, const struct sip_path *path)
{
	s->counters.refused_method++;
	sip_refuse(s, m->g, path, m->method == SIP_METHOD_KNOWN ? 405 : 501, NULL);
}

static void answer_options(struct sip *s, const struct sip_msg *m, const struct sip_path *path)
{
	s->counters.options_answered++;
	sip_refuse(s, m->g, path, 200,
		   "Allow: " SIP_ALLOW "\r\nAccept: application/sdp\r\n"
		   "Accept-Encoding: identity\r\nAccept-Language: en\r\nSupported:\r\n");
}

/* RFC 3261 8.2.2.3: we support no extension yet. */
static bool refuse_required(struct sip *s, const struct sip_msg *m, const struct sip_path *path)
{
	char text[512];
	struct strbuf b;

	strbuf_init(&b, text, sizeof(text));
	for (unsigned i = 0; i < m->g->header_count; i++)
		if (m->g->header[i].id == GUARD_REQUIRE && *m->g->header[i].value)
			strbuf_addf(&b, "%s%s",
				    b.len ? ", " : "Unsupported: ", m->g->header[i].value);
	if (b.len == 0)
		return false;
	strbuf_add(&b, "\r\n");
	sip_refuse(s, m->g, path, 420, b.truncated ? NULL : text);
	return true;
}

static void refuse_source(struct sip *s, const struct sip_msg *m, const struct sip_path *path)
{
	char source[NET_ADDR_TEXT];

	/* A scanner must not flood the log: one line a second. */
	if (s->counters.refused_unknown_source == 0 ||
	    s->now_us - s->counters.last_refused_us >= US_PER_S)
		LOG(LOG_WARN, "sip.request_refused", 0,
		    L_S("src", net_addr_format(&path->peer, source)), L_U("status", 403),
		    L_S("why", "source belongs to no trunk"));
	s->counters.refused_unknown_source++;
	s->counters.last_refused = path->peer;
	s->counters.last_refused_us = s->now_us;
	sip_refuse(s, m->g, path, 403, NULL);
}

static void take_cancel(struct sip *s, struct sip_msg *m, const struct sip_path *path)
{
	struct sip_txn *invite = sip_txn_find_invite(s->txns, m), *txn;
	struct sip_leg *leg = invite ? sip_txn_user(invite) : NULL;
	char *echo;
	struct strbuf b;

	if (!invite) {
		sip_refuse(s, m->g, path, 481, NULL);
		return;
	}
	/* RFC 3261 9.2: the same To tag as the INVITE's response */
	echo = write_echo(m->g, &path->peer, leg ? leg->local_tag : NULL);
	if (echo && sip_txn_serve(s->txns, s->now_us, path, m, NULL, &txn) == 0) {
		write_response(s, &b, 200, echo, NULL, NULL);
		sip_txn_respond(txn, s->now_us, 200, b.text, b.len);
	}
	free(echo);
	if (leg)
		uas_cancel(leg, m);
}

static struct sip_leg *find_dialog(struct sip *s, const struct sip_msg *m)
{
	struct sip_leg *leg = *m->to_tag ? leg_find(s, m->to_tag) : NULL;

	if (!leg || !leg->call_id_text || strcmp(leg->call_id_text, m->call_id) != 0)
		return NULL;
	/* Our INVITE without an answer yet: any fork may be speaking. */
	if (leg->d.remote_tag && strcmp(leg->d.remote_tag, m->from_tag) != 0)
		return NULL;
	return leg;
}

static void take_in_dialog(struct sip *s, struct sip_msg *m, struct sip_path *path)
{
	struct sip_leg *leg = find_dialog(s, m);

	if (!leg) {
		sip_refuse(s, m->g, path, 481, NULL);
		return;
	}
	path->t1_ms = leg->trunk->t1_ms;
	path->t2_ms = leg->trunk->t2_ms;
	if (m->cseq < leg->remote_cseq) { /* RFC 3261 12.2.2 */
		sip_refuse(s, m->g, path, 500, NULL);
		return;
	}
	leg->remote_cseq = m->cseq;
	if (m->method == SIP_BYE)
		session_bye(leg, m, path);
	else
		session_reinvite(leg, m, path);
}

static bool unacceptable(const struct sip_msg *m)
{
	return guard_find(m->g, GUARD_ACCEPT) && *guard_find(m->g, GUARD_ACCEPT) &&
	       !guard_has_token(m->g, GUARD_ACCEPT, "application/sdp") &&
	       !guard_has_token(m->g, GUARD_ACCEPT, "application/*") &&
	       !guard_has_token(m->g, GUARD_ACCEPT, "*/*");
}

static void take_request(struct sip *s, struct sip_msg *m, unsigned socket,
			 const struct net_addr *from)
{
	int trunk = trunk_by_source(s->trunk, s->cfg.trunk_count, socket, from);
	struct sip_path path = {.socket = socket, .peer = *from, .t1_ms = T1_MS, .t2_ms = T2_MS};
	struct sip_leg *leg;

	if (trunk >= 0)
		path = sip_trunk_path(&s->trunk[trunk], from);
	if (sip_txn_known_request(s->txns, s->now_us, m)) {
		if (m->method != SIP_ACK)
			s->counters.retransmitted_rx++;
		return;
	}
	if (m->method == SIP_ACK) {
		leg = find_dialog(s, m);
		if (leg)
			uas_ack(leg, m);
	} else if (m->method == SIP_CANCEL) {
		take_cancel(s, m, &path);
	} else if (m->method >= SIP_METHOD_KNOWN) {
		refuse_method(s, m, &path);
	} else if (*m->to_tag && m->method == SIP_OPTIONS && !find_dialog(s, m)) {
		sip_refuse(s, m->g, &path, 481, NULL);
	} else if (m->method == SIP_INVITE && trunk < 0 && !find_dialog(s, m)) {
		refuse_source(s, m, &path);
	} else if (refuse_required(s, m, &path)) {
		return;
	} else if (m->method == SIP_OPTIONS) {
		answer_options(s, m, &path);
	} else if (*m->to_tag || m->method == SIP_BYE) {
		take_in_dialog(s, m, &path);
	} else if (unacceptable(m)) {
		sip_refuse(s, m->g, &path, 406, NULL);
	} else {
		uas_invite(s, m, (unsigned)trunk, &path);
	}
}

/* ---- in: responses ---- */

static void take_response(struct sip *s, struct sip_msg *m)
{
	struct sip_leg *leg;

	/* RFC 3261 8.1.3.3 */
	if (m->via.count == 1) {
		if (sip_txn_response(s->txns, s->now_us, m))
			return;
		leg = leg_find(s, m->from_tag);
		if (leg && leg->side == CALL_SIDE_B && m->method == SIP_INVITE &&
		    m->status >= 200 && m->status < 300 && leg->call_id_text &&
		    strcmp(leg->call_id_text, m->call_id) == 0) {
			uac_stray_ok(leg, m);
			return;
		}
	}
	s->counters.rx_unmatched_responses++;
}

static void take_message(struct sip *s, unsigned socket, const struct net_addr *from)
{
	struct sip_path path = {.socket = socket, .peer = *from, .t1_ms = T1_MS, .t2_ms = T2_MS};
	struct sip_msg m;

	if (sip_msg_parse(&m, &s->guard)) {
		s->counters.rx_malformed++;
		if (s->guard.request && strcmp(s->guard.method, "ACK") != 0) {
			s->counters.refused_malformed++;
			sip_refuse(s, &s->guard, &path, 400, NULL);
		}
		return;
	}
	s->msg = &m;
	if (m.request)
		take_request(s, &m, socket, from);
	else
		take_response(s, &m);
	s->msg = NULL;
	sip_msg_fini(&m);
}

void sip_receive(struct sip *s, int64_t now_us, unsigned socket, const struct net_addr *from,
		 const char *msg, size_t len)
{
	struct sip_path path = {.socket = socket, .peer = *from, .t1_ms = T1_MS, .t2_ms = T2_MS};

	s->now_us = now_us;
	s->counters.rx++;
	if (s->cfg.on_message)
		s->cfg.on_message(s->cfg.on_message_arg, socket, false, socket_address(s, socket),
				  from, msg, len);
	if (len > SIP_DATAGRAM_MAX) {
		s->counters.rx_malformed++;
		return;
	}
	memcpy(s->datagram, msg, len);
	switch (guard_scan(&s->guard, s->datagram, len)) {
	case GUARD_OK:
		take_message(s, socket, from);
		break;
	case GUARD_REFUSE:
		s->counters.rx_malformed++;
		s->counters.refused_malformed++;
		sip_refuse(s, &s->guard, &path, s->guard.refuse_status, NULL);
		break;
	case GUARD_DROP:
		s->counters.rx_malformed++;
		break;
	case GUARD_KEEPALIVE:
		break;
	}
	sip_txn_reap(s->txns);
}

/* ---- legs for the call table ---- */

static void queue_work(struct sip_leg *leg)
{
	struct sip *s = leg->sip;

	if (!leg->work_queued)
		TAILQ_INSERT_TAIL(&s->work, leg, work_entry);
	leg->work_queued = true;
	/* Commands come without a time: they run in sip_turn(), or as soon as deadlines do. */
	deadline_set(s->cfg.deadlines, &s->work_due, s->now_us);
}

static int leg_open(void *adapter, call_id call, const struct call_setup *setup, void **out,
		    struct call_cause *cause)
{
	struct sip *s = adapter;
	struct sip_leg *leg;

	*cause = (struct call_cause){.location = CALL_LOC_PRIVATE_LOCAL};
	if (setup->target.index >= s->cfg.trunk_count || !setup->media.present) {
		cause->value = CAUSE_NO_ROUTE;
		return -EINVAL;
	}
	if (!*setup->called.digits) {
		cause->value = CAUSE_INVALID_NUMBER;
		return -EINVAL;
	}
	leg = leg_create(s, &s->trunk[setup->target.index], CALL_SIDE_B);
	if (leg)
		leg->setup = malloc(sizeof(*leg->setup));
	if (!leg || !leg->setup) {
		if (leg)
			leg_free(leg);
		cause->value = CAUSE_CONGESTION;
		return -EBUSY;
	}
	*leg->setup = *setup;
	leg->call = call;
	leg->state = LEG_NEW;
	leg->source = leg->trunk->peer;
	leg->local = trunk_local(leg->trunk, &leg->trunk->peer);
	queue_work(leg);
	*out = leg;
	return 0;
}

static void leg_command(void *handle, const struct leg_cmd *cmd)
{
	struct sip_leg *leg = handle;

	if (leg->gone || cmd->type == LEG_PROCEED)
		return;
	/* A flood of PROGRESS may be cut short; an answer and an end never get lost in it. */
	if (leg->cmd_count == LEG_CMDS_MAX) {
		if (cmd->type == LEG_PROGRESS || cmd->type == LEG_ALERT)
			return;
		leg->cmd_count--;
	}
	leg->cmd[leg->cmd_count++] = *cmd;
	queue_work(leg);
}

const struct leg_ops sip_leg_ops = {.open = leg_open, .command = leg_command};

void sip_turn(struct sip *s, int64_t now_us)
{
	struct sip_leg *leg;

	s->now_us = now_us;
	deadline_cancel(s->cfg.deadlines, &s->work_due);
	while ((leg = TAILQ_FIRST(&s->work))) {
		TAILQ_REMOVE(&s->work, leg, work_entry);
		leg->work_queued = false;
		leg_run_commands(leg);
	}
	sip_txn_reap(s->txns);
}

static void fire_work(void *arg, int64_t now_us)
{
	sip_turn(arg, now_us);
}

/* ---- instance ---- */

static int copy_trunks(struct sip *s, const struct sip_cfg *cfg)
{
	s->trunk = calloc(cfg->trunk_count ? cfg->trunk_count : 1, sizeof(*s->trunk));
	if (!s->trunk)
		return -ENOMEM;
	for (unsigned i = 0; i < cfg->trunk_count; i++) {
		s->trunk[i] = cfg->trunk[i];
		if (!s->trunk[i].causes)
			s->trunk[i].causes = s->cfg.causes;
		if (s->trunk[i].t1_ms == 0)
			s->trunk[i].t1_ms = T1_MS;
		if (s->trunk[i].t2_ms == 0)
			s->trunk[i].t2_ms = T2_MS;
	}
	s->cfg.trunk = s->trunk;
	return 0;
}

int sip_create(struct sip **out, const struct sip_cfg *cfg)
{
	struct sip *s = calloc(1, sizeof(*s));
	struct sip_txn_layer_cfg txns = {
	    .deadlines = cfg->deadlines,
	    .max = cfg->calls_max * TXNS_PER_CALL + TXNS_SPARE,
	    .send = send_for_txn,
	    .on_response = leg_txn_response,
	    .on_timeout = leg_txn_timeout,
	    .on_accepted_again = leg_txn_accepted_again,
	    .on_end = leg_txn_end,
	    .arg = s,
	};
	int err;

	*out = NULL;
	if (!s)
		return -ENOMEM;
	s->cfg = *cfg;
	if (!s->cfg.causes)
		s->cfg.causes = cause_table_default();
	TAILQ_INIT(&s->work);
	TAILQ_INIT(&s->over);
	deadline_init(&s->work_due, fire_work, s);
	str_copy(s->user_agent, sizeof(s->user_agent),
		 cfg->user_agent ? cfg->user_agent : "Spanbridge");
	err = copy_trunks(s, cfg);
	if (!err)
		err = sip_txn_layer_create(&s->txns, &txns);
	if (err) {
		sip_destroy(s);
		return err;
	}
	*out = s;
	return 0;
}

void sip_destroy(struct sip *s)
{
	struct sip_leg *leg, *next;

	if (!s)
		return;
	HASH_ITER(hh, s->legs, leg, next)
	leg_free(leg);
	sip_txn_layer_destroy(s->txns);
	deadline_cancel(s->cfg.deadlines, &s->work_due);
	free(s->trunk);
	free(s);
}

const struct sip_counters *sip_counters(const struct sip *s)
{
	struct sip_counters *c = &((struct sip *)s)->counters;

	c->dialogs = HASH_COUNT(s->legs);
	c->transactions = sip_txn_count(s->txns);
	return c;
}
