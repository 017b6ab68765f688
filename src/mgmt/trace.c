/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/mgmt/trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <uthash.h>

#include "src/isdn_map/isdn_frame.h"

enum { KEYS_PER_CALL = 4, BACK_US = 60 * 1000000 /* how old a SETUP may be when its call comes */ };

/* ISDN keys have the top bit, SIP keys (a hash of the Call-ID) have not. 0: none. */
#define ISDN_KEY (UINT64_C(1) << 63)

struct kept {
	struct trace_event e; /* octets: not used */
	uint64_t key;
	uint8_t *octets; /* owner: the trace */
};

struct rung {
	struct trace_event e;
	uint8_t octets[TRACE_LADDER_OCTETS];
};

struct ladder {
	call_id call;
	uint64_t key[KEYS_PER_CALL]; /* bound to it, the newest first */
	uint64_t count;		     /* messages so far */
	struct rung *rung;	     /* TRACE_LADDER of them; owner: the trace */
	TAILQ_ENTRY(ladder) entry;   /* the one that was silent for longest is the first */
	UT_hash_handle hh;
};

struct binding {
	uint64_t key;
	struct ladder *ladder;
	UT_hash_handle hh;
};

struct trace {
	struct kept event[TRACE_EVENTS]; /* number n is at n modulo TRACE_EVENTS */
	uint64_t next;
	unsigned ladders, ladders_max;
	struct ladder *by_call;
	struct binding *by_key;
	TAILQ_HEAD(, ladder) order;
};

int trace_create(struct trace **out, unsigned calls)
{
	struct trace *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	t->next = 1;
	t->ladders_max = calls ? calls : 1;
	TAILQ_INIT(&t->order);
	*out = t;
	return 0;
}

static void unbind_key(struct trace *t, uint64_t key)
{
	struct binding *b;

	HASH_FIND(hh, t->by_key, &key, sizeof(key), b);
	if (!b)
		return;
	HASH_DEL(t->by_key, b);
	free(b);
}

/* Another call may have taken the key over. */
static void drop_key(struct trace *t, struct ladder *l, unsigned i)
{
	struct binding *b = NULL;

	if (l->key[i])
		HASH_FIND(hh, t->by_key, &l->key[i], sizeof(l->key[i]), b);
	if (b && b->ladder == l)
		unbind_key(t, l->key[i]);
	l->key[i] = 0;
}

static void unbind_ladder(struct trace *t, struct ladder *l)
{
	for (unsigned i = 0; i < KEYS_PER_CALL; i++)
		drop_key(t, l, i);
}

static void free_ladder(struct trace *t, struct ladder *l)
{
	unbind_ladder(t, l);
	HASH_DEL(t->by_call, l);
	TAILQ_REMOVE(&t->order, l, entry);
	t->ladders--;
	free(l->rung);
	free(l);
}

void trace_destroy(struct trace *t)
{
	if (!t)
		return;
	while (!TAILQ_EMPTY(&t->order))
		free_ladder(t, TAILQ_FIRST(&t->order));
	for (unsigned i = 0; i < TRACE_EVENTS; i++)
		free(t->event[i].octets);
	free(t);
}

static struct ladder *find_ladder(const struct trace *t, call_id call)
{
	struct ladder *l;

	HASH_FIND(hh, t->by_call, &call, sizeof(call), l);
	return l;
}

static struct ladder *get_ladder(struct trace *t, call_id call)
{
	struct ladder *l = find_ladder(t, call);

	if (l)
		return l;
	if (t->ladders == t->ladders_max)
		free_ladder(t, TAILQ_FIRST(&t->order));
	l = calloc(1, sizeof(*l));
	if (l)
		l->rung = calloc(TRACE_LADDER, sizeof(*l->rung));
	if (!l || !l->rung) {
		free(l);
		return NULL;
	}
	l->call = call;
	HASH_ADD(hh, t->by_call, call, sizeof(l->call), l);
	TAILQ_INSERT_TAIL(&t->order, l, entry);
	t->ladders++;
	return l;
}

/* The first messages stay, the others are a ring. */
static unsigned rung_place(uint64_t n)
{
	return (unsigned)(n < TRACE_LADDER
			      ? n
			      : TRACE_LADDER_FIRST +
				    (n - TRACE_LADDER_FIRST) % (TRACE_LADDER - TRACE_LADDER_FIRST));
}

/* LAPD's own frames belong to no call and are never bound, so every event here is a message. */
static void climb(struct trace *t, struct ladder *l, const struct kept *k)
{
	struct rung *r = &l->rung[rung_place(l->count++)];

	r->e = k->e;
	if (r->e.len > sizeof(r->octets))
		r->e.len = sizeof(r->octets);
	memcpy(r->octets, k->octets, r->e.len);
	TAILQ_REMOVE(&t->order, l, entry);
	TAILQ_INSERT_TAIL(&t->order, l, entry);
}

static void add(struct trace *t, const struct trace_event *e, uint64_t key, const void *octets)
{
	struct kept *k = &t->event[t->next % TRACE_EVENTS];
	struct binding *b = NULL;

	free(k->octets);
	*k = (struct kept){.e = *e, .key = key};
	k->e.whole_len = e->len;
	if (k->e.len > TRACE_OCTETS_MAX)
		k->e.len = TRACE_OCTETS_MAX;
	k->octets = malloc(k->e.len + 1);
	t->next++;
	if (!k->octets)
		return; /* the number is missed, which the reader does not mind */
	memcpy(k->octets, octets, k->e.len);
	if (key)
		HASH_FIND(hh, t->by_key, &key, sizeof(key), b);
	if (!b)
		return;
	k->e.call = b->ladder->call;
	climb(t, b->ladder, k);
}

