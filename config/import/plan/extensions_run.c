/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an extension comes to: its steps are gone through as Asterisk would for a call that nobody takes. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/import/plan/extensions_priv.h"

enum { STEPS_MAX = 200 }; /* of one call: a Goto may go round */

struct run {
	struct ast *a;
	const struct ast_exten *exten;
	const char *number; /* literal ${EXTEN} after a Goto; NULL: what was dialled */
	struct pi_rule rule;
	unsigned length; /* digits of the pattern; 0: open */
	bool plus, done;
	unsigned next; /* step of exten */
};

static void note(struct run *r, const struct ast_step *s, const char *why)
{
	pi_note_at(&r->a->m, s->line, s->column, s->line_text, "%s", why);
}

/* Asterisk's patterns are ours but for the _ and letters in sets. */
bool ast_pattern(const char *text, char out[PI_TEXT], unsigned *length, bool *plus)
{
	bool pattern = *text == '_', set = false;
	size_t n = 0;

	*length = 0;
	text += pattern;
	*plus = *text == '+';
	for (; *text; text++) {
		char c = *text;

		if (c == '-' && !set)
			continue;
		if (pattern && (c == 'x' || c == 'z' || c == 'n'))
			c = (char)(c - 'a' + 'A');
		if (!strchr(pattern ? "0123456789*#XZN[]-.!+" : "0123456789*#+", c) ||
		    n == PI_TEXT - 1 || (c == '+' && n))
			return false;
		set = c == '[' || (set && c != ']');
		if (!set && c != '+' && c != '.' && c != '!')
			++*length;
		out[n++] = c;
		if ((c == '.' || c == '!') && text[1])
			return false;
	}
	out[n] = '\0';
	if (n && (out[n - 1] == '.' || out[n - 1] == '!'))
		*length = 0;
	return n && !set;
}

/* ${NAME} of [globals] filled in; what is not known stays. */
static void expand(const struct ast *a, const char *text, char *out, size_t size)
{
	size_t n = 0;

	while (*text && n < size - 1) {
		const struct ast_global *g = NULL;

		for (unsigned i = 0; i < a->globals && strncmp(text, "${", 2) == 0; i++) {
			size_t len = strlen(a->global[i].name);

			if (strncmp(text + 2, a->global[i].name, len) == 0 && text[2 + len] == '}')
				g = &a->global[i];
		}
		if (!g) {
			out[n++] = *text++;
			continue;
		}
		for (const char *v = g->value; *v && n < size - 1; v++)
			out[n++] = *v;
		text = strchr(text, '}') + 1;
	}
	out[n] = '\0';
}

/* ── Dial ── */

/* ${EXTEN}, ${EXTEN:1}, ${EXTEN:-4}, ${EXTEN:1:3} with digits before it. */
static bool take_number(const struct run *r, const char *text, struct pi_set *set)
{
	size_t before = strcspn(text, "$");
	const char *p = text + before;
	long offset = 0, count = -1;
	char *end;

	if (strspn(text, "0123456789*#+") != before)
		return false;
	if (!*p) /* digits only: always this number */
		return before && pi_copy(set->number, sizeof(set->number), text, before);
	if (strncmp(p, "${EXTEN", 7) != 0)
		return false;
	p += 7;
	if (*p == ':') {
		offset = strtol(p + 1, &end, 10);
		p = end;
	}
	if (*p == ':') {
		count = strtol(p + 1, &end, 10);
		p = end;
	}
	if (strcmp(p, "}") != 0 || offset < -32 || offset > 32)
		return false;
	if (r->number) { /* after a Goto: it is known */
		long len = (long)strlen(r->number);

		offset = offset < 0 ? (len + offset > 0 ? len + offset : 0) : offset > len ? len : offset;
		snprintf(set->number, sizeof(set->number), "%.*s%.*s", (int)before, text,
			 count >= 0 ? (int)count : 100, r->number + offset);
		return *set->number;
	}
	if (offset < 0 && !r->length)
		return false; /* the last digits of an open pattern */
	if (offset < 0)
		offset = (long)r->length + r->plus + offset > 0 ? (long)r->length + r->plus + offset : 0;
	if (count >= 0 && (!r->length || offset + count < (long)r->length + r->plus))
		return false; /* cuts digits off the end */
	pi_copy(set->prepend, sizeof(set->prepend), text, before);
	if (r->plus && offset > 0) {
		offset--; /* the + is no digit here */
		if (*set->prepend != '+')
			snprintf(set->ton, sizeof(set->ton), "unknown");
	}
	set->strip = (unsigned)offset;
	return true;
}

