/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What leaves: numbers as each side gets them, and emergency calls. */
#include <stdio.h>
#include <string.h>

#include "config/plan/lint_priv.h"
#include "config/plan/profile.h"
#include "gateway/base/strbuf.h"
#include "gateway/plan/create.h"

enum { TOLD_PLUS_ZERO = 1, TOLD_TWICE = 2, TOLD_NOT_BACK = 4 };

static bool begins(const char *digits, const char *with)
{
	size_t n = strlen(with);

	return n && strncmp(digits, with, n) == 0;
}

static const char *twice(const struct e164_profile *p, const struct call_number *n)
{
	size_t len = p ? strlen(p->national) : 0;

	if (!len)
		return NULL;
	if (n->ton == CALL_TON_NATIONAL && begins(n->digits, p->national))
		return "type national, and the national prefix as well";
	if (n->ton != CALL_TON_UNKNOWN || !begins(n->digits, p->national) ||
	    !begins(n->digits + len, p->national))
		return NULL;
	for (unsigned i = 0; i < p->international_count; i++)
		if (begins(n->digits, p->international[i]))
			return NULL; /* 00 is no doubled 0 there */
	return "the national prefix twice";
}

static bool untouched(const struct plan_rule *r)
{
	const struct plan_set *s = &r->set[PLAN_CALLED];
	bool same = !s->strip && !s->prepend && !s->number && s->ton == -1 && s->npi == -1;

	for (unsigned i = 0; i < r->target_count; i++) {
		s = &r->target[i].set[PLAN_CALLED];
		same = same && !s->strip && !s->prepend && !s->number && s->ton == -1 && s->npi == -1;
	}
	return same;
}

/* 00 in front of 0…: an international prefix, and then what no country code begins with. */
static bool zero_country(const struct e164_profile *p, const struct call_number *n)
{
	if (n->ton == CALL_TON_INTERNATIONAL)
		return *n->digits == '0';
	for (unsigned i = 0; p && n->ton == CALL_TON_UNKNOWN && i < p->international_count; i++)
		if (begins(n->digits, p->international[i]) &&
		    n->digits[strlen(p->international[i])] == '0')
			return true;
	return false;
}

/* A rule on plain digits was tried with digits of type international as well; what it makes of those
 * it need not have meant. */
static bool meant(const struct plan_rule *r, const struct call_number *inner)
{
	return inner->ton != CALL_TON_INTERNATIONAL ||
	       r->match[PLAN_CALLED].tons == 1 << CALL_TON_INTERNATIONAL;
}

/* Is it the rule that made it so? */
static bool made(const struct call_number *inner, const struct call_number *out)
{
	return strcmp(inner->digits, out->digits) != 0 || inner->ton != out->ton;
}

/* +49 0…: a country code that the rule puts in front of a national prefix. Countries without one keep
 * their zeros. */
static bool prefix_behind_code(const struct plan_rule *r, const struct call_number *n)
{
	const char *front = r->set[PLAN_CALLED].prepend;

	for (unsigned i = 0; i < r->target_count && !front; i++)
		front = r->target[i].set[PLAN_CALLED].prepend;
	if (!front || n->ton != CALL_TON_INTERNATIONAL)
		return false;
	front += *front == '+';
	for (unsigned i = 0; profile_name(i); i++) {
		const struct e164_profile *p = profile_find(profile_name(i));

		if (p && strcmp(front, p->country_code) == 0 && begins(n->digits, front) &&
		    begins(n->digits + strlen(front), p->national))
			return true;
	}
	return false;
}

/* A number that exists, as far as the other side's country tells. */
static bool is_real(const struct e164_edge *edge, const struct call_number *inner)
{
	struct e164 e;

	e164_normalise(edge, inner, &e);
	return e.kind == E164_NUMBER && e.fits && strlen(inner->digits) >= 8;
}

