/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/tree.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { CHUNK = 16384 };

struct arena_chunk {
	struct arena_chunk *next;
	_Alignas(16) unsigned char memory[];
};

void *arena_alloc(struct arena *a, size_t size)
{
	unsigned char *p;

	size = (size + 15) & ~(size_t)15;
	if (size > a->left) {
		size_t room = size > CHUNK ? size : CHUNK;
		struct arena_chunk *c = calloc(1, sizeof(*c) + room);

		if (!c)
			return NULL;
		c->next = a->chunk;
		a->chunk = c;
		a->left = room;
	}
	/* Handed out from the end, so that one number is all that must be kept. */
	a->left -= size;
	p = a->chunk->memory + a->left;
	return p;
}

void arena_free(struct arena *a)
{
	while (a->chunk) {
		struct arena_chunk *next = a->chunk->next;

		free(a->chunk);
		a->chunk = next;
	}
	a->left = 0;
}

struct builder {
	struct arena *arena;
	struct report *report;
	struct node *root;
	struct node *open[TREE_DEPTH_MAX]; /* from the root inwards */
	struct node *key[TREE_DEPTH_MAX];  /* of an open map: the key that waits for its value */
	unsigned depth, nodes;
	bool failed;
};

/* libyaml counts from 0; an error at the end of a file may stand past the last line. */
static void fail_at(struct builder *b, const yaml_mark_t *mark, const char *why)
{
	report_add(b->report, (unsigned)mark->line + 1, (unsigned)mark->column + 1, "%s", why);
}

static struct node *fail(struct builder *b, const yaml_mark_t *mark, const char *why)
{
	fail_at(b, mark, why);
	b->failed = true;
	return NULL;
}

/* The new node becomes the root, the next item of the open list, or key or value in the open map.
 */
static struct node *add_node(struct builder *b, const yaml_event_t *e, enum node_kind kind)
{
	struct node *n, *parent = b->depth ? b->open[b->depth - 1] : NULL;

	if (++b->nodes > TREE_NODES_MAX)
		return fail(b, &e->start_mark,
			    "too many values; long lists of numbers belong into CSV files "
			    "(numbers.lists)");
	n = arena_alloc(b->arena, sizeof(*n));
	if (!n)
		return fail(b, &e->start_mark, "out of memory");
	n->kind = kind;
	n->line = (unsigned)e->start_mark.line + 1;
	n->column = (unsigned)e->start_mark.column + 1;
	n->text = "";
	if (!parent) {
		b->root = n;
		return n;
	}
	if (parent->kind == NODE_MAP && !b->key[b->depth - 1]) {
		if (kind != NODE_SCALAR)
			return fail(b, &e->start_mark,
				    "a list or map cannot be a key; write a word and a colon");
		b->key[b->depth - 1] = n;
		return n;
	}
	if (parent->kind == NODE_MAP) {
		n->key = b->key[b->depth - 1];
		b->key[b->depth - 1] = NULL;
	}
	if (parent->last)
		parent->last->next = n;
	else
		parent->first = n;
	parent->last = n;
	parent->count++;
	return n;
}

static void refuse_extras(struct builder *b, struct node *n, const yaml_event_t *e,
			  const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (!n || (!anchor && !tag))
		return;
	fail_at(b, &e->start_mark,
		anchor ? "anchors (&name) are not supported here; write the value out where it is "
			 "needed"
		       : "tags (!name) are not supported here; write the plain value");
	n->bad = true;
}

static void add_scalar(struct builder *b, const yaml_event_t *e)
{
	const char *value = (const char *)e->data.scalar.value;
	struct node *n = add_node(b, e, NODE_SCALAR);
	char *text;

	if (!n)
		return;
	refuse_extras(b, n, e, e->data.scalar.anchor, e->data.scalar.tag);
	for (size_t i = 0; i < e->data.scalar.length && !n->bad; i++) {
		if ((unsigned char)value[i] >= 0x20 && value[i] != 0x7f)
			continue;
		fail_at(b, &e->start_mark,
			"a line break or control character in a value; write it on one line");
		n->bad = true;
	}
	text = arena_alloc(b->arena, e->data.scalar.length + 1);
	if (!text) {
		fail(b, &e->start_mark, "out of memory");
		return;
	}
	memcpy(text, value, e->data.scalar.length);
	n->text = text;
	n->quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
}

static void open_node(struct builder *b, const yaml_event_t *e, enum node_kind kind)
{
	struct node *n;

	if (b->depth == TREE_DEPTH_MAX) {
		fail(b, &e->start_mark, "nested too deeply; the deepest setting has 4 levels");
		return;
	}
	n = add_node(b, e, kind);
	if (!n)
		return;
	if (kind == NODE_MAP)
		refuse_extras(b, n, e, e->data.mapping_start.anchor, e->data.mapping_start.tag);
	else
		refuse_extras(b, n, e, e->data.sequence_start.anchor, e->data.sequence_start.tag);
	b->open[b->depth] = n;
	b->key[b->depth] = NULL;
	b->depth++;
}

