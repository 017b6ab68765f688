/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/import/dahdi/system_conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "gateway/base/strbuf.h"

enum { E1_CHANNELS = 31, T1_CHANNELS = 24, FIELDS_MAX = 12 };

struct reader {
	struct system_conf *conf;
	struct import_notes *notes;
	const char *text; /* the line that is being read */
	unsigned line;
};

#define NOTE(r, ...) import_note((r)->notes, (r)->conf->source, (r)->line, (r)->text, __VA_ARGS__)

static unsigned split(char *value, char *field[FIELDS_MAX])
{
	unsigned n = 0;
	char *item;

	while (n < FIELDS_MAX && (item = strsep(&value, ",")))
		field[n++] = import_trim(item);
	return n;
}

static struct system_span *new_span(struct reader *r, unsigned number)
{
	struct system_span *s;

	if (!number || number > IMPORT_SPANS_MAX) {
		NOTE(r, "there is no such span: DAHDI's are 1 to %d", IMPORT_SPANS_MAX);
		return NULL;
	}
	s = &r->conf->span[number];
	if (s->number) {
		NOTE(r, "span %u stands already in line %u; the first one is taken", number,
		     s->line);
		return NULL;
	}
	s->number = number;
	s->line = r->line;
	import_quote(s->text, r->text);
	r->conf->span_count++;
	if (number > r->conf->highest)
		r->conf->highest = number;
	return s;
}

/* span=NUMBER,TIMING,LBO,FRAMING,CODING[,crc4][,yellow][,term…] */
static void read_span(struct reader *r, char *value)
{
	char *field[FIELDS_MAX];
	unsigned n = split(value, field), number, timing, lbo;
	struct system_span *s;

	if (n < 5 || !import_number(field[0], UINT16_MAX, &number) ||
	    !import_number(field[1], 255, &timing) || !import_number(field[2], 7, &lbo)) {
		NOTE(r, "not understood; a span is NUMBER,TIMING,LBO,FRAMING,CODING");
		return;
	}
	s = new_span(r, number);
	if (!s)
		return;
	s->timing = timing;
	s->lbo = lbo;
	s->esf = strcasecmp(field[3], "esf") == 0;
	s->t1 = s->esf || strcasecmp(field[3], "d4") == 0 || strcasecmp(field[3], "sf") == 0;
	s->cas = strcasecmp(field[3], "cas") == 0;
	s->hdb3_or_b8zs = strcasecmp(field[4], "ami") != 0;
	s->channels = s->t1 ? T1_CHANNELS : E1_CHANNELS;
	if (!s->t1 && !s->cas && strcasecmp(field[3], "ccs") != 0)
		NOTE(r, "framing \"%.20s\" is not known; taken for an E1 with ccs", field[3]);
	for (unsigned i = 5; i < n; i++) {
		if (strcasecmp(field[i], "crc4") == 0)
			s->crc4 = true;
		else if (strcasecmp(field[i], "yellow") != 0)
			NOTE(r, "option \"%.20s\" has no counterpart here", field[i]);
	}
}

/* dynamic=DRIVER,ADDRESS,CHANNELS,TIMING: numbered behind all cards, when the file has been read.
 */
static void read_dynamic(struct reader *r, char *value)
{
	char *field[FIELDS_MAX];
	unsigned n = split(value, field), channels, timing, number = r->conf->highest + 1;
	struct system_span *s;

	if (n != 4 || !import_number(field[2], 31, &channels) || !channels ||
	    !import_number(field[3], 255, &timing)) {
		NOTE(r, "not understood; a dynamic span is DRIVER,ADDRESS,CHANNELS,TIMING");
		return;
	}
	s = new_span(r, number);
	if (!s)
		return;
	s->dynamic = true;
	s->timing = timing;
	s->channels = channels;
	s->t1 = channels == T1_CHANNELS || channels == T1_CHANNELS - 1;
	s->hdb3_or_b8zs = true;
}

static void read_channels(struct reader *r, const char *key, const char *value, int kind)
{
	struct channel_set set = {0};

	if (!import_channels(value, &set)) {
		NOTE(r, "not a list of channels as in 1-15,17-31 (up to %d)", IMPORT_CHANNELS_MAX);
		return;
	}
	if (kind == SYSTEM_OTHER)
		NOTE(r, "%.20s channels are not ISDN PRI; left out", key);
	for (unsigned c = 1; c <= IMPORT_CHANNELS_MAX; c++) {
		struct system_channel *channel = &r->conf->channel[c];

		if (!channel_in(&set, c))
			continue;
		if (channel->kind != SYSTEM_NONE && (int)channel->kind != kind)
			NOTE(r, "channel %u is something else in line %u; this line counts", c,
			     channel->line);
		channel->kind = kind;
		channel->line = r->line;
	}
}

