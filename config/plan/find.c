/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Spans and trunks, as the number plan names them. */
#include <string.h>

#include "config/plan/read.h"
#include "gateway/base/strbuf.h"

const char *plan_text(const struct schema_value *v)
{
	return v->ok && v->text && *v->text ? v->text : NULL;
}

static void list_known(const struct config *c, bool spans, char *out, size_t size)
{
	struct strbuf s;

	strbuf_init(&s, out, size);
	for (unsigned i = 0; spans && i < c->span_count && i < 8; i++)
		if (c->span[i].isdn.span)
			strbuf_addf(&s, "%sspan:%u", s.len ? ", " : "", c->span[i].isdn.span);
	for (unsigned i = 0; !spans && i < c->trunk_count && i < 8; i++)
		if (*c->trunk[i].sip.name)
			strbuf_addf(&s, "%strunk:%s", s.len ? ", " : "", c->trunk[i].sip.name);
	if (!s.len)
		strbuf_add(&s, "none");
}

/* One of them could not be read: it may be the one that a rule names. */
static bool any_unnamed(const struct config *c, bool spans)
{
	unsigned count = spans ? c->span_count : c->trunk_count;

	for (unsigned i = 0; i < count; i++)
		if (spans ? c->span[i].isdn.span == 0 : !*c->trunk[i].sip.name)
			return true;
	return count == 0;
}

struct call_endpoint plan_find_endpoint(struct build *b, const struct schema_value *v)
{
	const struct config *c = b->config;
	struct call_endpoint ep = {.kind = CALL_EP_NONE};
	char seen[REPORT_QUOTE], known[400];

	if (!v->ok || (!v->text && !v->number))
		return ep;
	for (unsigned i = 0; i < c->span_count && v->number; i++)
		if (c->span[i].isdn.span == v->number)
			return (struct call_endpoint){CALL_EP_SPAN, (uint16_t)v->number};
	for (unsigned i = 0; i < c->trunk_count && v->text; i++)
		if (strcmp(c->trunk[i].sip.name, v->text) == 0)
			return (struct call_endpoint){CALL_EP_TRUNK, (uint16_t)i};
	if (any_unnamed(c, v->number))
		return ep;
	list_known(c, v->number, known, sizeof(known));
	COMPLAIN(b, v->node, "there is no %s %s; there is: %s", v->number ? "span" : "trunk",
		 report_quote(seen, v->node->text + (v->number ? 5 : 6)), known);
	return ep;
}