static bool add_target(struct run *r, const char *to, const struct pi_set *set, unsigned priority)
{
	struct pi_target *t = &r->rule.target[r->rule.targets];

	if (r->rule.targets == PI_TARGETS)
		return false;
	*t = (struct pi_target){.set = *set};
	pi_copy(t->to, sizeof(t->to), to, strlen(to));
	if (priority > 1)
		snprintf(t->priority, sizeof(t->priority), "%u", priority);
	r->rule.targets++;
	return true;
}

static unsigned next_priority(const struct run *r)
{
	const struct pi_target *last = r->rule.targets ? &r->rule.target[r->rule.targets - 1] : NULL;

	return !last ? 1 : *last->priority ? (unsigned)atoi(last->priority) + 1 : 2;
}

/* g: from the first span, G: from the last, r and R: in turn, which is by chance here. */
static bool dial_group(struct run *r, char how, unsigned group, const struct pi_set *set)
{
	unsigned priority = next_priority(r), count = 0;
	bool down = how == 'G' || how == 'R', turn = how == 'r' || how == 'R';
	uint64_t spans = group < 64 ? r->a->group[group].spans : 0;
	char to[24];

	if (!r->a->groups_known) {
		snprintf(to, sizeof(to), "span:%u", group);
		fprintf(r->a->m.plan, "  # FILL IN: %s stands for DAHDI group %u; name the spans of that "
				      "group\n",
			to, group);
		return group && add_target(r, to, set, priority);
	}
	for (unsigned i = 0; i < 64; i++) {
		unsigned span = down ? 63 - i : i;

		if (!(spans >> span & 1))
			continue;
		snprintf(to, sizeof(to), "span:%u", span);
		if (!add_target(r, to, set, turn ? priority : priority + count))
			return false;
		count++;
	}
	return count;
}

/* DAHDI/g1/NUMBER, DAHDI/i2/NUMBER (a span). */
static bool dial_dahdi(struct run *r, const char *where, const char *number)
{
	struct pi_set set = {.strip = 0};
	char to[24], *end;
	unsigned long n = strtoul(where + 1, &end, 10);

	if (!strchr("gGrRi", *where) || !*where || n > 255 || (*end && *end != '-') ||
	    !take_number(r, number, &set))
		return false;
	if (*where != 'i')
		return dial_group(r, *where, (unsigned)n, &set);
	snprintf(to, sizeof(to), "span:%lu", n);
	return n && add_target(r, to, &set, next_priority(r));
}

/* PJSIP/NUMBER@trunk, SIP/trunk/NUMBER, PJSIP/trunk/sip:NUMBER@host. */
static bool dial_sip(struct run *r, char *rest)
{
	struct pi_set set = {.strip = 0};
	char name[PI_TEXT] = "", to[PI_TEXT], *number = strchr(rest, '/'), *at;

	if (number) {
		*number++ = '\0';
		pi_name(name, sizeof(name), rest);
		number[strcspn(number, "@")] = '\0';
	} else if ((at = strrchr(rest, '@'))) {
		*at = '\0';
		pi_name(name, sizeof(name), at + 1);
		number = rest;
	}
	if (!number || !*name)
		return false;
	snprintf(to, sizeof(to), "trunk:%.60s", name);
	return take_number(r, number + (strncmp(number, "sip:", 4) == 0 ? 4 : 0), &set) &&
	       add_target(r, to, &set, next_priority(r));
}

