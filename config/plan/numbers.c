/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all rules of the number plan share: lists, look-ups, holidays, edges. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "config/plan/read.h"
#include "gateway/base/strbuf.h"

enum { LIST_FILE_MAX = 512 << 20, HOLIDAYS_MAX = 3660 };

/* ── lists ── */

static struct call_endpoint endpoint_of(void *arg, const char *text, size_t len)
{
	const struct config *c = arg;

	for (unsigned i = 0; i < c->span_count; i++) {
		char name[16];

		snprintf(name, sizeof(name), "span:%u", c->span[i].isdn.span);
		if (strlen(name) == len && memcmp(name, text, len) == 0)
			return (struct call_endpoint){CALL_EP_SPAN, c->span[i].isdn.span};
	}
	for (unsigned i = 0; i < c->trunk_count && len > 6 && memcmp(text, "trunk:", 6) == 0; i++)
		if (strlen(c->trunk[i].sip.name) == len - 6 &&
		    memcmp(c->trunk[i].sip.name, text + 6, len - 6) == 0)
			return (struct call_endpoint){CALL_EP_TRUNK, (uint16_t)i};
	return (struct call_endpoint){CALL_EP_NONE, 0};
}

static void load_list(struct build *b, const struct schema_value *v, struct plan_list **out)
{
	struct plan_list_error bad;
	const char *why;
	char path[600];
	size_t len = 0;
	void *csv;
	int err;

	plan_path_beside(b, v[LIST_FILE].text, path, sizeof(path));
	csv = plan_map_file(path, LIST_FILE_MAX, &len, &why);
	if (!csv) {
		COMPLAIN(b, v[LIST_FILE].node, "%s cannot be read: %s", path, why);
		return;
	}
	err = plan_list_parse(out, v[LIST_NAME].text, csv, len, endpoint_of, b->config, &bad);
	munmap(csv, len);
	if (err == -EINVAL)
		COMPLAIN(b, v[LIST_FILE].node, "%s:%u:%u: %s", path, bad.line, bad.column,
			 bad.text);
	else if (err)
		COMPLAIN(b, v[LIST_FILE].node, "%s: %s", path, strerror(-err));
}

static void read_lists(struct build *b, struct plan_shared *s)
{
	const struct schema_value *all = &s->numbers[NUMBERS_LISTS];

	for (const struct node *n = all->given && all->ok ? all->node->first : NULL; n;
	     n = n->next) {
		struct schema_value v[LIST_COUNT];

		if (n->kind != NODE_MAP) {
			COMPLAIN(b, n, "a list is a map: {name: NAME, file: FILE}");
			continue;
		}
		schema_read(b->report, n, NULL, "a list", schema_list, v);
		if (!plan_text(&v[LIST_NAME]))
			continue;
		for (unsigned i = 0; i < s->lists; i++)
			if (strcmp(s->list_name[i], v[LIST_NAME].text) == 0)
				COMPLAIN(b, v[LIST_NAME].node, "list %s stands twice",
					 v[LIST_NAME].text);
		s->list_name[s->lists] = v[LIST_NAME].text;
		if (plan_text(&v[LIST_FILE]))
			load_list(b, v, &s->list[s->lists]);
		s->lists++;
	}
}

/* ── look-ups ── */

static void read_lookup(struct build *b, struct plan_shared *s, const struct node *n)
{
	struct plan_lookup *l = &s->lookup[s->lookups];
	struct schema_value v[LOOKUP_COUNT];

	if (n->kind != NODE_MAP) {
		COMPLAIN(b, n, "a look-up is a map: {name: NAME, type: enum}");
		return;
	}
	schema_read(b->report, n, NULL, "a look-up", schema_lookup, v);
	if (!plan_text(&v[LOOKUP_NAME]) || !v[LOOKUP_TYPE].ok)
		return;
	for (unsigned i = 0; i < s->lookups; i++)
		if (strcmp(s->lookup[i].name, v[LOOKUP_NAME].text) == 0)
			COMPLAIN(b, v[LOOKUP_NAME].node, "look-up %s stands twice",
				 v[LOOKUP_NAME].text);
	l->name = v[LOOKUP_NAME].text;
	l->kind = (enum plan_lookup_kind)v[LOOKUP_TYPE].number;
	l->where = l->kind == PLAN_LOOKUP_ENUM	       ? plan_text(&v[LOOKUP_SUFFIX])
		   : plan_text(&v[LOOKUP_SERVICE]) ? v[LOOKUP_SERVICE].text
						       : l->name;
	if (!l->where)
		l->where = "e164.arpa";
	l->timeout_ms = (uint32_t)v[LOOKUP_TIMEOUT].number;
	l->fallback = (enum plan_fallback)v[LOOKUP_FAILED].number;
	l->routing_called = v[LOOKUP_ROUTING].number == 1;
	l->cause = (uint8_t)(v[LOOKUP_CAUSE].given ? v[LOOKUP_CAUSE].number : 0);
	s->lookups++;
}