static void read_echo(struct reader *r, char *value)
{
	struct channel_set set = {0};
	char *comma = strchr(value, ',');

	if (!comma || !import_channels(comma + 1, &set)) {
		NOTE(r, "not understood; an echo canceller is NAME,CHANNELS");
		return;
	}
	for (unsigned c = 1; c <= IMPORT_CHANNELS_MAX; c++)
		if (channel_in(&set, c))
			r->conf->channel[c].echo_line = r->line;
}

static int channel_kind(const char *key)
{
	static const struct {
		const char *key;
		int kind;
	} known[] = {
	    {"bchan", SYSTEM_BCHAN},	{"clear", SYSTEM_BCHAN},       {"dchan", SYSTEM_DCHAN},
	    {"fcshdlc", SYSTEM_DCHAN},	{"hardhdlc", SYSTEM_HARDHDLC}, {"rawhdlc", SYSTEM_OTHER},
	    {"nethdlc", SYSTEM_OTHER},	{"mtp2", SYSTEM_OTHER},	       {"cas", SYSTEM_OTHER},
	    {"e&m", SYSTEM_OTHER},	{"e&me1", SYSTEM_OTHER},       {"fxsls", SYSTEM_OTHER},
	    {"fxsgs", SYSTEM_OTHER},	{"fxsks", SYSTEM_OTHER},       {"fxols", SYSTEM_OTHER},
	    {"fxogs", SYSTEM_OTHER},	{"fxoks", SYSTEM_OTHER},       {"unused", SYSTEM_OTHER},
	    {"indclear", SYSTEM_OTHER}, {"dacs", SYSTEM_OTHER},	       {"dacsrbs", SYSTEM_OTHER},
	    {"user", SYSTEM_OTHER},	{"sf", SYSTEM_OTHER},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcasecmp(known[i].key, key) == 0)
			return known[i].kind;
	return SYSTEM_NONE;
}

static void read_line(struct reader *r, char *text)
{
	char copy[IMPORT_LINE_MAX], *equals, *key, *value;
	int kind;

	str_copy(copy, sizeof(copy), text);
	copy[strcspn(copy, "#;")] = '\0';
	equals = strchr(copy, '=');
	key = import_trim(copy);
	if (!*key)
		return;
	if (!equals) {
		NOTE(r, "not understood; a line is KEY=VALUE");
		return;
	}
	*equals = '\0';
	key = import_trim(copy);
	value = import_trim(equals + 1);
	kind = channel_kind(key);
	if (kind != SYSTEM_NONE)
		read_channels(r, key, value, kind);
	else if (strcasecmp(key, "span") == 0)
		read_span(r, value);
	else if (strcasecmp(key, "echocanceller") == 0)
		read_echo(r, value);
	else if (strcasecmp(key, "loadzone") == 0)
		r->conf->zone_line = r->line; /* tones of analogue lines; ours are ring-back: */
	else if (strcasecmp(key, "dynamic") != 0 && strcasecmp(key, "defaultzone") != 0 &&
		 strcasecmp(key, "alaw") != 0 && strcasecmp(key, "deflaw") != 0)
		NOTE(r, "has no counterpart here");
}

static void read_lines(struct reader *r, bool dynamic)
{
	struct import_lines l = {.source = r->conf->source};

	while (import_next_line(&l)) {
		char copy[IMPORT_LINE_MAX], *equals;

		r->line = l.number;
		r->text = l.line;
		if (!dynamic) {
			if (l.cut)
				NOTE(r, "longer than %d octets; its end is not read",
				     IMPORT_LINE_MAX - 1);
			read_line(r, l.line);
			continue;
		}
		str_copy(copy, sizeof(copy), l.line);
		copy[strcspn(copy, "#;")] = '\0';
		equals = strchr(copy, '=');
		if (!equals)
			continue;
		*equals = '\0';
		if (strcasecmp(import_trim(copy), "dynamic") == 0)
			read_dynamic(r, equals + 1);
	}
}

static void place_spans(struct reader *r)
{
	struct system_conf *c = r->conf;
	unsigned first = 1;

	for (unsigned i = 1; i <= c->highest; i++) {
		if (!c->span[i].number) {
			/* Analogue cards need no span= line; and a number may simply be missing. */
			import_note(r->notes, c->source, 0, NULL,
				    "span %u is not there, so the channels of span %u and up may "
				    "be other ones; compare with lsdahdi",
				    i, i + 1);
			continue;
		}
		c->span[i].first = first;
		first += c->span[i].channels;
	}
}

int system_conf_read(const struct import_source *source, struct import_notes *notes,
		     struct system_conf **out)
{
	struct system_conf *c = calloc(1, sizeof(*c));
	struct reader r = {.conf = c, .notes = notes};

	if (!c)
		return -ENOMEM;
	c->source = source;
	read_lines(&r, false);
	read_lines(&r, true);
	place_spans(&r);
	*out = c;
	return 0;
}

const struct system_span *system_conf_span_of(const struct system_conf *c, unsigned channel)
{
	for (unsigned i = 1; i <= c->highest; i++)
		if (c->span[i].number && channel >= c->span[i].first &&
		    channel < c->span[i].first + c->span[i].channels)
			return &c->span[i];
	return NULL;
}