static uint64_t isdn_key(uint16_t span, uint16_t cref, bool ours)
{
	return ISDN_KEY | (uint64_t)span << 32 | (uint64_t)ours << 16 | cref;
}

void trace_add_frame(struct trace *t, int64_t wall_us, uint16_t span, bool outbound,
		     const uint8_t *frame, size_t len)
{
	struct trace_event e = {
	    .wall_us = wall_us, .kind = TRACE_ISDN, .outbound = outbound, .span = span, .len = len};
	struct isdn_frame f;

	isdn_frame_decode(&f, frame, len);
	add(t, &e, f.is_message && f.cref ? isdn_key(span, f.cref, outbound != f.cref_flag) : 0,
	    frame);
}

/* FNV-1a, 63 bits. */
static uint64_t sip_key(const char *text, size_t n)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ (uint8_t)text[i]) * UINT64_C(0x100000001b3);
	hash &= ~ISDN_KEY;
	return hash ? hash : 1;
}

/* The value of a header with one of these names: where it is, and how long. */
static const char *find_header(const char *msg, size_t len, const char *name, const char *brief,
			       size_t *value_len)
{
	const char *line = msg, *end = msg + len;

	while (line < end) {
		const char *eol = memchr(line, '\n', (size_t)(end - line)), *colon, *from;
		size_t n = (size_t)((eol ? eol : end) - line), head;

		if (n == 0 || (n == 1 && *line == '\r'))
			return NULL; /* the body begins */
		colon = memchr(line, ':', n);
		head = colon ? (size_t)(colon - line) : 0;
		while (head && (line[head - 1] == ' ' || line[head - 1] == '\t'))
			head--;
		if (head && ((head == strlen(name) && !strncasecmp(line, name, head)) ||
			     (brief && head == strlen(brief) && !strncasecmp(line, brief, head)))) {
			from = colon + 1;
			while (from < line + n && (*from == ' ' || *from == '\t'))
				from++;
			n = (size_t)(line + n - from);
			while (n &&
			       (from[n - 1] == '\r' || from[n - 1] == ' ' || from[n - 1] == '\t'))
				n--;
			*value_len = n;
			return from;
		}
		line = eol ? eol + 1 : end;
	}
	return NULL;
}

void trace_add_sip(struct trace *t, int64_t wall_us, bool outbound, const struct net_addr *peer,
		   const char *msg, size_t len)
{
	struct trace_event e = {
	    .wall_us = wall_us, .kind = TRACE_SIP, .outbound = outbound, .peer = *peer, .len = len};
	size_t n = 0;
	const char *id = find_header(msg, len, "Call-ID", "i", &n);

	add(t, &e, id ? sip_key(id, n) : 0, msg);
}

/* Messages that came before their call was there. */
static void look_back(struct trace *t, struct ladder *l, uint64_t key)
{
	int64_t since_us;

	if (t->next == 1)
		return;
	since_us = t->event[(t->next - 1) % TRACE_EVENTS].e.wall_us - BACK_US;
	for (uint64_t n = trace_first(t); n < t->next; n++) {
		struct kept *k = &t->event[n % TRACE_EVENTS];

		if (k->key != key || k->e.call || !k->octets || k->e.wall_us < since_us)
			continue;
		k->e.call = l->call;
		climb(t, l, k);
	}
}

static void bind_key(struct trace *t, call_id call, uint64_t key)
{
	struct ladder *l = call ? get_ladder(t, call) : NULL;
	struct binding *b;

	if (!l)
		return;
	HASH_FIND(hh, t->by_key, &key, sizeof(key), b);
	if (b && b->ladder == l)
		return;
	unbind_key(t, key);
	b = calloc(1, sizeof(*b));
	if (!b)
		return;
	drop_key(t, l, KEYS_PER_CALL - 1);
	memmove(l->key + 1, l->key, sizeof(l->key) - sizeof(l->key[0]));
	l->key[0] = key;
	*b = (struct binding){.key = key, .ladder = l};
	HASH_ADD(hh, t->by_key, key, sizeof(b->key), b);
	look_back(t, l, key);
}

void trace_bind_isdn(struct trace *t, call_id call, uint16_t span, uint16_t cref, bool ours)
{
	bind_key(t, call, isdn_key(span, cref, ours));
}

void trace_bind_sip(struct trace *t, call_id call, const char *sip_call_id)
{
	bind_key(t, call, sip_key(sip_call_id, strlen(sip_call_id)));
}

void trace_unbind(struct trace *t, call_id call)
{
	struct ladder *l = find_ladder(t, call);

	if (l)
		unbind_ladder(t, l);
}

uint64_t trace_next(const struct trace *t)
{
	return t->next;
}

uint64_t trace_first(const struct trace *t)
{
	return t->next > TRACE_EVENTS ? t->next - TRACE_EVENTS : 1;
}

bool trace_get(const struct trace *t, uint64_t number, struct trace_event *out)
{
	const struct kept *k = &t->event[number % TRACE_EVENTS];

	if (number < trace_first(t) || number >= t->next || !k->octets)
		return false;
	*out = k->e;
	out->octets = k->octets;
	return true;
}

bool trace_ladder(const struct trace *t, call_id call, unsigned i, struct trace_event *out,
		  unsigned *left_out)
{
	const struct ladder *l = find_ladder(t, call);
	uint64_t missing = l && l->count > TRACE_LADDER ? l->count - TRACE_LADDER : 0;
	uint64_t n = i < TRACE_LADDER_FIRST ? i : i + missing;
	const struct rung *r;

	*left_out = (unsigned)missing;
	if (!l || n >= l->count)
		return false;
	r = &l->rung[rung_place(n)];
	*out = r->e;
	out->octets = r->octets;
	return true;
}
