/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/import/dahdi/import_spans.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


enum { COMMENT_COLUMN = 28 };

void import_where(struct import_where *w, const struct import_source *source, unsigned line,
		  const char *text)
{
	char name[IMPORT_QUOTE], quoted[IMPORT_QUOTE];

	import_say(w, "%s:%u: %s", import_quote(name, source->name), line,
		   import_quote(quoted, text));
}

void import_say(struct import_where *w, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(w->text, sizeof(w->text), format, ap);
	va_end(ap);
}

struct import_span *import_span_at(struct import_result *r, unsigned span)
{
	struct import_span *s;

	for (unsigned i = 0; i < r->count; i++)
		if (r->span[i].span == span)
			return &r->span[i];
	if (r->count == IMPORT_SPANS_MAX || !span)
		return NULL;
	s = &r->span[r->count++];
	*s = (struct import_span){.span = span, .side = -1};
	return s;
}

/* One line "    key: value   # where". */
static void put(FILE *f, const struct import_where *where, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void put(FILE *f, const struct import_where *where, const char *format, ...)
{
	char line[200];
	va_list ap;

	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	if (where && *where->text)
		fprintf(f, "%-*s # %s\n", COMMENT_COLUMN, line, where->text);
	else
		fprintf(f, "%s\n", line);
}

static void put_span(FILE *f, const struct import_span *s)
{
	char slots[120];
	bool network = s->side == ISDN_NETWORK;

	put(f, &s->span_at, "  - span: %u", s->span);
	fprintf(f, "    driver: dahdi\n");
	fprintf(f, "    dahdi_span: %u\n", s->span);
	if (s->side >= 0)
		put(f, &s->side_at, "    side: %s", network ? "network" : "user");
	else
		fprintf(f,
			"    side: %-17s # FILL IN: user towards an exchange, network towards a "
			"PBX%s\n",
			s->known_timing && !s->timing ? "network" : "user",
			!s->known_timing ? ""
			: s->timing	 ? " (guessed: the clock comes from the line)"
					 : " (guessed: the clock is ours)");
	put(f, &s->dchannel_at, "    dchannel: %u", s->dchannel);
	put(f, &s->bchannels_at, "    bchannels: %s",
	    e1_slots_text(s->bchannels, slots, sizeof(slots)));
	if (s->t1)
		fprintf(f, "    line: t1\n");
	if (s->d4)
		fprintf(f, "    framing: d4\n");
	if (s->ami)
		fprintf(f, "    code: ami\n");
	if (s->known_timing && !s->t1 && !s->dynamic)
		fprintf(f, "    crc4: %s\n", s->crc4 ? "true" : "false");
	if (s->lbo)
		fprintf(f, "    build_out: %u\n", s->lbo);
	if (s->known_timing)
		put(f, &s->clock_at, "    clock: %s", s->timing ? "slave" : "master");
	if (s->t309_s)
		put(f, &s->t309_at, "    timers: {t309: %u}", s->t309_s);
	if (s->echo_ms)
		put(f, &s->echo_at, "    echo_cancel: %u", s->echo_ms);
	if (s->rx_gain_db)
		put(f, &s->rx_at, "    rx_gain_db: %d", s->rx_gain_db);
	if (s->tx_gain_db)
		put(f, &s->tx_at, "    tx_gain_db: %d", s->tx_gain_db);
	fputc('\n', f);
}

static void put_in_rule(FILE *f, const struct import_span *s)
{
	put(f, &s->context_at, "  - name: from-span-%u", s->span);
	fprintf(f, "    from: span:%u\n", s->span);
	fprintf(f, "    to: trunk:sip\n\n");
}

/* off: as a comment, because the plan can have one rule for the same calls only. */
static void put_out_rule(FILE *f, const struct import_span *s, bool off)
{
	const char *mark = off ? "  # " : "  ";

	if (off)
		fprintf(f, "  # Which calls go to this span? Give the rule a prefix:\n");
	put(f, &s->group_at, "%s- name: to-span-%u", mark, s->span);
	fprintf(f, "%s  from: trunk:sip\n", mark);
	if (s->set_ton)
		put(f, &s->dialplan_at, "%s  set_ton: %s", mark, s->set_ton);
	if (s->set_npi)
		fprintf(f, "%s  set_npi: %s\n", mark, s->set_npi);
	fprintf(f, "%s  to: span:%u\n\n", mark, s->span);
}

static void put_head(FILE *f, const char *command)
{
	fprintf(f,
		"# SPDX-License-Identifier: GPL-2.0-or-later\n"
		"# Made by `spanbridge %s`. Look for FILL IN: the other file could not know that. "
		"Then:\n"
		"#   spanbridged --check THIS-FILE\n"
		"#   spanbridge doctor THIS-FILE\n\n",
		command);
}

static void put_rest(FILE *f, const struct import_result *r)
{
	fprintf(f, "trunks:\n"
		   "  - name: sip\n"
		   "    bind: 127.0.0.1:5060         # FILL IN: our address for SIP\n"
		   "    peer: 192.0.2.1:5060         # FILL IN: where calls go, and come from\n\n"
		   "plan:\n");
	for (unsigned i = 0; i < r->count; i++)
		put_in_rule(f, &r->span[i]);
	for (unsigned i = 0; i < r->count; i++)
		put_out_rule(f, &r->span[i], i > 0);
}

static int compare(const void *a, const void *b)
{
	const struct import_span *s = a, *o = b;

	return (s->span > o->span) - (s->span < o->span);
}

char *import_write(struct import_result *r)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	bool failed;

	if (!f)
		return NULL;
	qsort(r->span, r->count, sizeof(r->span[0]), compare);
	put_head(f, r->command);
	fprintf(f, "spans:\n");
	for (unsigned i = 0; i < r->count; i++)
		put_span(f, &r->span[i]);
	put_rest(f, r);
	failed = ferror(f);
	if (fclose(f) || failed) {
		free(text);
		return NULL;
	}
	return text;
}