static void run_dial(struct run *r, const struct ast_step *s)
{
	char dial[2 * PI_TEXT], *rest, *number, *both;
	bool good = false;

	expand(r->a, s->args, dial, sizeof(dial));
	dial[strcspn(dial, ",|")] = '\0';
	both = strchr(dial, '&');
	if (both) {
		*both = '\0';
		note(r, s, "rings several at once; only the first of them was taken over");
	}
	pi_origin(&r->a->m, r->a->m.plan, s->line, s->line_text);
	rest = strchr(dial, '/');
	number = rest ? strchr(rest + 1, '/') : NULL;
	if (rest)
		*rest++ = '\0';
	if (rest && (strcasecmp(dial, "DAHDI") == 0 || strcasecmp(dial, "Zap") == 0) && number) {
		*number++ = '\0';
		good = dial_dahdi(r, rest, number);
	} else if (rest && (strcasecmp(dial, "PJSIP") == 0 || strcasecmp(dial, "SIP") == 0)) {
		good = dial_sip(r, rest);
	}
	if (!good)
		note(r, s,
		     "dials what is none of these: DAHDI/gN/NUMBER (a group with a PRI span), DAHDI/iN/NUMBER, "
		     "PJSIP/NUMBER@TRUNK, SIP/TRUNK/NUMBER; NUMBER is digits and ${EXTEN} or ${EXTEN:N}");
}

/* ── Goto ── */

/* Index of the step with that priority or label; -1: none. */
static int find_step(const struct ast *a, const struct ast_exten *e, const char *where)
{
	unsigned priority = (unsigned)strtoul(where, NULL, 10);

	for (unsigned i = 0; i < e->steps; i++) {
		const struct ast_step *s = &a->step[e->first + i];

		if (priority ? s->priority == priority : *s->label && strcmp(s->label, where) == 0)
			return (int)i;
	}
	return -1;
}

/* Goto(priority), Goto(exten,priority), Goto(context,exten,priority). */
static bool run_goto(struct run *r, const struct ast_step *s)
{
	char args[2 * PI_TEXT], *part[3] = {args}, *exten;
	const struct ast_exten *to = r->exten;
	unsigned parts = 1, context = r->exten->context;
	int step;

	expand(r->a, s->args, args, sizeof(args));
	for (char *p = args; *p; p++)
		if (*p == ',' || *p == '|') {
			*p = '\0';
			if (parts == 3)
				return false;
			part[parts++] = p + 1;
		}
	for (unsigned i = 0; i < parts; i++)
		part[i] = pi_trim(part[i]);
	if (parts == 3) {
		context = 0;
		while (context < r->a->contexts && strcmp(r->a->context[context].name, part[0]) != 0)
			context++;
	}
	exten = parts > 1 ? part[parts - 2] : NULL;
	if (exten) {
		/* The number that was dialled, at another context's extension of the same pattern; or one
		 * that stands there as it is. */
		bool same = strcmp(exten, "${EXTEN}") == 0;

		to = context < r->a->contexts ? ast_find_exten(r->a, context, same ? r->exten->name : exten) : NULL;
		if (to && !same)
			r->number = to->name;
	}
	step = to ? find_step(r->a, to, part[parts - 1]) : -1;
	if (step < 0)
		return false;
	r->exten = to;
	r->next = (unsigned)step;
	return true;
}

/* ── Steps ── */

static void run_set(struct run *r, const struct ast_step *s)
{
	size_t n = strlen(s->args), skip = sizeof("CALLERID(num)=") - 1;

	if (strncasecmp(s->args, "CALLERID(num)=", skip) == 0 && n > skip &&
	    strspn(s->args + skip, "0123456789*#+") == n - skip)
		pi_copy(r->rule.set_calling, sizeof(r->rule.set_calling), s->args + skip, n - skip);
	else
		note(r, s, "only CALLERID(num)=DIGITS is taken over of Set");
}

/* An application that ends the call: with this cause. */
static unsigned ending(const struct ast_step *s)
{
	unsigned cause = (unsigned)strtoul(s->args, NULL, 10);

	if (strcasecmp(s->app, "Busy") == 0)
		return 17;
	if (strcasecmp(s->app, "Congestion") == 0)
		return 42;
	return strcasecmp(s->app, "Hangup") ? 0 : cause > 0 && cause < 128 ? cause : 21;
}

