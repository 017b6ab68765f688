/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/sip_map/osip/txn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/time.h>

#include <osip2/osip.h>
#include <osipparser2/osip_message.h>

#include "gateway/base/strbuf.h"
#include "src/sip_map/hash.h"

enum { KEY_MAX = 4 * GUARD_VALUE_MAX, T4_MS = 5000, TIMER_D_MS = 32000 };

struct sip_txn {
	UT_hash_handle hh;
	LIST_ENTRY(sip_txn) dead_entry;
	struct sip_txn_layer *layer;
	void *user;
	osip_fsm_type_t kind;
	osip_transaction_t *tr;	   /* NULL: only the answer is kept (see txn.h) */
	state_t timed_state;	   /* the state that the deadlines were set for */
	osip_message_t *delivered; /* set by libosip2's callback while it runs */
	bool timed_out, failed, dead, accepted;
	struct sip_path path;
	struct deadline again, limit; /* A E G; B D F H I J K */
	int64_t interval_us;	      /* of `again` */
	int64_t begin_us;	      /* B and F run from here */
	char *text;		      /* request, or last response; owned */
	size_t text_len;
	char *ack; /* client INVITE: ACK to a refusal; owned */
	size_t ack_len;
	size_t key_len;
	char key[];
};

struct sip_txn_layer {
	struct sip_txn_layer_cfg cfg;
	osip_t *osip;
	struct sip_txn *by_key;
	unsigned count; /* also dead ones that wait for the reaper */
	LIST_HEAD(, sip_txn) dead;
};

/* ---- keys ---- */

/* RFC 3261 17.1.3: branch and CSeq method. */
static size_t client_key(char *out, const char *branch, const char *method)
{
	struct strbuf b;

	strbuf_init(&b, out, KEY_MAX);
	strbuf_addf(&b, "c %s %s", branch, method);
	return b.truncated ? 0 : b.len;
}

/* RFC 3261 17.2.3: branch, sent-by, method; without the magic cookie as RFC 2543 matched them.
 * The ACK of a refused INVITE belongs to the INVITE. */
static size_t server_key(char *out, const struct sip_msg *m, const char *method)
{
	struct strbuf b;

	strbuf_init(&b, out, KEY_MAX);
	if (strncmp(m->via.branch, "z9hG4bK", 7) == 0 && m->via.branch[7])
		strbuf_addf(&b, "s %s %s:%u %s", m->via.branch, m->via.host,
			    m->via.port ? m->via.port : 5060, method);
	else
		strbuf_addf(&b, "o %s %s %u %s %s:%u %s", m->call_id, m->from_tag, m->cseq,
			    m->g->uri, m->via.host, m->via.port, method);
	return b.truncated ? 0 : b.len;
}

static const char *server_method(const struct sip_msg *m)
{
	return m->method == SIP_ACK ? "INVITE" : m->g->method;
}

static struct sip_txn *find(struct sip_txn_layer *l, const char *key, size_t len)
{
	struct sip_txn *txn = NULL;

	if (len)
		HASH_FIND(hh, l->by_key, key, len, txn);
	return txn;
}

/* ---- life ---- */

static void free_machine(struct sip_txn *txn)
{
	if (txn->tr)
		osip_transaction_free2(txn->tr);
	txn->tr = NULL;
}

static void txn_free(struct sip_txn *txn)
{
	deadline_cancel(txn->layer->cfg.deadlines, &txn->again);
	deadline_cancel(txn->layer->cfg.deadlines, &txn->limit);
	free_machine(txn);
	free(txn->text);
	free(txn->ack);
	txn->layer->count--;
	free(txn);
}

static void txn_end(struct sip_txn *txn)
{
	struct sip_txn_layer *l = txn->layer;
	void *user = txn->user;

	if (txn->dead)
		return;
	txn->dead = true;
	deadline_cancel(l->cfg.deadlines, &txn->again);
	deadline_cancel(l->cfg.deadlines, &txn->limit);
	HASH_DEL(l->by_key, txn);
	LIST_INSERT_HEAD(&l->dead, txn, dead_entry);
	txn->user = NULL;
	if (user)
		l->cfg.on_end(user, txn);
}

void sip_txn_detach(struct sip_txn *txn)
{
	if (txn)
		txn->user = NULL;
}

void sip_txn_kill(struct sip_txn *txn)
{
	sip_txn_detach(txn);
	if (txn)
		txn_end(txn);
}