static void check_way(struct lint *l, const struct plan_rule *r, const struct call_number *inner,
		      const struct call_way *w, unsigned *told)
{
	const struct plan_edge *edge = plan_edge_of(l->plan, w->to);
	const struct e164_profile *p = edge ? edge->edge.profile : NULL;
	const char *plus = w->called.ton == CALL_TON_INTERNATIONAL ? "+" : "";
	char to[ENDPOINT_TEXT];
	struct e164 back;

	endpoint_text(l->c, w->to, to);
	if (zero_country(p, &w->called) && made(inner, &w->called) && meant(r, inner) &&
	    !(inner->ton == CALL_TON_INTERNATIONAL && *inner->digits == '0') &&
	    !(*told & TOLD_PLUS_ZERO)) {
		*told |= TOLD_PLUS_ZERO;
		lint_say(l, r->line,
			 "rule %s sends %s%s to %s: no country code begins with 0; strip the prefix "
			 "before a + or an international prefix is put in front",
			 r->name, plus, w->called.digits, to);
	}
	if (prefix_behind_code(r, &w->called) && meant(r, inner) && !(*told & TOLD_TWICE)) {
		*told |= TOLD_TWICE;
		lint_say(l, r->line,
			 "rule %s sends +%s to %s: the national prefix stands behind the country code; strip "
			 "it",
			 r->name, w->called.digits, to);
	}
	if (twice(p, &w->called) && made(inner, &w->called) && !(*told & TOLD_TWICE)) {
		*told |= TOLD_TWICE;
		lint_say(l, r->line,
			 "rule %s sends %s to %s with %s; strip it, or leave prefixes to `numbers: send` of "
			 "%s",
			 r->name, w->called.digits, to, twice(p, &w->called), to);
	}
	if (!edge || l->rewrites || !untouched(r) || inner->ton != CALL_TON_INTERNATIONAL ||
	    !is_real(&edge->edge, inner) || *told & TOLD_NOT_BACK)
		return;
	e164_normalise(&edge->edge, &w->called, &back);
	if (back.kind == E164_NUMBER && strcmp(back.digits, inner->digits) == 0)
		return;
	*told |= TOLD_NOT_BACK;
	lint_say(l, r->line,
		 "rule %s sends +%s to %s as %s%s, which would be read as another number there; check "
		 "profile, bare and send of its numbers:",
		 r->name, inner->digits, to, plus, w->called.digits);
}

void lint_ways(struct lint *l, const struct plan_rule *r, const struct call_number *inner,
	       const struct call_route *route, unsigned *told)
{
	for (unsigned i = 0; !route->cause.value && i < route->count; i++)
		check_way(l, r, inner, &route->way[i], told);
}

/* The line of a span or trunk in the configuration. */
static unsigned line_of(const struct config *c, struct call_endpoint ep)
{
	if (ep.kind == CALL_EP_TRUNK)
		return ep.index < c->trunk_count ? c->trunk[ep.index].line : 0;
	for (unsigned i = 0; i < c->span_count; i++)
		if (c->span[i].isdn.span == ep.index)
			return c->span[i].line;
	return 0;
}

static void check_bare(struct lint *l, struct call_endpoint ep, const struct plan_edge *edge)
{
	const struct e164_edge *e = &edge->edge;
	const char *wants = NULL;
	char name[ENDPOINT_TEXT];

	if (e->form == E164_FORM_BARE && e->bare != E164_BARE_INTERNATIONAL)
		wants = "international";
	if (e->form == E164_FORM_BARE_NATIONAL && e->bare != E164_BARE_NATIONAL)
		wants = "national";
	if (wants)
		lint_say(l, line_of(l->c, ep),
			 "%s is sent bare %s numbers, but its own bare numbers are read otherwise: they "
			 "do not survive the way there and back; say `bare: %s`, if it sends what it gets",
			 endpoint_text(l->c, ep, name), wants, wants);
	if ((e->form == E164_FORM_SUBSCRIBER || e->form == E164_FORM_DIALLED_LOCAL) && !*e->area)
		lint_say(l, line_of(l->c, ep),
			 "%s wants local numbers, but has no area code; say `area:`",
			 endpoint_text(l->c, ep, name));
}

