/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "config/import/plan/plan_import_priv.h"

int pi_begin(struct importer *m, const char *name, const char *text, size_t len,
	     plan_import_note_fn on_note, void *arg)
{
	*m = (struct importer){
	    .name = name, .text = text, .left = len, .on_note = on_note, .arg = arg};
	if (len > PLAN_IMPORT_MAX)
		return -E2BIG;
	m->plan = open_memstream(&m->plan_text, &m->plan_len);
	m->rewrites = open_memstream(&m->rewrites_text, &m->rewrites_len);
	m->lost = open_memstream(&m->lost_text, &m->lost_len);
	return m->plan && m->rewrites && m->lost ? 0 : -ENOMEM;
}

static bool finish(FILE *f)
{
	bool good = f && !ferror(f);

	return f && fclose(f) == 0 && good;
}

static int write_all(struct importer *m, const char *command, const char *head, char **out)
{
	size_t len = 0;
	FILE *f = open_memstream(out, &len);

	if (!f)
		return -ENOMEM;
	fprintf(f,
		"# Written by `spanbridge import %s`. Look for FILL IN, then ask\n"
		"# `spanbridge plan lint FILE` and `spanbridge plan test NUMBER --config FILE`.\n%s",
		command, head);
	if (m->rewrites_len)
		fprintf(f, "\nnumbers:\n  rewrites:\n%s", m->rewrites_text);
	fprintf(f, "\nplan:\n%s", m->plan_text);
	if (m->lost_len)
		fprintf(f, "\n# Not taken over:\n%s", m->lost_text);
	if (finish(f))
		return (int)m->notes;
	free(*out);
	*out = NULL;
	return -ENOMEM;
}

int pi_end(struct importer *m, const char *command, const char *head, char **out)
{
	bool good = finish(m->plan);
	char *text = NULL;
	int err;

	good = finish(m->rewrites) && good;
	good = finish(m->lost) && good;
	err = !good ? -ENOMEM : !m->rules ? -ENOENT : write_all(m, command, head, &text);
	if (err >= 0)
		*out = text;
	free(m->plan_text);
	free(m->rewrites_text);
	free(m->lost_text);
	return err;
}

char *pi_trim(char *text)
{
	size_t n;

	while (*text == ' ' || *text == '\t')
		text++;
	n = strlen(text);
	while (n && (text[n - 1] == ' ' || text[n - 1] == '\t'))
		text[--n] = '\0';
	return text;
}

/* false: no more. *cut: its end did not fit. */
static bool read_line(struct importer *m, bool *cut)
{
	const char *end;
	size_t n, keep;
	char *trimmed;

	if (!m->left)
		return false;
	end = memchr(m->text, '\n', m->left);
	n = end ? (size_t)(end - m->text) : m->left;
	keep = n < PI_LINE - 1 ? n : PI_LINE - 1;
	m->line++;
	for (size_t i = 0; i < keep; i++) {
		unsigned char c = (unsigned char)m->text[i];

		m->buffer[i] = c < 0x20 || c == 0x7f ? ' ' : (char)c;
	}
	m->buffer[keep] = '\0';
	m->text += n + (end != NULL);
	m->left -= n + (end != NULL);
	trimmed = pi_trim(m->buffer);
	m->indent = (unsigned)(trimmed - m->buffer);
	m->at = m->buffer;
	memmove(m->buffer, trimmed, strlen(trimmed) + 1);
	*cut = keep < n;
	return true;
}

bool pi_read_line(struct importer *m)
{
	bool cut;

	return read_line(m, &cut);
}

/* A longer line is cut and told. */
bool pi_next_line(struct importer *m)
{
	bool cut;

	if (!read_line(m, &cut))
		return false;
	if (cut)
		pi_note(m, m->line, m->buffer, "the line is longer than %d octets; its end was not read",
			PI_LINE - 1);
	return true;
}

/* Printable ASCII, cut: for comments and terminals. */
static const char *quote(char out[PI_QUOTE], const char *text)
{
	size_t n = 0;

	for (; text[n] && n < PI_QUOTE - 4; n++)
		out[n] = text[n] >= 0x20 && text[n] < 0x7f ? text[n] : '?';
	snprintf(out + n, PI_QUOTE - n, "%s", text[n] ? "..." : "");
	return out;
}

unsigned pi_column(const struct importer *m, const char *at)
{
	bool here = at >= m->buffer && at < m->buffer + PI_LINE;

	return here ? m->indent + (unsigned)(at - m->buffer) + 1 : 1;
}

static void note(struct importer *m, unsigned line, unsigned column, const char *text, char *why)
{
	char all[600], shown[PI_QUOTE];

	for (char *c = why; *c; c++)
		*c = *c >= 0x20 && *c < 0x7f ? *c : '?';
	m->notes++;
	quote(shown, text);
	snprintf(all, sizeof(all), "%s:%u:%u: %s: %s", m->name, line, column, shown, why);
	m->on_note(m->arg, all);
	fprintf(m->lost, "#   line %u: %s\n#     %s\n", line, shown, why);
}

