/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asterisk's extensions.conf: extensions that dial a DAHDI group or a SIP trunk. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/import/plan/plan_import_priv.h"

struct reader {
	struct importer m;
	char context[PI_TEXT];
	char exten[PI_TEXT]; /* as written */
	bool skipping;	     /* its pattern is none of ours */
	struct pi_rule rule; /* of exten */
	unsigned line;	     /* where it begins */
	unsigned length;     /* digits of its pattern; 0: open */
	bool plus;
};

static void finish_rule(struct reader *r)
{
	if (*r->exten && !r->skipping && (r->rule.targets || r->rule.bar))
		pi_write_rule(&r->m, &r->rule);
	r->rule = (struct pi_rule){0};
	r->exten[0] = '\0';
}

/* Asterisk's patterns are ours but for the _ and letters in sets. length: digits, 0 when it ends
 * with . or !. */
static bool take_pattern(const char *text, char out[PI_TEXT], unsigned *length, bool *plus)
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

static void begin_exten(struct reader *r, const char *exten, const char *line)
{
	char *caller, *copy = strdup(exten);
	unsigned length;
	bool plus;

	finish_rule(r);
	r->line = r->m.line;
	r->skipping = true;
	pi_copy(r->exten, sizeof(r->exten), exten, strlen(exten));
	if (!copy)
		return;
	caller = strchr(copy, '/');
	if (caller)
		*caller++ = '\0';
	if (!take_pattern(copy, r->rule.match, &r->length, &r->plus))
		pi_note(&r->m, r->m.line, line,
			"\"%.40s\" is no number or pattern of digits; special extensions have no "
			"counterpart",
			copy);
	else if (caller && !take_pattern(caller, r->rule.calling, &length, &plus))
		pi_note(&r->m, r->m.line, line, "the pattern of the caller cannot be taken over");
	else
		r->skipping = false;
	free(copy);
	snprintf(r->rule.key, sizeof(r->rule.key), "pattern");
	snprintf(r->rule.name, sizeof(r->rule.name), "%.40s-%u", r->context, r->m.line);
}

/* ${EXTEN}, ${EXTEN:1}, ${EXTEN:-4}, ${EXTEN:1:3} with digits before it. */
static bool take_number(const struct reader *r, const char *text, struct pi_set *set)
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

/* DAHDI/g1/NUMBER, PJSIP/NUMBER@trunk, SIP/trunk/NUMBER. */
static bool take_target(struct reader *r, char *dial, struct pi_target *t)
{
	char *rest = strchr(dial, '/'), *at, *number;
	char name[PI_TEXT];

	if (!rest)
		return false;
	*rest++ = '\0';
	number = strchr(rest, '/');
	if (strcasecmp(dial, "DAHDI") == 0 || strcasecmp(dial, "Zap") == 0) {
		unsigned group = (unsigned)strtoul(rest + strspn(rest, "gGrR"), NULL, 10);

		if (!number || !strchr("gGrR", *rest) || !group || group > 255)
			return false;
		snprintf(t->to, sizeof(t->to), "span:%u", group);
		return take_number(r, number + 1, &t->set);
	}
	if (strcasecmp(dial, "PJSIP") != 0 && strcasecmp(dial, "SIP") != 0)
		return false;
	at = strrchr(rest, '@');
	if (at) {
		*at = '\0';
		pi_name(name, sizeof(name), at + 1);
		number = rest + (strncmp(rest, "sip:", 4) == 0 ? 4 : 0);
	} else if (number) {
		*number++ = '\0';
		pi_name(name, sizeof(name), rest);
	}
	if (!number || !*name)
		return false;
	snprintf(t->to, sizeof(t->to), "trunk:%.60s", name);
	return take_number(r, number, &t->set);
}

static void take_dial(struct reader *r, char *args, const char *line)
{
	struct pi_target *t = &r->rule.target[r->rule.targets];
	char *options = strchr(args, ','), *both;

	if (options)
		*options = '\0';
	both = strchr(args, '&');
	if (both) {
		*both = '\0';
		pi_note(&r->m, r->m.line, line,
			"rings several at once; only the first of them was taken over");
	}
	if (r->rule.targets == PI_TARGETS) {
		pi_note(&r->m, r->m.line, line, "more than %d targets", PI_TARGETS);
		return;
	}
	*t = (struct pi_target){0};
	if (!take_target(r, args, t)) {
		pi_note(&r->m, r->m.line, line,
			"dials what is neither DAHDI/gN/NUMBER nor a SIP trunk with ${EXTEN}");
		return;
	}
	r->rule.targets++;
	if (r->rule.targets > 1)
		snprintf(t->priority, sizeof(t->priority), "%u", r->rule.targets);
	if (strncmp(t->to, "span:", 5) == 0)
		fprintf(r->m.plan, "  # FILL IN: %s stands for DAHDI group %s; name the spans of that "
				   "group\n",
			t->to, t->to + 5);
}

