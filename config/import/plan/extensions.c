/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asterisk's extensions.conf: extensions that dial a DAHDI group or a SIP trunk. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/import/plan/extensions_priv.h"

struct reader {
	struct ast *a;
	int context;   /* index; -1: none, or not one of a dial plan */
	bool globals;  /* in [globals] */
	char exten[PI_TEXT]; /* of `same =>` */
	unsigned last; /* priority of the last step: n is one more */
};

int ast_context(struct ast *a, const char *name)
{
	struct ast_context *c;

	for (unsigned i = 0; i < a->contexts; i++)
		if (strcmp(a->context[i].name, name) == 0)
			return (int)i;
	if (a->contexts == AST_CONTEXTS_MAX)
		return -1;
	c = &a->context[a->contexts];
	*c = (struct ast_context){.line = 0}; /* not there yet: an include may come first */
	pi_copy(c->name, sizeof(c->name), name, strlen(name));
	return (int)a->contexts++;
}

/* "1", "n", "n+2", "n(label)", "hint"; false: none. */
static bool take_priority(struct reader *r, char *text, unsigned *priority, const char **label)
{
	char *open = strchr(text, '('), *end;

	*label = "";
	if (open) {
		*open++ = '\0';
		open[strcspn(open, ")")] = '\0';
		*label = open;
	}
	text = pi_trim(text);
	if (*text == 'n')
		*priority = r->last + 1 + (text[1] == '+' ? (unsigned)strtoul(text + 2, NULL, 10) : 0);
	else if (*text == 's' && !text[1])
		*priority = r->last;
	else {
		*priority = (unsigned)strtoul(text, &end, 10);
		if (*end || !*priority)
			return false;
	}
	r->last = *priority;
	return *priority && *priority < 100000;
}

static struct ast_step *new_step(struct ast *a)
{
	if (a->steps == a->steps_room) {
		unsigned room = a->steps_room ? 2 * a->steps_room : 64;
		struct ast_step *more = realloc(a->step, room * sizeof(*more));

		if (!more)
			return NULL;
		a->step = more;
		a->steps_room = room;
	}
	a->step[a->steps] = (struct ast_step){.line = a->m.line};
	return &a->step[a->steps];
}

/* "Dial(DAHDI/g1/…)" into name and what stands between the outer brackets. */
static void split_app(char *app, struct ast_step *s)
{
	char *args = strchr(app, '('), *end;

	s->args = "";
	if (args) {
		*args++ = '\0';
		end = strrchr(args, ')');
		if (end)
			*end = '\0';
		s->args = pi_trim(args);
	}
	s->app = pi_trim(app);
}

/* What follows => : EXTEN,PRIORITY,APP(ARGS); same => PRIORITY,APP(ARGS). */
static void take_step(struct reader *r, const char *value, bool same, const char *line)
{
	struct importer *m = &r->a->m;
	struct ast_step *s = new_step(r->a);
	size_t size = strlen(value) + PI_TEXT + 2;
	char *rest, *app;

	if (!s || !(s->parts = malloc(size)) || !(s->line_text = strdup(line)))
		goto out;
	snprintf(s->parts, size, "%s%s%s", same ? r->exten : "", same ? "," : "", value);
	s->name = s->parts;
	rest = strchr(s->parts, ',');
	app = rest ? strchr(rest + 1, ',') : NULL;
	if (!rest || !app || (same && !*r->exten)) {
		pi_note(m, m->line, line,
			"what is right: exten => NUMBER,PRIORITY,APPLICATION(...), or same => "
			"PRIORITY,APPLICATION(...) below one");
		goto out;
	}
	*rest++ = '\0';
	*app++ = '\0';
	s->name = pi_trim(s->parts);
	pi_copy(r->exten, sizeof(r->exten), s->name, strlen(s->name));
	s->column = pi_column(m, m->at);
	if (strcasecmp(pi_trim(rest), "hint") == 0)
		goto out;
	if (!take_priority(r, rest, &s->priority, &s->label)) {
		pi_note(m, m->line, line, "a priority is a number, or n for one more than the last");
		goto out;
	}
	split_app(app, s);
	s->exten = (unsigned)r->context; /* until ast_order() */
	r->a->steps++;
	return;
out:
	if (s) {
		free(s->parts);
		free(s->line_text);
	}
}

static void take_include(struct reader *r, char *value, const char *line)
{
	struct ast_context *c = &r->a->context[r->context];
	int other;

	if (strpbrk(value, ",|")) {
		pi_note(&r->a->m, r->a->m.line, line,
			"an include at certain times is not taken over: write when: to the rules of that "
			"context");
		return;
	}
	other = ast_context(r->a, pi_trim(value));
	c = &r->a->context[r->context];
	if (other < 0 || c->includes == AST_INCLUDES_MAX) {
		pi_note(&r->a->m, r->a->m.line, line, "more contexts than have a place here");
		return;
	}
	c->include[c->includes++] = (unsigned)other;
	r->a->context[other].included |= other != r->context;
}

