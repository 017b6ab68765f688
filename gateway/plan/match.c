/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does a rule fit a call, and if not, why: conditions one by one. */
#include <string.h>

#include "gateway/plan/plan_priv.h"

enum { MINUTES_OF_DAY = 24 * 60 };

const char *const plan_number_name[PLAN_NUMBERS] = {"called", "calling", "redirecting",
						    "connected"};

static const char *ton_name(uint8_t ton)
{
	static const char *const name[] = {"unknown", "international", "national", "network",
					   "subscriber", "5", "abbreviated", "7"};

	return name[ton & 7];
}

const char *plan_number_text(const struct call_number *n, char out[PLAN_NUMBER_TEXT])
{
	struct strbuf b;

	strbuf_init(&b, out, PLAN_NUMBER_TEXT);
	if (!n->present) {
		strbuf_add(&b, "none");
		return out;
	}
	strbuf_addf(&b, "%s%s", plan_is_e164(n) ? "+" : "", *n->digits ? n->digits : "no digits");
	if (!plan_is_e164(n) && n->ton != CALL_TON_UNKNOWN)
		strbuf_addf(&b, " (%s)", ton_name(n->ton));
	if (n->npi != CALL_NPI_E164 && n->npi != CALL_NPI_UNKNOWN)
		strbuf_addf(&b, " (plan %u)", n->npi);
	if (n->presentation == CALL_PRES_RESTRICTED)
		strbuf_add(&b, " (restricted)");
	return out;
}

const char *plan_endpoint_text(const struct plan_env *env, struct call_endpoint ep,
			       char out[PLAN_ENDPOINT_TEXT])
{
	const char *name = NULL;
	struct strbuf b;

	strbuf_init(&b, out, PLAN_ENDPOINT_TEXT);
	if (ep.kind == CALL_EP_TRUNK && env->trunk_name)
		name = env->trunk_name(env->trace_arg, ep.index);
	if (name)
		strbuf_addf(&b, "trunk:%s", name);
	else
		strbuf_addf(&b, ep.kind == CALL_EP_SPAN	   ? "span:%u"
				: ep.kind == CALL_EP_TRUNK ? "trunk number %u"
							   : "nowhere",
			    ep.index);
	return out;
}