/* ── edges ── */

static void read_edge(struct build *b, struct plan_shared *s, const struct node *map,
		      struct call_endpoint at)
{
	struct plan_edge *e = &s->edge[s->edges];
	struct schema_value v[EDGE_COUNT];

	schema_read(b->report, map, NULL, "numbers", schema_edge, v);
	if (!plan_text(&v[EDGE_PROFILE]))
		return;
	e->at = at;
	e->edge.profile = plan_find_profile(b, &v[EDGE_PROFILE]);
	if (!e->edge.profile)
		return;
	if (plan_text(&v[EDGE_AREA]))
		str_copy(e->edge.area, sizeof(e->edge.area), v[EDGE_AREA].text);
	if (plan_text(&v[EDGE_CARRIER]))
		str_copy(e->edge.carrier, sizeof(e->edge.carrier), v[EDGE_CARRIER].text);
	e->edge.bare = (enum e164_bare)v[EDGE_BARE].number;
	e->edge.form = (enum e164_form)v[EDGE_SEND].number;
	e->form_calling = v[EDGE_SEND_CALLING].given ? (enum e164_form)v[EDGE_SEND_CALLING].number
						     : e->edge.form;
	s->edges++;
}

static void read_edges(struct build *b, struct plan_shared *s)
{
	const struct config *c = b->config;

	s->edge = arena_alloc(b->arena, (c->span_count + c->trunk_count + 1) * sizeof(*s->edge));
	if (!s->edge)
		return;
	for (unsigned i = 0; i < c->span_count; i++)
		if (b->span[i].numbers)
			read_edge(b, s, b->span[i].numbers,
				  (struct call_endpoint){CALL_EP_SPAN, c->span[i].isdn.span});
	for (unsigned i = 0; i < c->trunk_count; i++)
		if (b->trunk[i].numbers)
			read_edge(b, s, b->trunk[i].numbers,
				  (struct call_endpoint){CALL_EP_TRUNK, (uint16_t)i});
}

/* ── the section ── */

void plan_read_causes(struct build *b, const struct schema_key *key, const struct schema_value *v,
		      uint32_t out[4])
{
	struct schema_value item;

	for (unsigned i = 0; v->given && v->ok && schema_item(b->report, key, v->node, i, &item);
	     i++)
		out[item.number / 32] |= UINT32_C(1) << item.number % 32;
}

static void read_holidays(struct build *b, struct plan_shared *s)
{
	const struct schema_value *v = &s->numbers[NUMBERS_HOLIDAYS];
	struct schema_value item;
	struct plan_dates d;

	if (!v->given || !v->ok)
		return;
	s->holiday = arena_alloc(b->arena, HOLIDAYS_MAX * sizeof(*s->holiday));
	for (unsigned i = 0; s->holiday && schema_item(b->report, &schema_numbers[NUMBERS_HOLIDAYS],
						       v->node, i, &item);
	     i++) {
		if (!plan_read_dates(b, item.node, &d))
			continue;
		for (int32_t day = d.from; day <= d.to && s->holidays < HOLIDAYS_MAX; day++)
			s->holiday[s->holidays++] = day;
	}
}

void plan_read_shared(struct build *b, struct plan_shared *s)
{
	const struct schema_value *top = &b->top[TOP_NUMBERS], *v = s->numbers;

	schema_read(b->report, top->given && top->ok ? top->node : NULL, b->root, "numbers",
		    schema_numbers, s->numbers);
	read_edges(b, s);
	if (plan_text(&v[NUMBERS_TIMEZONE]))
		plan_find_zone(b, s, &v[NUMBERS_TIMEZONE]);
	read_holidays(b, s);
	s->reroute_given = v[NUMBERS_REROUTE].given;
	plan_read_causes(b, &schema_numbers[NUMBERS_REROUTE], &v[NUMBERS_REROUTE], s->reroute);
	read_lists(b, s);
	for (const struct node *n = v[NUMBERS_LOOKUPS].given && v[NUMBERS_LOOKUPS].ok
					? v[NUMBERS_LOOKUPS].node->first
					: NULL;
	     n; n = n->next)
		read_lookup(b, s, n);
}

void plan_free_shared(struct plan_shared *s)
{
	for (unsigned i = 0; i < s->lists; i++)
		plan_list_destroy(s->list[i]);
	for (unsigned i = 0; i < s->zones; i++)
		zone_destroy(s->zone[i]);
}