void sip_txn_reap(struct sip_txn_layer *l)
{
	struct sip_txn *txn;

	while ((txn = LIST_FIRST(&l->dead))) {
		LIST_REMOVE(txn, dead_entry);
		txn_free(txn);
	}
}

static int set_text(struct sip_txn *txn, const char *text, size_t len)
{
	char *copy = malloc(len ? len : 1);

	if (!copy)
		return -ENOMEM;
	memcpy(copy, text, len);
	free(txn->text);
	txn->text = copy;
	txn->text_len = len;
	return 0;
}

/* ---- libosip2's callbacks ---- */

/* libosip2 writes the ACK to a refusal; what it leaves out (RFC 3261 8.1.1) is added once. */
static void write_ack(struct sip_txn *txn, osip_message_t *ack)
{
	char *text;
	size_t len;

	osip_message_set_max_forwards(ack, "70");
	osip_message_set_content_length(ack, "0");
	if (osip_message_to_str(ack, &text, &len))
		return;
	txn->ack = malloc(len);
	if (txn->ack)
		memcpy(txn->ack, text, len);
	txn->ack_len = txn->ack ? len : 0;
	osip_free(text);
}

/* Host and port are libosip2's idea (maddr, received): answers go to the packet's source. */
static int send_message(osip_transaction_t *tr, osip_message_t *msg, char *host, int port, int sock)
{
	struct sip_txn *txn = osip_transaction_get_your_instance(tr);
	struct sip_txn_layer *l = txn->layer;
	bool ack = txn->kind == ICT && MSG_IS_ACK(msg);
	int err;

	(void)host, (void)port, (void)sock;
	if (ack && !txn->ack)
		write_ack(txn, msg);
	if (ack && !txn->ack)
		return 0;
	err = l->cfg.send(l->cfg.arg, &txn->path, ack ? txn->ack : txn->text,
			  ack ? txn->ack_len : txn->text_len);
	/* A full socket buffer is a lost packet. No route at all is told to the user (RFC 3261
	 * 8.1.3.1), but only for the first packet of a request: later it may be a flap. */
	if ((err == -ENETUNREACH || err == -EHOSTUNREACH || err == -EINVAL) &&
	    (tr->state == ICT_PRE_CALLING || tr->state == NICT_PRE_TRYING))
		return -1;
	return 0;
}

static void on_message(int type, osip_transaction_t *tr, osip_message_t *msg)
{
	struct sip_txn *txn = osip_transaction_get_your_instance(tr);

	(void)type;
	txn->delivered = msg;
}

static void on_timeout(int type, osip_transaction_t *tr, osip_message_t *msg)
{
	struct sip_txn *txn = osip_transaction_get_your_instance(tr);

	(void)type, (void)msg;
	txn->timed_out = true;
}

static void on_transport_error(int type, osip_transaction_t *tr, int error)
{
	struct sip_txn *txn = osip_transaction_get_your_instance(tr);

	(void)type, (void)error;
	txn->failed = true;
}

static void trace_nothing(const char *file, int line, osip_trace_level_t level, const char *format,
			  va_list ap)
{
	(void)file, (void)line, (void)level, (void)format, (void)ap;
}

static void set_callbacks(osip_t *osip)
{
	for (int i = OSIP_ICT_STATUS_1XX_RECEIVED; i <= OSIP_ICT_STATUS_6XX_RECEIVED; i++)
		osip_set_message_callback(osip, i, on_message);
	for (int i = OSIP_NICT_STATUS_1XX_RECEIVED; i <= OSIP_NICT_STATUS_6XX_RECEIVED; i++)
		osip_set_message_callback(osip, i, on_message);
	osip_set_message_callback(osip, OSIP_ICT_STATUS_TIMEOUT, on_timeout);
	osip_set_message_callback(osip, OSIP_NICT_STATUS_TIMEOUT, on_timeout);
	for (int i = 0; i < OSIP_TRANSPORT_ERROR_CALLBACK_COUNT; i++)
		osip_set_transport_error_callback(osip, i, on_transport_error);
	osip_set_cb_send_message(osip, send_message);
}

/* ---- timers ---- */

static int64_t t1_us(const struct sip_txn *txn)
{
	return txn->path.t1_ms * US_PER_MS;
}