static void take_global(struct ast *a, const char *name, const char *value)
{
	struct ast_global *g = &a->global[a->globals];

	if (a->globals == AST_GLOBALS_MAX ||
	    !pi_copy(g->name, sizeof(g->name), name, strlen(name)) ||
	    !pi_copy(g->value, sizeof(g->value), value, strlen(value)))
		pi_note(&a->m, a->m.line, name, "more or longer variables than have a place here");
	else
		a->globals++;
}

static void begin_context(struct reader *r, char *name, const char *line)
{
	name[strcspn(name, "]")] = '\0';
	r->exten[0] = '\0';
	r->last = 0;
	r->context = -1;
	r->globals = strcasecmp(name, "globals") == 0;
	if (r->globals || strcasecmp(name, "general") == 0)
		return;
	r->context = ast_context(r->a, name);
	if (r->context < 0)
		pi_note(&r->a->m, r->a->m.line, line, "more than %d contexts", AST_CONTEXTS_MAX);
	else if (!r->a->context[r->context].line)
		r->a->context[r->context].line = r->a->m.line;
}

static void take_line(struct reader *r)
{
	struct importer *m = &r->a->m;
	char line[PI_LINE], *value, *key = m->buffer, *comment = strchr(key, ';');

	if (comment && (comment == key || comment[-1] != '\\'))
		*comment = '\0';
	key = pi_trim(key);
	pi_copy(line, sizeof(line), key, strlen(key));
	if (!*key)
		return;
	if (*key == '[') {
		begin_context(r, key + 1, line);
		return;
	}
	value = strchr(key, '=');
	if (!value || (r->context < 0 && !r->globals)) {
		pi_note(m, m->line, line, "nothing of a number plan");
		return;
	}
	*value++ = '\0';
	value = pi_trim(value + (*value == '>'));
	m->at = value;
	key = pi_trim(key);
	if (r->globals)
		take_global(r->a, key, value);
	else if (strcasecmp(key, "exten") == 0 || strcasecmp(key, "same") == 0)
		take_step(r, value, strcasecmp(key, "same") == 0, line);
	else if (strcasecmp(key, "include") == 0)
		take_include(r, value, line);
	else
		pi_note(m, m->line, line, "%.40s has no counterpart in a number plan", key);
}

static const char head[] =
    "# The order is Asterisk's: the first rule that fits decides, not the longest. Numbers are seen as\n"
    "# Asterisk saw them as long as spans and trunks have no numbers: {profile: ...}.\n"
    "\nnumbers:\n  order: listed\n";

static bool is_entered(const struct ast *a, const struct ast_context *c)
{
	return *c->from || !(a->from_known || c->jumped) || (c->included && !a->from_known);
}

static void begin_rules(struct ast *a, const struct ast_context *c)
{
	char name[AST_NAME];

	pi_name(name, sizeof(name), c->name);
	fprintf(a->m.plan,
		a->from_known ? "\n  # context [%s]\n"
			      : "\n  # context [%s]: FILL IN from: [...] of its rules, by what enters it\n",
		name);
	if (!is_entered(a, c))
		pi_note_at(&a->m, c->line, 1, c->name, "%s: its rules are not taken over",
			   a->from_known ? "no span or trunk enters this context"
					 : "this context is entered by Goto only, as far as this file says");
}

/* Contexts in their order, each with what enters it. */
static void write_all(struct ast *a)
{
	unsigned context = UINT32_MAX;

	for (unsigned i = 0; i < a->extens; i++) {
		const struct ast_exten *e = &a->exten[i];
		const struct ast_context *c = &a->context[e->context];

		if (e->context != context)
			begin_rules(a, c);
		context = e->context;
		if (is_entered(a, c))
			ast_write_exten(a, e);
	}
}

static void forget(struct ast *a)
{
	for (unsigned i = 0; i < a->steps; i++) {
		free(a->step[i].parts);
		free(a->step[i].line_text);
	}
	free(a->step);
	free(a->exten);
	free(a->context);
	free(a);
}

int plan_import_extensions_with(const struct plan_import_file *file,
				const struct plan_import_file *beside, unsigned beside_count, char **out,
				plan_import_note_fn on_note, void *arg)
{
	struct ast *a = calloc(1, sizeof(*a));
	struct reader r = {.a = a, .context = -1};
	int err = a ? pi_begin(&a->m, file->name, file->text, file->len, on_note, arg) : -ENOMEM;

	if (!a)
		return err;
	a->context = malloc(AST_CONTEXTS_MAX * sizeof(*a->context)); /* each is filled in as a whole */
	if (!err && !a->context)
		err = -ENOMEM;
	while (!err && pi_next_line(&a->m))
		take_line(&r);
	for (unsigned i = 0; !err && i < beside_count; i++)
		ast_take_beside(a, &beside[i]);
	if (!err)
		err = ast_order(a);
	if (!err) {
		ast_spread_from(a);
		write_all(a);
	}
	if (err)
		(void)pi_end(&a->m, "", "", out);
	else
		err = pi_end(&a->m, "extensions", head, out);
	forget(a);
	return err;
}

int plan_import_extensions(const char *name, const char *text, size_t len, char **out,
			   plan_import_note_fn on_note, void *arg)
{
	return plan_import_extensions_with(&(struct plan_import_file){name, text, len}, NULL, 0, out,
					   on_note, arg);
}
