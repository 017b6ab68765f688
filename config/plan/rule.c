/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One rule or rewrite of the number plan, from the words of the file to values. */
#include <string.h>

#include "config/plan/read.h"
#include "gateway/base/strbuf.h"

/* Words to codes of the wire; the short form's tables begin with `any` or `leave`. */
static const uint8_t ton_code[] = {CALL_TON_UNKNOWN, CALL_TON_INTERNATIONAL, CALL_TON_NATIONAL,
				   CALL_TON_NETWORK, CALL_TON_SUBSCRIBER, CALL_TON_ABBREVIATED};
static const int8_t set_ton_code[] = {CALL_TON_UNKNOWN, CALL_TON_INTERNATIONAL, CALL_TON_NATIONAL,
				      CALL_TON_NETWORK, CALL_TON_SUBSCRIBER, CALL_TON_ABBREVIATED,
				      PLAN_TON_SAME};
static const uint8_t npi_code[] = {CALL_NPI_UNKNOWN, CALL_NPI_E164, CALL_NPI_PRIVATE};
static const enum call_bearer bearer_code[] = {CALL_BEARER_SPEECH, CALL_BEARER_AUDIO_3K1,
					       CALL_BEARER_UNRESTRICTED, CALL_BEARER_RESTRICTED,
					       CALL_BEARER_VIDEO};
enum { BEARERS = sizeof(bearer_code) / sizeof(bearer_code[0]) };

static const struct node *map_of(const struct schema_value *v)
{
	return v->given && v->ok ? v->node : NULL;
}

static void *more(struct build *b, size_t count, size_t size)
{
	void *at = arena_alloc(b->arena, (count ? count : 1) * size);

	if (!at)
		report_add(b->report, 0, 0, "out of memory");
	return at;
}

static unsigned items_of(const struct schema_value *v)
{
	if (!v->given || !v->ok)
		return 0;
	return v->node->kind == NODE_LIST ? v->node->count : 1;
}

/* ── endpoints ── */

/* "any" among them: no condition. */
static void read_endpoints(struct build *b, const struct schema_key *key,
			   const struct schema_value *v, const struct call_endpoint **out,
			   unsigned *count)
{
	unsigned items = items_of(v);
	struct call_endpoint *ep = more(b, items, sizeof(*ep));
	struct schema_value item;

	for (unsigned i = 0; i < items && ep; i++) {
		schema_item(b->report, key, v->node, i, &item);
		ep[*count] = plan_find_endpoint(b, &item);
		if (strcmp(item.node->text, "any") == 0) {
			*count = 0;
			return;
		}
		*count += ep[*count].kind != CALL_EP_NONE;
	}
	*out = ep;
}

/* ── match ── */

static unsigned code_bits(struct build *b, const struct schema_key *key,
			  const struct schema_value *v, const uint8_t *code)
{
	unsigned bits = 0, items = items_of(v);
	struct schema_value item;

	for (unsigned i = 0; i < items; i++) {
		schema_item(b->report, key, v->node, i, &item);
		bits |= 1U << (code ? code[item.number] : item.number);
	}
	return bits;
}

static void find_list(struct build *b, const struct plan_shared *s, const struct schema_value *v,
		      struct plan_match *out)
{
	char seen[REPORT_QUOTE];

	for (unsigned i = 0; i < s->lists; i++)
		if (strcmp(s->list_name[i], v->text) == 0) {
			out->list = (uint16_t)i;
			out->kind = PLAN_MATCH_LIST;
			return;
		}
	COMPLAIN(b, v->node, "there is no list %s in numbers.lists", report_quote(seen, v->text));
}

static void read_number_match(struct build *b, const struct plan_shared *s, const struct node *map,
			      const char *name, struct plan_match *out)
{
	static const enum plan_match_kind kind[] = {PLAN_MATCH_PREFIX, PLAN_MATCH_PATTERN,
						    PLAN_MATCH_RANGE, PLAN_MATCH_REGEX};
	struct schema_value v[MATCH_COUNT];
	const char *before = NULL;

	schema_read(b->report, map, NULL, name, schema_match_number, v);
	for (unsigned i = MATCH_PREFIX; i <= MATCH_LIST; i++) {
		if (!v[i].given)
			continue;
		if (before)
			COMPLAIN(b, v[i].node->key, "either %s or %s; give one", before,
				 schema_match_number[i].key);
		before = schema_match_number[i].key;
		if (!plan_text(&v[i]))
			continue;
		if (i == MATCH_LIST) {
			find_list(b, s, &v[i], out);
		} else {
			out->kind = kind[i];
			out->text = v[i].text;
		}
	}
	out->tons = (uint8_t)code_bits(b, &schema_match_number[MATCH_TON], &v[MATCH_TON], ton_code);
	out->npis = (uint16_t)code_bits(b, &schema_match_number[MATCH_NPI], &v[MATCH_NPI], npi_code);
	out->presentations = (uint8_t)code_bits(b, &schema_match_number[MATCH_PRESENTATION],
						&v[MATCH_PRESENTATION], NULL);
	out->absent = v[MATCH_ABSENT].ok && v[MATCH_ABSENT].number;
}