static void take_set(struct reader *r, const char *args, const char *line)
{
	size_t n = strlen(args), skip = sizeof("CALLERID(num)=") - 1;

	if (strncasecmp(args, "CALLERID(num)=", skip) == 0 &&
	    strspn(args + skip, "0123456789*#+") == n - skip && n > skip)
		pi_copy(r->rule.set_calling, sizeof(r->rule.set_calling), args + skip, n - skip);
	else
		pi_note(&r->m, r->m.line, line, "only CALLERID(num)=DIGITS is taken over of Set");
}

/* An application that ends the call before anything was dialled. */
static unsigned ending(const char *app, const char *args)
{
	unsigned cause = (unsigned)strtoul(args, NULL, 10);

	if (strcasecmp(app, "Busy") == 0)
		return 17;
	if (strcasecmp(app, "Congestion") == 0)
		return 42;
	return strcasecmp(app, "Hangup") ? 0 : cause > 0 && cause < 128 ? cause : 21;
}

static void take_app(struct reader *r, char *app, const char *line)
{
	static const char *const silent[] = {"NoOp", "Answer", "Progress", "Ringing", "Verbose", "Wait"};
	char *args = strchr(app, '('), *end;

	if (args) {
		*args++ = '\0';
		end = strrchr(args, ')');
		if (end)
			*end = '\0';
	}
	args = args ? args : app + strlen(app);
	pi_trim(app);
	if (strcasecmp(app, "Dial") == 0) {
		pi_origin(&r->m, r->m.plan, r->m.line, line);
		take_dial(r, args, line);
		return;
	}
	if (strcasecmp(app, "Set") == 0) {
		take_set(r, args, line);
		return;
	}
	if (ending(app, args)) {
		if (!r->rule.targets && !r->rule.bar) {
			pi_origin(&r->m, r->m.plan, r->m.line, line);
			r->rule.bar = ending(app, args);
		}
		return;
	}
	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++)
		if (strcasecmp(app, silent[i]) == 0)
			return;
	pi_note(&r->m, r->m.line, line, "%.40s has no counterpart in a number plan", app);
}

/* What follows => : EXTEN,PRIORITY,APP(ARGS); same => PRIORITY,APP(ARGS). */
static void take_step(struct reader *r, char *value, bool same, const char *line)
{
	char *priority = value, *app;

	if (!same) {
		priority = strchr(value, ',');
		if (!priority) {
			pi_note(&r->m, r->m.line, line, "no priority; write exten => NUMBER,1,Dial(...)");
			return;
		}
		*priority++ = '\0';
		value = pi_trim(value);
		if (strcmp(r->exten, value) != 0)
			begin_exten(r, value, line);
	}
	app = strchr(priority, ',');
	if (!app || !*r->exten || r->skipping) {
		if (!app || !*r->exten)
			pi_note(&r->m, r->m.line, line, "belongs to no extension, or has no application");
		return;
	}
	*app++ = '\0';
	if (strcasecmp(pi_trim(priority), "hint") != 0)
		take_app(r, pi_trim(app), line);
}

static void take_line(struct reader *r)
{
	char line[PI_LINE], *value, *key = r->m.buffer, *comment = strchr(key, ';');

	if (comment && (comment == key || comment[-1] != '\\'))
		*comment = '\0';
	key = pi_trim(key);
	pi_copy(line, sizeof(line), key, strlen(key));
	if (!*key)
		return;
	if (*key == '[') {
		finish_rule(r);
		key[strcspn(key, "]")] = '\0';
		pi_name(r->context, sizeof(r->context), key + 1);
		fprintf(r->m.plan, "\n  # context [%s]: FILL IN from: [...] of its rules, by what enters "
				   "it\n",
			r->context);
		return;
	}
	value = strchr(key, '=');
	if (!value || strcmp(r->context, "general") == 0 || strcmp(r->context, "globals") == 0) {
		pi_note(&r->m, r->m.line, line, "nothing of a number plan");
		return;
	}
	*value++ = '\0';
	value = pi_trim(value + (*value == '>'));
	key = pi_trim(key);
	if (strcasecmp(key, "exten") == 0 || strcasecmp(key, "same") == 0)
		take_step(r, value, strcasecmp(key, "same") == 0, line);
	else if (strcasecmp(key, "include") == 0)
		pi_note(&r->m, r->m.line, line,
			"give the rules of [%.40s] also what enters [%s]", value, r->context);
	else
		pi_note(&r->m, r->m.line, line, "%.40s has no counterpart in a number plan", key);
}

int plan_import_extensions(const char *name, const char *text, size_t len, char **out,
			   plan_import_note_fn on_note, void *arg)
{
	struct reader *r = calloc(1, sizeof(*r));
	int err = r ? pi_begin(&r->m, name, text, len, on_note, arg) : -ENOMEM;

	if (!r)
		return err;
	while (!err && pi_next_line(&r->m))
		take_line(r);
	if (!err)
		finish_rule(r);
	if (err)
		(void)pi_end(&r->m, "", "", out);
	else
		err = pi_end(&r->m, "extensions", "", out);
	free(r);
	return err;
}
