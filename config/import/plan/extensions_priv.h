/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A dial plan of Asterisk as values. extensions.c reads it, extensions_order.c puts it into the order in
 * which Asterisk asks (an included context after the one that includes it, the narrower pattern first,
 * place by place), extensions_run.c makes a rule of an extension's steps, extensions_from.c tells from the
 * channel drivers' files what enters which context. Private to config/import/plan/.
 */
#ifndef CONFIG_IMPORT_PLAN_EXTENSIONS_PRIV_H
#define CONFIG_IMPORT_PLAN_EXTENSIONS_PRIV_H

#include <stdint.h>

#include "config/import/plan/plan_import_priv.h"

enum { AST_CONTEXTS_MAX = 512, AST_INCLUDES_MAX = 32, AST_GLOBALS_MAX = 256, AST_NAME = 80 };

struct ast_context {
	char name[AST_NAME];
	unsigned line;
	unsigned include[AST_INCLUDES_MAX], includes; /* indexes of contexts */
	char from[PI_FROM]; /* what enters it, quoted; empty: nothing, or not known */
	unsigned rank;	    /* place in the order of contexts */
	bool included, jumped, extens; /* by another; to it by a Goto of another; it has some */
};

/* "exten => NAME,PRIORITY,APP(ARGS)" */
struct ast_step {
	unsigned exten;	   /* index; of its context until ast_order() */
	unsigned rank;	   /* of its context */
	unsigned priority, line, column;
	char *line_text, *parts; /* owner: this */
	const char *name, *label, *app, *args; /* in parts; label may be "" */
};

struct ast_exten {
	unsigned context, line, first, steps; /* steps[first] on, by priority */
	const char *name;		      /* in the first step's parts */
};

struct ast_global {
	char name[AST_NAME], value[AST_NAME];
};

/* Of chan_dahdi.conf: the spans of a group. */
struct ast_group {
	uint64_t spans; /* bit span */
};

struct ast {
	struct importer m;
	struct ast_context *context; /* AST_CONTEXTS_MAX; owner: this */
	unsigned contexts;
	struct ast_step *step; /* owner: this */
	unsigned steps, steps_room;
	struct ast_exten *exten; /* owner: this */
	unsigned extens;
	struct ast_global global[AST_GLOBALS_MAX];
	unsigned globals;
	struct ast_group group[64]; /* DAHDI/gN */
	bool groups_known, from_known; /* from the files beside it */
	bool from_asked; /* from: says FILL IN, as there are several ways in */
};

/* The context of this name, made when there is none; -1: no room. */
int ast_context(struct ast *a, const char *name);
/* Orders contexts, steps and extensions; a->exten is made here. 0 or -ENOMEM. */
int ast_order(struct ast *a);
/* A pattern or number of theirs in ours; false: it is none. length: digits, 0 when it is open. */
bool ast_pattern(const char *text, char out[PI_TEXT], unsigned *length, bool *plus);
/* NULL: the context has none of this name. */
const struct ast_exten *ast_find_exten(const struct ast *a, unsigned context, const char *name);
void ast_write_exten(struct ast *a, const struct ast_exten *e);
/* What enters which context. */
void ast_take_beside(struct ast *a, const struct plan_import_file *file);
void ast_spread_from(struct ast *a);

#endif