static void read_match(struct build *b, const struct plan_shared *s, const struct node *map,
		       struct plan_rule *out)
{
	struct schema_value v[OF_COUNT], item;
	enum call_bearer *bearer = more(b, BEARERS, sizeof(*bearer));

	schema_read(b->report, map, NULL, "match", schema_match, v);
	for (unsigned i = 0; i < PLAN_NUMBERS; i++)
		if (map_of(&v[i]))
			read_number_match(b, s, v[i].node, schema_match[i].key, &out->match[i]);
	out->match_name = plan_text(&v[OF_NAME]);
	for (unsigned i = 0; i < items_of(&v[OF_BEARER]) && bearer; i++) {
		schema_item(b->report, &schema_match[OF_BEARER], v[OF_BEARER].node, i, &item);
		bearer[out->bearer_count++] = bearer_code[item.number];
	}
	out->bearer = bearer;
}

/* ── set ── */

static void read_number_set(struct build *b, const struct node *map, const char *name,
			    struct plan_set *out)
{
	struct schema_value v[SET_COUNT];

	schema_read(b->report, map, NULL, name, schema_set_number, v);
	out->strip = (uint8_t)(v[SET_STRIP].ok ? v[SET_STRIP].number : 0);
	out->prepend = plan_text(&v[SET_PREPEND]);
	out->number = plan_text(&v[SET_NUMBER]);
	if (v[SET_TON].given && v[SET_TON].ok)
		out->ton = set_ton_code[v[SET_TON].number];
	if (v[SET_NPI].given && v[SET_NPI].ok)
		out->npi = (int8_t)npi_code[v[SET_NPI].number];
	if (v[SET_PRESENTATION].given && v[SET_PRESENTATION].ok)
		out->presentation = (int8_t)v[SET_PRESENTATION].number;
	if (v[SET_SCREENING].given && v[SET_SCREENING].ok)
		out->screening = (int8_t)v[SET_SCREENING].number;
	out->remove = v[SET_REMOVE].ok && v[SET_REMOVE].number;
	if (out->remove && strcmp(name, "called") == 0)
		COMPLAIN(b, v[SET_REMOVE].node, "a call needs a called number; it stays");
}

/* name, bearer NULL: they are not to be set here. */
static void read_set(struct build *b, const struct node *map, struct plan_set set[PLAN_NUMBERS],
		     struct plan_rule *rule)
{
	struct schema_value v[OF_COUNT];

	schema_read(b->report, map, NULL, "set", schema_set, v);
	for (unsigned i = 0; i < PLAN_NUMBERS; i++)
		if (map_of(&v[i]))
			read_number_set(b, v[i].node, schema_set[i].key, &set[i]);
	if (!rule) {
		for (unsigned i = OF_NAME; i <= OF_BEARER; i++)
			if (v[i].given)
				COMPLAIN(b, v[i].node->key,
					 "%s is set by the rule, not for one target",
					 schema_set[i].key);
		return;
	}
	rule->set_name = plan_text(&v[OF_NAME]);
	if (v[OF_BEARER].given && v[OF_BEARER].ok)
		rule->set_bearer = (int16_t)bearer_code[v[OF_BEARER].number];
}

/* ── limits and targets ── */

static void read_limit(struct build *b, const struct node *map, struct plan_limit *out)
{
	struct schema_value v[LIMIT_COUNT];

	schema_read(b->report, map, NULL, "limit", schema_limit, v);
	*out = (struct plan_limit){.calls = (uint32_t)v[LIMIT_CALLS].number,
				   .per_second = (uint32_t)v[LIMIT_SECOND].number,
				   .per_minute = (uint32_t)v[LIMIT_MINUTE].number,
				   .cause = (uint8_t)v[LIMIT_CAUSE].number};
	if (!out->calls && !out->per_second && !out->per_minute && !b->report->count)
		COMPLAIN(b, map, "limit has no calls, per_second or per_minute");
}

/* "0.0125" in millionths. */
static uint32_t read_cost(struct build *b, const struct schema_value *v)
{
	const char *p = plan_text(v);
	uint64_t n = 0;
	int decimals = -1;

	if (!p)
		return 0;
	for (; *p; p++) {
		if (*p == '.' && decimals < 0) {
			decimals = 0;
			continue;
		}
		if (*p < '0' || *p > '9' || decimals == 6)
			break;
		n = n * 10 + (unsigned)(*p - '0');
		decimals += decimals >= 0;
	}
	for (decimals = decimals < 0 ? 0 : decimals; decimals < 6; decimals++)
		n *= 10;
	if (!*p && n <= UINT32_MAX)
		return (uint32_t)n;
	COMPLAIN(b, v->node, "a cost is a number such as 0.0125, up to 4000");
	return 0;
}

