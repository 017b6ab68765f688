/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/lookup/enum/resolver.h"

#include <ares.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/base/strbuf.h"
#include "gateway/lookup/enum/dns_sockets.h"
#include "gateway/lookup/enum/enum_wire.h"

enum {
	ROUNDS = 3,	      /* each server is asked so often; c-ares waits twice as long each time */
	EDNS_OCTETS = 1232,   /* of an answer over UDP (RFC 6891): no fragments */
	DNS_PORT = 53,
};

struct question {
	struct resolver *resolver;
	struct question *next; /* free, or done */
	uint64_t id;
	int64_t expires_us; /* then nobody waits for it any more */
	unsigned referrals;
	char number[CALL_DIGITS_MAX + 2];
	struct naptr_result result; /* when it is done */
};

struct resolver {
	struct resolver_cfg cfg;
	ares_channel channel;
	uv_timer_t timer;
	struct dns_sockets sockets;
	struct question *free, *done, **done_end;
	unsigned in_flight;
	struct question question[RESOLVER_QUESTIONS_MAX];
};

/* ── answers ── */

static void add_servers(const struct resolver *r, struct strbuf *b)
{
	char text[NET_ADDR_TEXT];

	for (unsigned i = 0; i < r->sockets.server_count; i++)
		strbuf_addf(b, "%s%s", i ? ", " : "",
			    net_addr_format(&r->sockets.server[i].addr, text));
}

static void set_failure(struct question *q, int status)
{
	static const struct {
		int status;
		const char *why;
	} known[] = {
	    {ARES_ETIMEOUT, "no DNS server answers"},
	    {ARES_ECONNREFUSED, "no DNS server can be reached"},
	    {ARES_ESERVFAIL, "DNS says SERVFAIL: those who hold the domain cannot be asked"},
	    {ARES_EREFUSED, "DNS refuses to answer this machine (REFUSED)"},
	    {ARES_EFORMERR, "the DNS server does not understand the question (FORMERR)"},
	    {ARES_ENOTIMP, "the DNS server does not know such questions (NOTIMP)"},
	    {ARES_EBADRESP, "the answer of the DNS server is malformed"},
	    {ARES_EBADNAME, "the number and the suffix make no domain name"},
	};
	struct strbuf b;
	const char *why = ares_strerror(status);

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].status == status)
			why = known[i].why;
	q->result = (struct naptr_result){.outcome = NAPTR_MALFORMED};
	strbuf_init(&b, q->result.why, sizeof(q->result.why));
	strbuf_addf(&b, "%s; asked: ", why);
	add_servers(q->resolver, &b);
}

/* c-ares may call this within ares_query(), too: it only notes what came. */
static void on_dns(void *arg, int status, int timeouts, unsigned char *answer, int len)
{
	struct question *q = arg;
	struct resolver *r = q->resolver;

	(void)timeouts;
	if (status == ARES_SUCCESS)
		enum_wire_decide(answer, (size_t)len, q->number, &q->result);
	else if (status == ARES_ENOTFOUND || status == ARES_ENODATA)
		q->result = (struct naptr_result){.outcome = NAPTR_NOTHING};
	else
		set_failure(q, status);
	q->next = NULL;
	*r->done_end = q;
	r->done_end = &q->next;
}

static bool follow(struct resolver *r, struct question *q)
{
	char domain[PLAN_QUERY_MAX];

	if (q->result.outcome != NAPTR_FOLLOW)
		return false;
	if (q->referrals++ == RESOLVER_REFERRALS_MAX) {
		q->result.outcome = NAPTR_MALFORMED;
		snprintf(q->result.why, sizeof(q->result.why),
			 "more than %d NAPTRs that only refer to others; the last one to %.100s",
			 RESOLVER_REFERRALS_MAX, q->result.follow);
		return false;
	}
	str_copy(domain, sizeof(domain), q->result.follow);
	ares_query(r->channel, domain, ns_c_in, ns_t_naptr, on_dns, q);
	return true;
}

