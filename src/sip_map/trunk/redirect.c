/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/sip_map/trunk/redirect.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/sip_map/trunk/name_addr.h"
#include "src/sip_map/trunk/trunk.h"

/* Calls f for each member of all such headers, in order, as long as it wants more. */
static void each(const struct guard_msg *g, enum guard_header_id id,
		 void (*f)(void *arg, const struct name_addr *entry), void *arg)
{
	unsigned entries = 0;
	struct name_addr entry;

	for (unsigned i = 0; i < g->header_count; i++) {
		const char *p = g->header[i].value;

		if (g->header[i].id != id)
			continue;
		while (entries < REDIRECT_ENTRIES_MAX && name_addr_next(&p, &entry)) {
			entries++;
			f(arg, &entry);
		}
	}
}

static bool read_number(struct call_number *n, struct text_span uri, bool restricted)
{
	char user[NAME_ADDR_USER_MAX];
	bool tel, found = name_addr_user(uri, user, &tel) && trunk_digits_parse(n, user, tel);

	if (!found)
		memset(n, 0, sizeof(*n));
	if (restricted) {
		n->present = true; /* who it was is not for us to know; that it was, is */
		n->presentation = CALL_PRES_RESTRICTED;
	}
	return n->present;
}

/* ── Diversion: the last one stands first (RFC 5806 4) ── */

struct story {
	struct call_number number;
	uint8_t reason;
	unsigned count, entries;
	struct text_span before; /* History-Info: URI of the entry in front */
	bool private_all;	 /* History-Info: Privacy: history of the message */
};

static uint8_t reason_of_word(const char *word)
{
	for (unsigned i = 0; i < redirect_word_count; i++)
		if (strcasecmp(redirect_words[i].word, word) == 0)
			return redirect_words[i].reason;
	return CALL_REDIRECT_UNKNOWN;
}

static unsigned counter_of(const struct name_addr *entry)
{
	char text[NAME_ADDR_PARAM_MAX];
	unsigned long n = name_addr_param(entry->params, "counter", text) ? strtoul(text, NULL, 10) : 1;

	return n == 0 ? 1 : n > UINT8_MAX ? UINT8_MAX : (unsigned)n;
}

static void take_diversion(void *arg, const struct name_addr *entry)
{
	char text[NAME_ADDR_PARAM_MAX];
	struct story *s = arg;
	bool restricted;

	s->count += counter_of(entry);
	if (s->entries++)
		return;
	restricted = name_addr_param(entry->params, "privacy", text) &&
		     (strcasecmp(text, "full") == 0 || strcasecmp(text, "uri") == 0);
	read_number(&s->number, entry->uri, restricted);
	if (name_addr_param(entry->params, "screen", text) && strcasecmp(text, "yes") == 0)
		s->number.screening = CALL_SCREEN_USER_PASSED;
	if (name_addr_param(entry->params, "reason", text))
		s->reason = reason_of_word(text);
}

/* ── History-Info: an entry whose URI has one of RFC 4458's causes was reached by a diversion, from
 * the entry in front of it (RFC 7544 4) ── */

static bool is_private(struct text_span uri)
{
	struct text_span headers = name_addr_uri_headers(uri);

	for (size_t i = 0; i + 15 <= headers.len; i++)
		if (strncasecmp(headers.at + i, "privacy=history", 15) == 0)
			return true;
	return false;
}

static void take_history(void *arg, const struct name_addr *entry)
{
	char text[NAME_ADDR_PARAM_MAX];
	struct story *s = arg;
	struct text_span before = s->before;
	unsigned long cause = 0;

	s->before = entry->uri;
	if (!s->entries++)
		return;
	if (name_addr_param(name_addr_uri_params(entry->uri), "cause", text))
		cause = strtoul(text, NULL, 10);
	for (unsigned i = 0; i < redirect_word_count; i++) {
		if (redirect_words[i].cause != cause)
			continue;
		s->count++;
		s->reason = redirect_words[i].reason;
		read_number(&s->number, before, s->private_all || is_private(before));
		return;
	}
}

static bool says_history(const struct guard_msg *g)
{
	const char *privacy = guard_find(g, GUARD_PRIVACY);

	for (; privacy && *privacy; privacy++)
		if (strncasecmp(privacy, "history", 7) == 0)
			return true;
	return false;
}

void trunk_redirect_parse(struct call_setup *setup, const struct guard_msg *g,
			  const struct sip_trunk_cfg *t)
{
	struct story s = {.private_all = says_history(g)};

	if (t->untrusted || t->redirecting == SIP_REDIRECTING_NONE)
		return;
	if (t->redirecting != SIP_REDIRECTING_HISTORY_INFO)
		each(g, GUARD_DIVERSION, take_diversion, &s);
	if (t->redirecting != SIP_REDIRECTING_DIVERSION && !s.entries)
		each(g, GUARD_HISTORY_INFO, take_history, &s);
	if (!s.number.present)
		return;
	setup->redirecting = s.number;
	setup->redirect_reason = s.reason;
	setup->redirect_count = s.count > UINT8_MAX ? UINT8_MAX : (uint8_t)s.count;
}