static void read_target(struct build *b, const struct node *map, struct plan_target *out)
{
	struct schema_value v[TO_COUNT];

	*out = plan_target_nothing();
	if (map->kind != NODE_MAP) {
		if (!map->bad)
			COMPLAIN(b, map, "a target is a map: {to: trunk:NAME}");
		return;
	}
	schema_read(b->report, map, NULL, "a target", schema_target, v);
	out->to = plan_find_endpoint(b, &v[TO_TO]);
	out->priority = (uint16_t)v[TO_PRIORITY].number;
	out->weight = (uint16_t)v[TO_WEIGHT].number;
	out->cost = read_cost(b, &v[TO_COST]);
	if (map_of(&v[TO_LIMIT]))
		read_limit(b, v[TO_LIMIT].node, &out->limit);
	if (map_of(&v[TO_SET]))
		read_set(b, v[TO_SET].node, out->set, NULL);
}

static void read_targets(struct build *b, const struct schema_value *v, struct plan_rule *out)
{
	const struct schema_value *many = &v[PLAN_TARGETS], *one = &v[PLAN_TO];
	struct plan_target *t;

	if (many->given && one->given)
		COMPLAIN(b, one->node->key, "either to or targets; give one");
	if (!map_of(many) && !one->given)
		return;
	t = more(b, many->given ? many->node->count : 1, sizeof(*t));
	if (!t)
		return;
	out->target = t;
	if (map_of(many)) {
		for (const struct node *n = many->node->first; n; n = n->next)
			read_target(b, n, &t[out->target_count++]);
		return;
	}
	t[0] = plan_target_nothing();
	t[0].to = plan_find_endpoint(b, one);
	out->target_count = 1;
}

/* A bridge of two timeslots or two RTP streams is not there yet. */
static void check_sides(struct build *b, const struct node *map, const struct plan_rule *r)
{
	for (unsigned f = 0; f < r->from_count; f++)
		for (unsigned t = 0; t < r->target_count; t++) {
			bool span = r->from[f].kind == CALL_EP_SPAN;
			const struct node *at = map->first;

			if (r->from[f].kind != r->target[t].to.kind)
				continue;
			while (at && strcmp(at->key->text, "to") && strcmp(at->key->text, "targets"))
				at = at->next;
			COMPLAIN(b, at ? at : map,
				 "a call from a %s cannot go to a %s yet; name a %s",
				 span ? "span" : "trunk", span ? "span" : "trunk",
				 span ? "trunk" : "span");
			return;
		}
}

/* ── rules ── */

/* prefix, ton, strip, prepend, set_ton, set_npi: the called number's. */
static void read_short_form(struct build *b, const struct schema_value *v, struct plan_rule *out)
{
	struct plan_match *m = &out->match[PLAN_CALLED];
	struct plan_set *s = &out->set[PLAN_CALLED];

	if (plan_text(&v[PLAN_PREFIX])) {
		if (m->kind != PLAN_MATCH_ANY)
			COMPLAIN(b, v[PLAN_PREFIX].node->key,
				 "the called number is matched twice, here and in match");
		m->kind = PLAN_MATCH_PREFIX;
		m->text = v[PLAN_PREFIX].text;
	}
	if (v[PLAN_TON].ok && v[PLAN_TON].number > 0)
		m->tons = (uint8_t)(1 << ton_code[v[PLAN_TON].number - 1]);
	if (v[PLAN_STRIP].ok && v[PLAN_STRIP].given)
		s->strip = (uint8_t)v[PLAN_STRIP].number;
	if (plan_text(&v[PLAN_PREPEND]))
		s->prepend = v[PLAN_PREPEND].text;
	if (v[PLAN_SET_TON].ok && v[PLAN_SET_TON].number > 0)
		s->ton = (int8_t)ton_code[v[PLAN_SET_TON].number - 1];
	if (v[PLAN_SET_NPI].ok && v[PLAN_SET_NPI].number > 0)
		s->npi = (int8_t)npi_code[v[PLAN_SET_NPI].number - 1];
}

static void find_lookup(struct build *b, const struct plan_shared *s, const struct schema_value *v,
			struct plan_rule *out)
{
	char seen[REPORT_QUOTE];