static void run_step(struct run *r, const struct ast_step *s)
{
	static const char *const silent[] = {"NoOp", "Answer", "Progress", "Ringing", "Verbose", "Wait"};
	unsigned cause = ending(s);

	if (strcasecmp(s->app, "Dial") == 0) {
		run_dial(r, s);
	} else if (strcasecmp(s->app, "Set") == 0) {
		run_set(r, s);
	} else if (strcasecmp(s->app, "Goto") == 0) {
		if (!run_goto(r, s)) {
			note(r, s, "where it goes to is no priority, label or extension that is written here "
				   "so; of other contexts only an extension of the same pattern, or of one number");
			r->done = true;
		}
	} else if (cause) {
		if (!r->rule.targets) {
			pi_origin(&r->a->m, r->a->m.plan, s->line, s->line_text);
			r->rule.bar = cause;
		}
		r->done = true;
	} else {
		for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++)
			if (strcasecmp(s->app, silent[i]) == 0)
				return;
		note(r, s, "this application has no counterpart in a number plan: it is passed over");
	}
}

static bool begin(struct run *r, const struct ast_exten *e)
{
	const struct ast_step *s = &r->a->step[e->first];
	char name[PI_TEXT], context[AST_NAME], *caller;
	unsigned length;
	bool plus;

	pi_copy(name, sizeof(name), e->name, strlen(e->name));
	caller = strchr(name, '/');
	if (caller)
		*caller++ = '\0';
	if (!ast_pattern(name, r->rule.match, &r->length, &r->plus)) {
		note(r, s, "its name is no number or pattern of digits (digits * # X Z N [1-5] . ! and a + in "
			   "front); special extensions have no counterpart");
		return false;
	}
	if (caller && !ast_pattern(caller, r->rule.calling, &length, &plus)) {
		note(r, s, "the pattern of the caller is none of digits * # X Z N [1-5] . !");
		return false;
	}
	pi_name(context, sizeof(context), r->a->context[e->context].name);
	snprintf(r->rule.key, sizeof(r->rule.key), "pattern");
	snprintf(r->rule.name, sizeof(r->rule.name), "%.40s-%u", context, e->line);
	snprintf(r->rule.from, sizeof(r->rule.from), "%s", r->a->context[e->context].from);
	return true;
}

/* Those of a list of quoted endpoints that are spans, or those that are not. */
static void keep_sides(const char *list, bool spans, char out[PI_FROM])
{
	size_t n = 0;

	out[0] = '\0';
	for (const char *p = strchr(list, '"'); p; p = strchr(p, '"')) {
		const char *end = strchr(p + 1, '"');

		if (!end)
			return;
		if ((strncmp(p, "\"span:", 6) == 0) == spans)
			n += (size_t)snprintf(out + n, PI_FROM - n, "%s%.*s", n ? ", " : "",
					      (int)(end + 1 - p), p);
		p = end + 1;
	}
}

/* A call from a trunk cannot go to a trunk: those calls get a rule of their own, with the spans alone. */
static void write_by_sides(struct run *r, const struct ast_step *s)
{
	struct pi_rule rule = r->rule;
	unsigned to_trunks = 0;
	char trunks[PI_FROM];

	for (unsigned i = 0; i < rule.targets; i++)
		to_trunks += strncmp(rule.target[i].to, "trunk:", 6) == 0;
	keep_sides(rule.from, false, trunks);
	if (!to_trunks || !*trunks || !r->a->from_known) {
		pi_write_rule(&r->a->m, &rule);
		return;
	}
	note(r, s, "calls from a SIP trunk to a SIP trunk are not possible yet: not taken over for them");
	keep_sides(r->rule.from, true, rule.from);
	if (*rule.from)
		pi_write_rule(&r->a->m, &rule);
	rule.targets = 0;
	for (unsigned i = 0; i < r->rule.targets; i++)
		if (strncmp(r->rule.target[i].to, "trunk:", 6) != 0)
			rule.target[rule.targets++] = r->rule.target[i];
	memcpy(rule.from, trunks, sizeof(trunks));
	snprintf(rule.name + strlen(rule.name), sizeof(rule.name) - strlen(rule.name), "-sip");
	if (rule.targets)
		pi_write_rule(&r->a->m, &rule);
}

void ast_write_exten(struct ast *a, const struct ast_exten *e)
{
	struct run r = {.a = a, .exten = e};

	if (!begin(&r, e))
		return;
	for (unsigned i = 0; i < STEPS_MAX && !r.done && r.next < r.exten->steps; i++)
		run_step(&r, &a->step[r.exten->first + r.next++]);
	if (r.rule.targets || r.rule.bar)
		write_by_sides(&r, &a->step[e->first]);
}