static void set_timers(struct sip_txn *txn, int64_t now_us, int64_t again_us, int64_t limit_us)
{
	struct deadline_queue *q = txn->layer->cfg.deadlines;

	txn->interval_us = again_us;
	deadline_set(q, &txn->again, again_us ? now_us + again_us : TIME_NEVER_US);
	deadline_set(q, &txn->limit, limit_us ? limit_us : TIME_NEVER_US);
}

/* RFC 3261 table 4, for unreliable transports. */
static void rearm(struct sip_txn *txn, int64_t now_us)
{
	int64_t t1 = t1_us(txn), full = now_us + 64 * t1;

	if (!txn->tr || txn->tr->state == txn->timed_state)
		return;
	txn->timed_state = txn->tr->state;
	switch (txn->tr->state) {
	case ICT_CALLING:
	case NICT_TRYING:
		set_timers(txn, now_us, t1, txn->begin_us + 64 * t1);
		break;
	case NICT_PROCEEDING:
		set_timers(txn, now_us, txn->path.t2_ms * US_PER_MS, txn->begin_us + 64 * t1);
		break;
	case ICT_COMPLETED:
		set_timers(txn, now_us, 0, now_us + TIMER_D_MS * US_PER_MS);
		break;
	case NICT_COMPLETED:
	case IST_CONFIRMED:
		set_timers(txn, now_us, 0, now_us + T4_MS * US_PER_MS);
		break;
	case IST_COMPLETED:
		set_timers(txn, now_us, t1, full);
		break;
	case NIST_COMPLETED:
		set_timers(txn, now_us, 0, full);
		break;
	default:
		set_timers(txn, now_us, 0, 0);
		break;
	}
}

static bool is_over(const struct sip_txn *txn)
{
	return txn->tr->state == ICT_TERMINATED || txn->tr->state == IST_TERMINATED ||
	       txn->tr->state == NICT_TERMINATED || txn->tr->state == NIST_TERMINATED;
}

/* Runs one event through libosip2's machine; sip is the machine's then. */
static int execute(struct sip_txn *txn, int64_t now_us, type_t type, osip_message_t *sip)
{
	osip_event_t *evt = osip_malloc(sizeof(*evt));

	txn->delivered = NULL;
	txn->timed_out = txn->failed = false;
	if (!evt) {
		osip_message_free(sip);
		return -ENOMEM;
	}
	*evt = (osip_event_t){.type = type, .transactionid = txn->tr->transactionid, .sip = sip};
	osip_transaction_execute(txn->tr, evt);
	rearm(txn, now_us);
	return 0;
}

/* What the machine asked for while it ran: tell the user, end it. */
static void conclude(struct sip_txn *txn, int64_t now_us)
{
	bool over = is_over(txn), timed_out = txn->timed_out || txn->failed;

	if (timed_out && txn->user)
		txn->layer->cfg.on_timeout(txn->user, txn, now_us);
	if (over)
		txn_end(txn);
}

static type_t again_event(const struct sip_txn *txn)
{
	return txn->kind == ICT ? TIMEOUT_A : txn->kind == NICT ? TIMEOUT_E : TIMEOUT_G;
}

static type_t limit_event(const struct sip_txn *txn)
{
	switch (txn->tr->state) {
	case ICT_CALLING:
		return TIMEOUT_B;
	case ICT_COMPLETED:
		return TIMEOUT_D;
	case IST_COMPLETED:
		return TIMEOUT_H;
	case IST_CONFIRMED:
		return TIMEOUT_I;
	case NICT_COMPLETED:
		return TIMEOUT_K;
	case NIST_COMPLETED:
		return TIMEOUT_J;
	default:
		return TIMEOUT_F;
	}
}

static void fire_again(void *arg, int64_t now_us)
{
	struct sip_txn *txn = arg;
	int64_t t2 = txn->path.t2_ms * US_PER_MS;

	/* Timer A doubles without a cap (17.1.1.2), E and G up to T2. */
	txn->interval_us *= 2;
	if (txn->kind != ICT && txn->interval_us > t2)
		txn->interval_us = t2;
	deadline_set(txn->layer->cfg.deadlines, &txn->again, now_us + txn->interval_us);
	execute(txn, now_us, again_event(txn), NULL);
	conclude(txn, now_us);
}

static void fire_limit(void *arg, int64_t now_us)
{
	struct sip_txn *txn = arg;

	if (!txn->tr) { /* Timer L of RFC 6026 */
		txn_end(txn);
		return;
	}
	execute(txn, now_us, limit_event(txn), NULL);
	conclude(txn, now_us);
}

/* ---- making ---- */