static void answer(struct resolver *r, const struct question *q)
{
	struct plan_answer a = {.kind = PLAN_ANSWER_NOT_FOUND};

	if (q->result.outcome == NAPTR_NUMBER) {
		a = (struct plan_answer){.kind = PLAN_ANSWER_FOUND,
					 .has_called = true,
					 .called = q->result.called,
					 .porting = q->result.porting};
	} else if (q->result.outcome != NAPTR_NOTHING) {
		a.kind = PLAN_ANSWER_FAILED;
	}
	r->cfg.answered(r->cfg.arg, q->id, &a,
			a.kind == PLAN_ANSWER_FAILED ? q->result.why : NULL);
}

static void settle(struct resolver *r)
{
	int64_t now_us = r->done ? r->cfg.now_us(r->cfg.arg) : 0;

	while (r->done) {
		struct question *q = r->done, copy;
		bool waits = now_us < q->expires_us;

		r->done = q->next;
		if (!r->done)
			r->done_end = &r->done;
		if (waits && follow(r, q))
			continue;
		copy = *q; /* who is answered may ask again */
		q->next = r->free;
		r->free = q;
		r->in_flight--;
		if (waits)
			answer(r, &copy);
	}
}

/* ── the loop ── */

static void on_timer(uv_timer_t *timer);

static void arm(struct resolver *r)
{
	struct timeval tv, *next = ares_timeout(r->channel, NULL, &tv);

	if (!next && !r->done) {
		uv_timer_stop(&r->timer);
		return;
	}
	uv_update_time(r->cfg.loop);
	uv_timer_start(&r->timer, on_timer,
		       r->done ? 0 : (uint64_t)next->tv_sec * 1000 +
					 (uint64_t)next->tv_usec / 1000 + 1, 0);
}

static void process(struct resolver *r, ares_socket_t readable, ares_socket_t writable)
{
	ares_process_fd(r->channel, readable, writable);
	settle(r);
	arm(r);
}