	if (!plan_text(v))
		return;
	for (unsigned i = 0; i < s->lookups; i++)
		if (strcmp(s->lookup[i].name, v->text) == 0)
			out->lookup = (uint16_t)(i + 1);
	if (!out->lookup)
		COMPLAIN(b, v->node, "there is no look-up %s in numbers.lookups",
			 report_quote(seen, v->text));
}

void plan_read_rule(struct build *b, struct plan_shared *s, const struct node *map,
		    struct plan_rule *out)
{
	struct schema_value v[PLAN_COUNT];

	*out = plan_rule_nothing();
	out->name = "";
	out->line = map->line;
	if (map->kind != NODE_MAP) {
		if (!map->bad)
			COMPLAIN(b, map,
				 "a rule is a map: \"- name: NAME\" and further keys below it");
		return;
	}
	schema_read(b->report, map, NULL, "a rule", schema_plan, v);
	if (plan_text(&v[PLAN_NAME]))
		out->name = v[PLAN_NAME].text;
	read_endpoints(b, &schema_plan[PLAN_FROM], &v[PLAN_FROM], &out->from, &out->from_count);
	if (map_of(&v[PLAN_MATCH]))
		read_match(b, s, v[PLAN_MATCH].node, out);
	if (map_of(&v[PLAN_SET]))
		read_set(b, v[PLAN_SET].node, out->set, out);
	read_short_form(b, v, out);
	if (map_of(&v[PLAN_WHEN]))
		plan_read_when(b, s, v[PLAN_WHEN].node, &out->when);
	if (map_of(&v[PLAN_LIMIT]))
		read_limit(b, v[PLAN_LIMIT].node, &out->limit);
	read_targets(b, v, out);
	out->bar = (uint8_t)(v[PLAN_BAR].ok ? v[PLAN_BAR].number : 0);
	out->emergency = v[PLAN_EMERGENCY].ok && v[PLAN_EMERGENCY].number;
	out->first = v[PLAN_FIRST].ok && v[PLAN_FIRST].number;
	out->first_given = v[PLAN_FIRST].given;
	out->reroute_given = v[PLAN_REROUTE].given;
	plan_read_causes(b, &schema_plan[PLAN_REROUTE], &v[PLAN_REROUTE], out->reroute);
	find_lookup(b, s, &v[PLAN_LOOKUP], out);
	if (!v[PLAN_TO].given && !v[PLAN_TARGETS].given && !v[PLAN_BAR].given &&
	    out->match[PLAN_CALLED].kind != PLAN_MATCH_LIST)
		COMPLAIN(b, map,
			 "a rule has no to; it must be span:NUMBER or trunk:NAME (or give targets, or "
			 "bar)");
	check_sides(b, map, out);
}

void plan_read_rewrite(struct build *b, struct plan_shared *s, const struct node *map,
		       struct plan_rule *out)
{
	static const enum plan_stage stage[] = {PLAN_REWRITE_IN, PLAN_REWRITE_OUT,
						PLAN_REWRITE_ANSWER};
	struct schema_value v[REWRITE_COUNT];
	const struct call_endpoint *to = NULL;
	struct plan_target *t;
	unsigned count = 0;

	*out = plan_rule_nothing();
	out->name = "";
	out->line = map->line;
	out->stage = PLAN_REWRITE_IN;
	if (map->kind != NODE_MAP) {
		if (!map->bad)
			COMPLAIN(b, map, "a rewrite is a map: \"- name: NAME\" and further keys");
		return;
	}
	schema_read(b->report, map, NULL, "a rewrite", schema_rewrite, v);
	if (plan_text(&v[REWRITE_NAME]))
		out->name = v[REWRITE_NAME].text;
	out->group = plan_text(&v[REWRITE_GROUP]);
	if (v[REWRITE_STAGE].ok)
		out->stage = stage[v[REWRITE_STAGE].number];
	read_endpoints(b, &schema_rewrite[REWRITE_FROM], &v[REWRITE_FROM], &out->from,
		       &out->from_count);
	read_endpoints(b, &schema_rewrite[REWRITE_TO], &v[REWRITE_TO], &to, &count);
	t = more(b, count, sizeof(*t));
	for (unsigned i = 0; i < count && t; i++) {
		t[i] = plan_target_nothing();
		t[i].to = to[i];
		out->target_count++;
	}
	out->target = t;
	if (count && out->stage == PLAN_REWRITE_IN)
		COMPLAIN(b, v[REWRITE_TO].node->key, "to belongs to stage: out or answer");
	if (map_of(&v[REWRITE_MATCH]))
		read_match(b, s, v[REWRITE_MATCH].node, out);
	if (map_of(&v[REWRITE_WHEN]))
		plan_read_when(b, s, v[REWRITE_WHEN].node, &out->when);
	if (map_of(&v[REWRITE_SET]))
		read_set(b, v[REWRITE_SET].node, out->set, out);
}