static int txn_create(struct sip_txn_layer *l, osip_fsm_type_t kind, const struct sip_path *path,
		      osip_message_t *request, const char *key, size_t key_len,
		      struct sip_txn **out)
{
	struct sip_txn *txn;

	if (l->count >= l->cfg.max)
		return -EBUSY;
	if (key_len == 0 || find(l, key, key_len))
		return -EINVAL;
	txn = calloc(1, sizeof(*txn) + key_len);
	if (!txn)
		return -ENOMEM;
	txn->layer = l;
	txn->kind = kind;
	txn->path = *path;
	deadline_init(&txn->again, fire_again, txn);
	deadline_init(&txn->limit, fire_limit, txn);
	l->count++;
	if (osip_transaction_init(&txn->tr, kind, l->osip, request)) {
		txn->tr = NULL;
		txn_free(txn);
		return -EINVAL;
	}
	osip_remove_transaction(l->osip, txn->tr);
	osip_transaction_set_your_instance(txn->tr, txn);
	txn->timed_state = txn->tr->state;
	memcpy(txn->key, key, key_len);
	txn->key_len = key_len;
	HASH_ADD(hh, l->by_key, key, key_len, txn);
	*out = txn;
	return 0;
}

static const char *top_branch(osip_message_t *msg)
{
	osip_via_t *via = osip_list_get(&msg->vias, 0);
	osip_generic_param_t *branch = NULL;

	if (via)
		osip_via_param_get_byname(via, (char *)"branch", &branch);
	return branch && branch->gvalue ? branch->gvalue : "";
}

static int parse_own(osip_message_t **out, const char *text, size_t len)
{
	if (osip_message_init(out))
		return -ENOMEM;
	if (osip_message_parse(*out, text, len) == 0 && MSG_IS_REQUEST(*out) && (*out)->cseq)
		return 0;
	osip_message_free(*out);
	return -EINVAL;
}

int sip_txn_request(struct sip_txn_layer *l, int64_t now_us, const struct sip_path *path,
		    const char *text, size_t len, void *user, struct sip_txn **out)
{
	char key[KEY_MAX];
	osip_message_t *msg;
	struct sip_txn *txn = NULL;
	osip_fsm_type_t kind;
	int err;

	*out = NULL;
	err = parse_own(&msg, text, len);
	if (err)
		return err;
	kind = MSG_IS_INVITE(msg) ? ICT : NICT;
	err = txn_create(l, kind, path, msg, key, client_key(key, top_branch(msg), msg->sip_method),
			 &txn);
	if (!err)
		err = set_text(txn, text, len);
	if (err) {
		osip_message_free(msg);
		sip_txn_kill(txn);
		return err;
	}
	txn->begin_us = now_us;
	err = execute(txn, now_us, kind == ICT ? SND_REQINVITE : SND_REQUEST, msg);
	if (!err && txn->failed)
		err = -EHOSTUNREACH;
	if (err) {
		sip_txn_kill(txn);
		return err;
	}
	txn->user = user;
	*out = txn;
	return 0;
}

bool sip_txn_response(struct sip_txn_layer *l, int64_t now_us, struct sip_msg *m)
{
	char key[KEY_MAX];
	size_t len = client_key(key, m->via.branch, m->g->cseq_method);
	struct sip_txn *txn = find(l, key, len);
	osip_message_t *msg = m->osip;

	if (!txn || !txn->tr)
		return false;
	m->osip = NULL;
	execute(txn, now_us,
		m->status < 200	  ? RCV_STATUS_1XX
		: m->status < 300 ? RCV_STATUS_2XX
				  : RCV_STATUS_3456XX,
		msg);
	/* The machine keeps what it delivers, and the view with it, until this returns. */
	if (txn->delivered && txn->user)
		l->cfg.on_response(txn->user, txn, m, now_us);
	if (!txn->dead)
		conclude(txn, now_us);
	return true;
}

/* ---- server side ---- */

bool sip_txn_known_request(struct sip_txn_layer *l, int64_t now_us, struct sip_msg *m)
{
	char key[KEY_MAX];
	struct sip_txn *txn = find(l, key, server_key(key, m, server_method(m)));
	osip_message_t *msg = m->osip;

	if (!txn)
		return false;
	if (!txn->tr) {
		if (txn->kind == IST && m->method == SIP_ACK)
			return false; /* with the INVITE's branch: an RFC 2543 peer's ACK to a 2xx
				       */
		if (txn->kind == IST && txn->user)
			l->cfg.on_accepted_again(txn->user, txn, now_us);
		else if (txn->kind == NIST)
			l->cfg.send(l->cfg.arg, &txn->path, txn->text, txn->text_len);
		return true;
	}
	m->osip = NULL;
	execute(txn, now_us,
		m->method == SIP_ACK	  ? RCV_REQACK
		: m->method == SIP_INVITE ? RCV_REQINVITE
					  : RCV_REQUEST,
		msg);
	conclude(txn, now_us);
	return true;
}