void lint_edges(struct lint *l)
{
	for (unsigned i = 0; i < l->sources; i++) {
		const struct plan_edge *edge = plan_edge_of(l->plan, l->source[i]);

		if (edge && edge->edge.profile)
			check_bare(l, l->source[i], edge);
	}
}

/* ── Emergency ── */

/* UTC. Rules for the day only are no way to the police. */
static const struct moment {
	const char *name;
	int64_t s;
} moments[] = {{"", INT64_C(1767614400)}, {" on a Sunday at 3 a.m.", INT64_C(1768100400)}}; /* Monday noon */
enum { MOMENTS = sizeof(moments) / sizeof(moments[0]) };

/* The number that leaves must end with the one that was dialled, whatever stands in front. */
static bool still_it(const char *sent, const char *dialled)
{
	size_t n = strlen(sent), d = strlen(dialled);

	return n >= d && strcmp(sent + n - d, dialled) == 0;
}

static bool gets_out(struct lint *l, struct call_endpoint source, const char *digits, unsigned moment)
{
	struct call_setup setup = {.source = source,
				   .called = {.present = true},
				   .bearer = CALL_BEARER_SPEECH,
				   .sending_complete = true};
	struct plan_env env = {.wall_us = moments[moment].s * 1000000};
	struct call_route route;

	str_copy(setup.called.digits, sizeof(setup.called.digits), digits);
	plan_decide(l->plan, &setup, &env, &route);
	return !route.cause.value && route.count && still_it(route.way[0].called.digits, digits);
}

/* Behind a network side stand telephones. */
static bool has_telephones(const struct config *c, struct call_endpoint ep)
{
	for (unsigned i = 0; ep.kind == CALL_EP_SPAN && i < c->span_count; i++)
		if (c->span[i].isdn.span == ep.index)
			return c->span[i].isdn.side == ISDN_NETWORK;
	return false;
}

static bool asked_before(const struct lint *l, unsigned source, const struct e164_profile *p)
{
	for (unsigned i = 0; i < source; i++) {
		const struct plan_edge *e = plan_edge_of(l->plan, l->source[i]);

		if (e && e->edge.profile == p)
			return true;
	}
	return false;
}

/* One number of a country. */
static void check_number(struct lint *l, const struct e164_profile *p, const char *digits)
{
	unsigned out = 0;
	char name[ENDPOINT_TEXT];

	for (unsigned i = 0; i < l->sources; i++)
		out += gets_out(l, l->source[i], digits, 0);
	if (!out) {
		lint_say(l, 0,
			 "emergency number %s (%s) has no route from anywhere, or leaves as another number; "
			 "add a rule {match: {called: {pattern: \"%s\"}}, emergency: true, to: …}",
			 digits, p->country, digits);
		return;
	}
	for (unsigned i = 0; i < l->sources; i++)
		for (unsigned m = 0; m < MOMENTS && has_telephones(l->c, l->source[i]); m++) {
			if (gets_out(l, l->source[i], digits, m))
				continue;
			lint_say(l, line_of(l->c, l->source[i]),
				 "emergency number %s (%s) has no route from %s%s, or leaves as another "
				 "number; add a rule for it, with emergency: true",
				 digits, p->country, endpoint_text(l->c, l->source[i], name),
				 moments[m].name);
			break;
		}
}

void lint_emergency(struct lint *l)
{
	for (unsigned i = 0; i < l->sources; i++) {
		const struct plan_edge *e = plan_edge_of(l->plan, l->source[i]);
		const struct e164_profile *p = e ? e->edge.profile : NULL;

		if (!p || asked_before(l, i, p))
			continue;
		for (unsigned r = 0; r < p->range_count; r++) {
			const struct e164_range *range = &p->range[r];

			/* Single numbers; of a set of them the first is asked for. */
			if (range->use == E164_USE_EMERGENCY &&
			    range->starts[strspn(range->starts, "0123456789")] == '\0')
				check_number(l, p, range->starts);
		}
	}
}