static bool no(struct strbuf *why, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool no(struct strbuf *why, const char *format, ...)
{
	va_list ap;

	if (!why)
		return false;
	va_start(ap, format);
	strbuf_vaddf(why, format, ap);
	va_end(ap);
	return false;
}

/* 2*5 stands between 200 and 299 in ASCII only. */
static bool in_range(const struct match_part *m, const char *digits)
{
	size_t len = strlen(digits);

	return len == strlen(m->first) && strspn(digits, "0123456789") == len &&
	       strcmp(digits, m->first) >= 0 && strcmp(digits, m->last) <= 0;
}

static bool digits_fit(const struct plan_match *given, const struct match_part *m,
		       const struct call_number *n)
{
	char subject[CALL_DIGITS_MAX + 2];

	switch (given->kind) {
	case PLAN_MATCH_PREFIX:
	case PLAN_MATCH_PATTERN:
		return pattern_match(&m->pattern, n->digits) >= 0;
	case PLAN_MATCH_RANGE:
		return in_range(m, n->digits);
	case PLAN_MATCH_REGEX:
		memcpy(subject, "+", 2);
		memcpy(subject + plan_is_e164(n), n->digits, strlen(n->digits) + 1);
		return regex_match(m->regex, subject, NULL);
	case PLAN_MATCH_LIST:
		return plan_list_find(m->list, n, NULL, NULL) >= 0;
	default:
		return true;
	}
}

static bool type_fits(const struct plan_match *m, const struct call_number *n, const char *name,
		      struct strbuf *why)
{
	if (m->tons && !(m->tons >> (n->ton & 7) & 1))
		return no(why, "the type of the %s number is %s", name, ton_name(n->ton));
	if (m->npis && !(m->npis >> (n->npi & 15) & 1))
		return no(why, "the numbering plan of the %s number is %u", name, n->npi);
	if (m->presentations && !(m->presentations >> (n->presentation & 3) & 1))
		return no(why, "the presentation of the %s number is %u", name, n->presentation);
	return true;
}

bool plan_match_number(const struct rule_parts *r, enum plan_number which,
		       const struct call_number *n, struct strbuf *why)
{
	const struct plan_match *given = &r->given.match[which];
	const struct match_part *m = r->match[which];
	const char *name = plan_number_name[which];
	char text[PLAN_NUMBER_TEXT];

	if (given->absent)
		return !n->present || !*n->digits || no(why, "there is a %s number", name);
	if (plan_match_is_nothing(given))
		return true;
	if (!n->present)
		return no(why, "there is no %s number", name);
	if (m && m->e164 && !plan_is_e164(n))
		return why && no(why, "the %s number %s is no E.164 number, %s is", name,
			  plan_number_text(n, text), given->text);
	if (m && !digits_fit(given, m, n))
		return why && no(why, "the %s number %s does not fit %s", name, plan_number_text(n, text),
			  given->text ? given->text : plan_list_name(m->list));
	return type_fits(given, n, name, why);
}

/* ── when ── */

static bool is_holiday(const struct plan *p, int32_t day)
{
	unsigned low = 0, high = p->holiday_count;

	while (low < high) {
		unsigned mid = (low + high) / 2;

		if (p->holiday[mid] == day)
			return true;
		if (p->holiday[mid] < day)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

static bool day_fits(const struct plan *p, const struct plan_when *w, int32_t day)
{
	unsigned weekday = (unsigned)(((day + 3) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
	bool date = w->date_count == 0;

	if (w->days && !(w->days >> weekday & 1))
		return false;
	for (unsigned i = 0; i < w->date_count; i++)
		date |= day >= w->dates[i].from && day <= w->dates[i].to;
	return date && (w->holidays == 0 || is_holiday(p, day) == (w->holidays > 0));
}

/* A span of time over midnight belongs to the day on which it began. */
static bool time_fits(const struct plan *p, const struct plan_when *w, const struct zone_moment *m)
{
	if (!w->time_count)
		return day_fits(p, w, m->day);
	for (unsigned i = 0; i < w->time_count; i++) {
		unsigned from = w->time[i].from_min, to = w->time[i].to_min;

		if (from < to) {
			if (m->minute >= from && m->minute < to && day_fits(p, w, m->day))
				return true;
		} else if ((m->minute >= from && day_fits(p, w, m->day)) ||
			   (m->minute < to && day_fits(p, w, m->day - 1))) {
			return true;
		}
	}
	return false;
}

static bool always(const struct plan_when *w)
{
	return !w->days && !w->time_count && !w->date_count && !w->holidays;
}

bool plan_when_holds(const struct plan *p, const struct plan_when *w, int64_t wall_us,
		     struct strbuf *why)
{
	static const char *const weekday[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
					      "Friday", "Saturday", "Sunday"};
	const struct zone *z = w->zone ? p->zone[w->zone - 1] : plan_zone(p);
	int64_t s = wall_us / 1000000 - (wall_us % 1000000 < 0);
	struct zone_moment m;
	int year, month, day;

	if (always(w))
		return true;
	zone_local(z, s, &m);
	if (time_fits(p, w, &m))
		return true;
	if (!why)
		return false;
	zone_date(m.day, &year, &month, &day);
	return no(why, "it does not hold now: %s %04d-%02d-%02d %02u:%02u %s%s", weekday[m.weekday],
		  year, month, day, m.minute / 60U, m.minute % 60U, z ? zone_name(z) : "UTC",
		  is_holiday(p, m.day) ? ", a holiday" : "");
}

/* ── the rest ── */

static bool from_fits(const struct plan_rule *r, struct call_endpoint source)
{
	for (unsigned i = 0; i < r->from_count; i++)
		if (r->from[i].kind == source.kind && r->from[i].index == source.index)
			return true;
	return r->from_count == 0;
}

static bool bearer_fits(const struct plan_rule *r, enum call_bearer bearer)
{
	for (unsigned i = 0; i < r->bearer_count; i++)
		if (r->bearer[i] == bearer)
			return true;
	return r->bearer_count == 0;
}

bool plan_match_rest(const struct plan *p, const struct rule_parts *r, const struct plan_ctx *ctx,
		     const struct plan_env *env, struct strbuf *why)
{
	char from[PLAN_ENDPOINT_TEXT];

	if (!from_fits(&r->given, ctx->source))
		return why && no(why, "the call comes from %s",
				 plan_endpoint_text(env, ctx->source, from));
	for (int i = PLAN_CALLING; i <= PLAN_REDIRECTING; i++)
		if (!plan_match_number(r, (enum plan_number)i, &ctx->values.number[i], why))
			return false;
	if (r->name && !regex_match(r->name, ctx->values.name, NULL))
		return no(why, "the calling name \"%s\" does not fit %s", ctx->values.name,
			  r->given.match_name);
	if (!bearer_fits(&r->given, ctx->values.bearer))
		return no(why, "the bearer is 0x%02x", ctx->values.bearer);
	return r->given.emergency || plan_when_holds(p, &r->given.when, env->wall_us, why);
}

static bool reached(uint32_t limit, uint32_t now)
{
	return limit && now >= limit;
}

bool plan_limit_free(const struct plan *p, uint16_t limit, const struct plan_env *env,
		     struct strbuf *why)
{
	const struct plan_limit *l;
	const struct plan_usage *u;

	if (!limit || !env->usage)
		return true;
	l = &p->limit[limit - 1].limit;
	u = &env->usage[limit - 1];
	if (reached(l->calls, u->calls))
		return no(why, "its limit is reached: %u of %u calls", u->calls, l->calls);
	if (reached(l->per_second, u->in_second))
		return no(why, "its limit is reached: %u of %u calls in this second", u->in_second,
			  l->per_second);
	if (reached(l->per_minute, u->in_minute))
		return no(why, "its limit is reached: %u of %u calls in this minute", u->in_minute,
			  l->per_minute);
	return true;
}