int sip_txn_serve(struct sip_txn_layer *l, int64_t now_us, const struct sip_path *path,
		  struct sip_msg *m, void *user, struct sip_txn **out)
{
	char key[KEY_MAX];
	bool invite = m->method == SIP_INVITE;
	struct sip_txn *txn;
	osip_message_t *msg = m->osip;
	int err = txn_create(l, invite ? IST : NIST, path, msg, key,
			     server_key(key, m, server_method(m)), &txn);

	*out = NULL;
	if (err)
		return err;
	txn->begin_us = now_us;
	m->osip = NULL;
	err = execute(txn, now_us, invite ? RCV_REQINVITE : RCV_REQUEST, msg);
	if (err) {
		sip_txn_kill(txn);
		return err;
	}
	txn->user = user;
	*out = txn;
	return 0;
}

/* To libosip2 a response is its class and a Via; the text that goes out is ours. */
static osip_message_t *response_stub(const struct sip_txn *txn, unsigned status)
{
	osip_message_t *msg;
	osip_via_t *via;

	if (osip_message_init(&msg))
		return NULL;
	msg->status_code = (int)status;
	if (osip_via_clone(txn->tr->topvia, &via)) {
		osip_message_free(msg);
		return NULL;
	}
	osip_list_add(&msg->vias, via, -1);
	return msg;
}

static void keep_answer_only(struct sip_txn *txn, int64_t now_us)
{
	int64_t limit_us = now_us + 64 * t1_us(txn);

	free_machine(txn);
	set_timers(txn, now_us, 0, limit_us);
}

void sip_txn_respond(struct sip_txn *txn, int64_t now_us, unsigned status, const char *text,
		     size_t len)
{
	osip_message_t *stub;

	if (!txn || !txn->tr || txn->dead)
		return;
	stub = response_stub(txn, status);
	if (!stub || set_text(txn, text, len)) {
		osip_message_free(stub);
		return;
	}
	execute(txn, now_us,
		status < 200   ? SND_STATUS_1XX
		: status < 300 ? SND_STATUS_2XX
			       : SND_STATUS_3456XX,
		stub);
	if (txn->kind == NIST ? txn->tr->state == NIST_COMPLETED
			      : status >= 200 && status < 300 && txn->tr->state == IST_TERMINATED)
		keep_answer_only(txn, now_us);
	else
		conclude(txn, now_us);
}

struct sip_txn *sip_txn_find_invite(struct sip_txn_layer *l, const struct sip_msg *cancel)
{
	char key[KEY_MAX];

	return find(l, key, server_key(key, cancel, "INVITE"));
}

void *sip_txn_user(const struct sip_txn *txn)
{
	return txn->user;
}

const struct sip_path *sip_txn_path(const struct sip_txn *txn)
{
	return &txn->path;
}

/* ---- layer ---- */

unsigned sip_txn_count(const struct sip_txn_layer *l)
{
	return l->count;
}

bool sip_txn_full(const struct sip_txn_layer *l)
{
	return l->count >= l->cfg.max;
}

int sip_txn_layer_create(struct sip_txn_layer **out, const struct sip_txn_layer_cfg *cfg)
{
	struct sip_txn_layer *l = calloc(1, sizeof(*l));

	*out = NULL;
	if (!l)
		return -ENOMEM;
	l->cfg = *cfg;
	LIST_INIT(&l->dead);
	osip_trace_initialize_func(OSIP_FATAL, trace_nothing);
	if (osip_init(&l->osip)) {
		free(l);
		return -ENOMEM;
	}
	set_callbacks(l->osip);
	*out = l;
	return 0;
}

void sip_txn_layer_destroy(struct sip_txn_layer *l)
{
	struct sip_txn *txn, *next;

	if (!l)
		return;
	HASH_ITER(hh, l->by_key, txn, next)
	sip_txn_kill(txn);
	sip_txn_reap(l);
	osip_release(l->osip);
	free(l);
}
