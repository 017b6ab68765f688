/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order in which Asterisk asks. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/import/plan/extensions_priv.h"

/* ── Contexts: before those that they include ── */

struct walk {
	struct ast *a;
	bool seen[AST_CONTEXTS_MAX];
	unsigned next; /* rank, given from the last to the first */
};

static void visit(struct walk *w, unsigned context)
{
	const struct ast_context *c = &w->a->context[context];

	if (w->seen[context])
		return;
	w->seen[context] = true;
	for (unsigned i = c->includes; i > 0; i--)
		visit(w, c->include[i - 1]);
	w->a->context[context].rank = --w->next;
}

/* An order that suits all need not exist: A includes B then C, D includes C then B, or a circle. */
static void tell_disorder(struct ast *a, const struct ast_context *c)
{
	for (unsigned i = 0; i < c->includes; i++) {
		const struct ast_context *other = &a->context[c->include[i]];
		bool late = i && a->context[c->include[i - 1]].rank > other->rank;

		if (!other->line)
			pi_note_at(&a->m, c->line, 1, c->name,
				   "it includes [%.40s], which is not in this file", other->name);
		else if (other->rank < c->rank || late)
			pi_note_at(&a->m, c->line, 1, c->name,
				   "[%.40s] is asked in another order here than this context includes it",
				   other->name);
	}
}

static void order_contexts(struct ast *a)
{
	struct walk w = {.a = a, .next = a->contexts};

	for (unsigned i = a->contexts; i > 0; i--)
		visit(&w, i - 1);
	for (unsigned i = 0; i < a->contexts; i++)
		tell_disorder(a, &a->context[i]);
}

/* ── Extensions: place by place the narrower one ── */

/* How many octets fit at this place of a pattern; moves on. Behind the end nothing fits, which comes last,
 * and . before !. */
static unsigned width(const char **p)
{
	char c = *(*p)++;
	unsigned n = 0;

	switch (c) {
	case '\0':
		--*p;
		return 1000;
	case 'N':
	case 'n':
		return 8;
	case 'Z':
	case 'z':
		return 9;
	case 'X':
	case 'x':
		return 10;
	case '.':
		return 100;
	case '!':
		return 200;
	case '[':
		for (; **p && **p != ']'; ++*p)
			n += (*p)[0] == '-' && (*p)[1] > (*p)[-1] ? (unsigned)((*p)[1] - (*p)[-1]) - 1 : 1;
		*p += **p == ']';
		return n;
	default:
		return 1;
	}
}

static int compare_names(const char *a, const char *b)
{
	bool caller_a = strchr(a, '/'), caller_b = strchr(b, '/');

	if ((*a == '_') != (*b == '_'))
		return *a == '_' ? 1 : -1;
	for (const char *p = a, *q = b; *a == '_' && (*p || *q);) {
		unsigned m = width(&p), n = width(&q);

		if (m != n)
			return m < n ? -1 : 1;
	}
	/* The same pattern: with a caller first. */
	if (caller_a != caller_b && strncmp(a, b, strcspn(a, "/")) == 0)
		return caller_a ? -1 : 1;
	return strcmp(a, b);
}

static int compare_places(unsigned rank, const char *name, unsigned other_rank, const char *other)
{
	return rank != other_rank ? (rank < other_rank ? -1 : 1) : compare_names(name, other);
}

static int compare_steps(const void *left, const void *right)
{
	const struct ast_step *x = left, *y = right;
	int places = compare_places(x->rank, x->name, y->rank, y->name);

	return places			    ? places
	       : x->priority != y->priority ? (x->priority < y->priority ? -1 : 1)
					    : (x->line < y->line ? -1 : 1);
}

const struct ast_exten *ast_find_exten(const struct ast *a, unsigned context, const char *name)
{
	unsigned low = 0, high = a->extens;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;
		const struct ast_exten *e = &a->exten[middle];
		int places = compare_places(a->context[context].rank, name,
					    a->context[e->context].rank, e->name);

		if (places == 0)
			return e;
		if (places < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

int ast_order(struct ast *a)
{
	order_contexts(a);
	a->exten = calloc(a->steps + 1, sizeof(*a->exten));
	if (!a->exten)
		return -ENOMEM;
	for (unsigned i = 0; i < a->steps; i++)
		a->step[i].rank = a->context[a->step[i].exten].rank;
	if (a->steps)
		qsort(a->step, a->steps, sizeof(*a->step), compare_steps);
	for (unsigned i = 0; i < a->steps; i++) {
		struct ast_step *s = &a->step[i];
		struct ast_exten *e = a->extens ? &a->exten[a->extens - 1] : NULL;

		if (!e || e->context != s->exten || strcmp(e->name, s->name) != 0) {
			e = &a->exten[a->extens++];
			*e = (struct ast_exten){
			    .context = s->exten, .line = s->line, .first = i, .name = s->name};
		}
		e->steps++;
	}
	for (unsigned i = 0; i < a->extens; i++)
		for (unsigned k = 0; k < a->exten[i].steps; k++)
			a->step[a->exten[i].first + k].exten = i;
	return 0;
}