static void on_timer(uv_timer_t *timer)
{
	process(timer->data, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

static void on_ready(void *arg, int fd, bool readable, bool writable)
{
	process(arg, readable ? fd : ARES_SOCKET_BAD, writable ? fd : ARES_SOCKET_BAD);
}

/* ── asking ── */

static int use_servers(struct resolver *r)
{
	struct ares_addr_port_node node[RESOLVER_SERVERS_MAX] = {{0}};

	for (unsigned i = 0; i < r->sockets.server_count; i++) {
		const struct net_addr *a = &r->sockets.server[i].addr;

		node[i].next = i + 1 < r->sockets.server_count ? &node[i + 1] : NULL;
		node[i].family = a->family == 6 ? AF_INET6 : AF_INET;
		memcpy(&node[i].addr, a->ip, a->family == 6 ? 16 : 4);
		node[i].udp_port = node[i].tcp_port = a->port;
	}
	return ares_set_servers_ports(r->channel, node);
}

/* c-ares begins with the first server each time. When that one is silent and another is not, it goes
 * to the end, so that calls do not wait for it. Only while nothing is asked: c-ares wants it so. */
static void prefer_one_that_answers(struct resolver *r)
{
	struct lookup_server *s = r->sockets.server, first = s[0];
	unsigned last = r->sockets.server_count - 1;
	bool better = false;

	for (unsigned i = 1; i <= last; i++)
		better |= s[i].answered && !s[i].in_row;
	if (!first.in_row || !better || r->in_flight)
		return;
	memmove(&s[0], &s[1], last * sizeof(s[0]));
	s[last] = first;
	use_servers(r);
}

bool resolver_ask(struct resolver *r, const struct lookup_question *question)
{
	struct question *q = r->free;

	if (!q)
		return false;
	prefer_one_that_answers(r);
	r->free = q->next;
	r->in_flight++;
	q->id = question->id;
	q->expires_us = r->cfg.now_us(r->cfg.arg) + (int64_t)question->timeout_ms * US_PER_MS;
	q->referrals = 0;
	str_copy(q->number, sizeof(q->number), question->number);
	ares_query(r->channel, question->where, ns_c_in, ns_t_naptr, on_dns, q);
	arm(r);
	return true;
}

bool resolver_server(const struct resolver *r, unsigned index, struct lookup_server *out)
{
	if (index >= r->sockets.server_count)
		return false;
	*out = r->sockets.server[index];
	return true;
}

/* ── begin and end ── */

static void add_server(struct resolver *r, const struct net_addr *addr)
{
	struct lookup_server *s = &r->sockets.server[r->sockets.server_count];

	if (r->sockets.server_count == RESOLVER_SERVERS_MAX)
		return;
	*s = (struct lookup_server){.addr = *addr};
	if (!s->addr.port)
		s->addr.port = DNS_PORT;
	r->sockets.server_count++;
}

/* Those that c-ares found in /etc/resolv.conf. */
static void find_servers(struct resolver *r)
{
	struct ares_addr_port_node *all = NULL;

	if (ares_get_servers_ports(r->channel, &all) != ARES_SUCCESS)
		return;
	for (struct ares_addr_port_node *n = all; n; n = n->next) {
		bool v6 = n->family == AF_INET6;
		struct net_addr a = {.family = v6 ? 6 : 4, .port = (uint16_t)n->udp_port};

		memcpy(a.ip, &n->addr, v6 ? 16 : 4);
		add_server(r, &a);
	}
	ares_free_data(all);
}

static int init_channel(struct resolver *r)
{
	struct ares_options o = {
	    .flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_EDNS,
	    .timeout = (int)r->cfg.retry_ms,
	    .tries = ROUNDS,
	    .ednspsz = EDNS_OCTETS,
	    .lookups = (char[]){"b"},
	    .sock_state_cb = dns_sockets_state,
	    .sock_state_cb_data = &r->sockets,
	    .resolvconf_path = (char[]){"/dev/null"},
	};
	int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ |
		   ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB | ARES_OPT_NOROTATE;
	int status;

	if (r->cfg.server_count)
		mask |= ARES_OPT_RESOLVCONF;
	status = ares_init_options(&r->channel, &o, mask);
	if (status != ARES_SUCCESS)
		return status;
	for (unsigned i = 0; i < r->cfg.server_count; i++)
		add_server(r, &r->cfg.server[i]);
	if (!r->cfg.server_count)
		find_servers(r);
	dns_sockets_attach(&r->sockets, r->channel);
	return r->sockets.server_count ? use_servers(r) : ARES_EFILE;
}

static void on_closed(uv_handle_t *timer)
{
	struct resolver *r = timer->data;

	free(r);
}

int resolver_create(struct resolver **out, const struct resolver_cfg *cfg, char *why, size_t size)
{
	struct resolver *r = calloc(1, sizeof(*r));
	int status = r ? ares_library_init(ARES_LIB_INIT_ALL) : ARES_ENOMEM;

	if (status != ARES_SUCCESS) {
		free(r);
		snprintf(why, size, "%s", ares_strerror(status));
		return -ENOMEM;
	}
	r->cfg = *cfg;
	r->done_end = &r->done;
	for (unsigned i = RESOLVER_QUESTIONS_MAX; i-- > 0; r->free = &r->question[i])
		r->question[i] = (struct question){.resolver = r, .next = r->free};
	uv_timer_init(cfg->loop, &r->timer);
	r->timer.data = r;
	dns_sockets_init(&r->sockets, cfg->loop, cfg->now_us, cfg->arg, on_ready, r);
	status = init_channel(r);
	if (status != ARES_SUCCESS) {
		snprintf(why, size, "%s", ares_strerror(status));
		resolver_destroy(r);
		return status == ARES_ENOMEM ? -ENOMEM : -EINVAL;
	}
	*out = r;
	return 0;
}

void resolver_destroy(struct resolver *r)
{
	if (!r)
		return;
	if (r->channel)
		ares_destroy(r->channel);
	ares_library_cleanup();
	uv_close((uv_handle_t *)&r->timer, on_closed);
}