static void on_event(struct builder *b, const yaml_event_t *e)
{
	struct node *n;

	switch (e->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (b->root)
			fail(b, &e->start_mark,
			     "a second document starts here; one file holds one configuration");
		break;
	case YAML_ALIAS_EVENT:
		n = add_node(b, e, NODE_SCALAR);
		if (n)
			n->bad = true;
		fail_at(b, &e->start_mark,
			"aliases (*name) are not supported here; write the value out");
		break;
	case YAML_SCALAR_EVENT:
		add_scalar(b, e);
		break;
	case YAML_MAPPING_START_EVENT:
		open_node(b, e, NODE_MAP);
		break;
	case YAML_SEQUENCE_START_EVENT:
		open_node(b, e, NODE_LIST);
		break;
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		b->depth--;
		break;
	default:
		break;
	}
}

static void report_syntax(struct builder *b, const yaml_parser_t *p)
{
	const char *problem = p->problem ? p->problem : "cannot be read";
	unsigned line = (unsigned)p->problem_mark.line + 1;
	unsigned column = (unsigned)p->problem_mark.column + 1;

	if (p->error == YAML_MEMORY_ERROR)
		report_add(b->report, 0, 0, "out of memory");
	else if (p->context && p->context_mark.line != p->problem_mark.line)
		report_add(b->report, line, column, "not YAML: %s (%s that starts at line %u)",
			   problem, p->context, (unsigned)p->context_mark.line + 1);
	else
		report_add(b->report, line, column,
			   "not YAML: %s; check the indentation, colons and quotes of this line",
			   problem);
	b->failed = true;
}

/* Length of the UTF-8 character at text, 0 when it is none (RFC 3629 4). */
static size_t character(const unsigned char *text, size_t left, uint32_t *code)
{
	static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n = *text < 0x80	      ? 1
		   : *text >> 5 == 6  ? 2
		   : *text >> 4 == 14 ? 3
		   : *text >> 3 == 30 ? 4
				      : 0;

	if (n == 0 || n > left)
		return 0;
	*code = n == 1 ? *text : *text & (0x7fU >> n);
	for (size_t i = 1; i < n; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (text[i] & 0x3f);
	}
	return *code >= least[n] && *code <= 0x10ffff && (*code < 0xd800 || *code > 0xdfff) ? n : 0;
}

/* What YAML 1.1 5.1 lets stand in a text. */
static bool printable(uint32_t code)
{
	return (code >= 0x20 && code < 0x7f) || code >= 0xa0 || code == '\t' || code == '\n' ||
	       code == '\r' || code == 0x85;
}

/* What libyaml would report without a place, or in words that do not help. */
static bool check_text(struct report *r, const char *text, size_t len)
{
	unsigned line = 1, column = 1;
	bool indent = true, good = true;

	for (size_t i = 0; i < len;) {
		uint32_t code = 0;
		size_t n = character((const unsigned char *)text + i, len - i, &code);

		if (n == 0 || !printable(code)) {
			report_add(r, line, column,
				   n ? "0x%02x is a control character; remove it"
				     : "octet 0x%02x is not UTF-8 text; save the file as UTF-8",
				   n ? code : (unsigned char)text[i]);
			return false;
		}
		if (indent && text[i] == '\t') {
			report_add(r, line, column,
				   "a tab in the indentation; YAML is indented with spaces");
			good = indent = false;
		}
		indent = text[i] == '\n' || (indent && text[i] == ' ');
		column++;
		if (text[i] == '\n') {
			line++;
			column = 1;
		}
		i += n;
	}
	return good;
}

struct node *tree_parse(struct arena *a, struct report *r, const char *text, size_t len)
{
	struct builder b = {.arena = a, .report = r};
	yaml_parser_t parser;
	yaml_event_t event;
	bool end = false;

	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) { /* a byte order mark, harmless */
		text += 3;
		len -= 3;
	}
	if (!check_text(r, text, len))
		return NULL;
	if (!yaml_parser_initialize(&parser)) {
		report_add(r, 0, 0, "out of memory");
		return NULL;
	}
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	while (!end && !b.failed) {
		if (!yaml_parser_parse(&parser, &event)) {
			report_syntax(&b, &parser);
			break;
		}
		on_event(&b, &event);
		end = event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	if (!b.failed && !b.root)
		report_add(r, 1, 1, "the file is empty; it needs spans, trunks and plan");
	return b.failed ? NULL : b.root;
}