void pi_note(struct importer *m, unsigned line, const char *text, const char *format, ...)
{
	char why[300];
	va_list ap;

	va_start(ap, format);
	vsnprintf(why, sizeof(why), format, ap);
	va_end(ap);
	note(m, line, line == m->line ? pi_column(m, m->at) : 1, text, why);
}

void pi_note_at(struct importer *m, unsigned line, unsigned column, const char *text,
		const char *format, ...)
{
	char why[300];
	va_list ap;

	va_start(ap, format);
	vsnprintf(why, sizeof(why), format, ap);
	va_end(ap);
	note(m, line, column, text, why);
}

void pi_origin(struct importer *m, FILE *to, unsigned line, const char *text)
{
	char shown[PI_QUOTE], name[PI_QUOTE];

	fprintf(to, "  # %s:%u: %s\n", quote(name, m->name), line, quote(shown, text));
}

void pi_quoted(FILE *to, const char *text)
{
	fputc('"', to);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', to);
		if ((unsigned char)*text >= 0x20 && (unsigned char)*text < 0x7f)
			fputc(*text, to);
	}
	fputc('"', to);
}

bool pi_copy(char *out, size_t size, const char *text, size_t n)
{
	size_t keep = n < size ? n : size - 1;

	memcpy(out, text, keep);
	out[keep] = '\0';
	return keep == n;
}

void pi_name(char *out, size_t size, const char *text)
{
	size_t n = 0;

	for (; text[n] && n < size - 1 && n < 60; n++)
		out[n] = (text[n] >= '0' && text[n] <= '9') || (text[n] >= 'a' && text[n] <= 'z') ||
				 (text[n] >= 'A' && text[n] <= 'Z') || text[n] == '.' ||
				 text[n] == '_'
			     ? text[n]
			     : '-';
	out[n] = '\0';
}

static bool changes(const struct pi_set *s)
{
	return s->strip || *s->prepend || *s->number || *s->ton || *s->npi;
}

static void write_set(FILE *f, const struct pi_set *s)
{
	const char *comma = "";

	fputs("{called: {", f);
	if (s->strip) {
		fprintf(f, "strip: %u", s->strip);
		comma = ", ";
	}
	if (*s->prepend || *s->number) {
		fprintf(f, "%s%s: ", comma, *s->number ? "number" : "prepend");
		pi_quoted(f, *s->number ? s->number : s->prepend);
		comma = ", ";
	}
	if (*s->ton)
		fprintf(f, "%ston: %s", comma, s->ton);
	if (*s->npi)
		fprintf(f, "%snpi: %s", *s->ton ? ", " : comma, s->npi);
	fputs("}}", f);
}

static void write_match(FILE *f, const struct pi_rule *r)
{
	fputs("    match:\n      called: {", f);
	if (*r->match) {
		fprintf(f, "%s: ", r->key);
		pi_quoted(f, r->match);
	}
	if (*r->ton)
		fprintf(f, "%ston: [%s]", *r->match ? ", " : "", r->ton);
	fputs("}\n", f);
	if (*r->calling) {
		fputs("      calling: {pattern: ", f);
		pi_quoted(f, r->calling);
		fputs("}\n", f);
	}
}

static void write_target(FILE *f, const struct pi_target *t)
{
	fprintf(f, "      - {to: ");
	pi_quoted(f, t->to);
	if (*t->priority)
		fprintf(f, ", priority: %s", t->priority);
	if (*t->weight)
		fprintf(f, ", weight: %s", t->weight);
	if (*t->cost)
		fprintf(f, ", cost: %s", t->cost);
	if (changes(&t->set)) {
		fputs(", set: ", f);
		write_set(f, &t->set);
	}
	fputs("}\n", f);
}

void pi_write_rule(struct importer *m, const struct pi_rule *r)
{
	FILE *f = m->plan;

	m->rules++;
	fprintf(f, "  - name: ");
	pi_quoted(f, r->name);
	fputc('\n', f);
	if (*r->from)
		fprintf(f, "    from: [%s]\n", r->from);
	if (*r->match || *r->ton || *r->calling)
		write_match(f, r);
	if (*r->set_calling) {
		fputs("    set: {calling: {number: ", f);
		pi_quoted(f, r->set_calling);
		fputs("}}\n", f);
	}
	if (r->bar) {
		fprintf(f, "    bar: %u\n", r->bar);
		return;
	}
	fputs("    targets:\n", f);
	for (unsigned i = 0; i < r->targets; i++)
		write_target(f, &r->target[i]);
}
