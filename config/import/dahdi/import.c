/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From what the two files say to spans. */
#include "config/import/dahdi/import.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/import/dahdi/import_spans.h"
#include "gateway/base/strbuf.h"

enum {
	E1_SLOTS = 31,
	E1_DCHANNEL = 16,
	T1_DCHANNEL = 24,
	ECHO_DEFAULT_MS = 16,
	T309_MAX_S = 300,
	GAIN_MAX_DB = 20,
	ECHO_MAX_MS = 128
};

struct importer {
	struct import_result result;
	struct import_notes notes;
	struct system_conf *system;  /* NULL: not given */
	struct chan_dahdi *asterisk; /* NULL: not given */
	const char **why;
};

/* ── system.conf ── */

static void take_channels(struct importer *im, struct import_span *s)
{
	const struct system_conf *c = im->system;

	for (unsigned i = 0; i < s->channels && i < E1_SLOTS; i++) {
		const struct system_channel *ch = &c->channel[s->first + i];
		unsigned ts = i + 1;

		if (ch->kind == SYSTEM_DCHAN || ch->kind == SYSTEM_HARDHDLC) {
			if (s->dchannel) {
				import_note(&im->notes, c->source, ch->line, NULL,
					    "span %u has a second D-channel in timeslot %u; only "
					    "the first one is taken",
					    s->span, ts);
				continue;
			}
			s->dchannel = ts;
			import_where(&s->dchannel_at, c->source, ch->line,
				     ch->kind == SYSTEM_DCHAN ? "dchan" : "hardhdlc");
		} else if (ch->kind == SYSTEM_BCHAN) {
			if (!s->bchannels)
				import_where(&s->bchannels_at, c->source, ch->line, "bchan");
			s->bchannels |= UINT32_C(1) << ts;
		}
		if (ch->echo_line && !s->echo_ms) {
			s->echo_ms = ECHO_DEFAULT_MS;
			import_where(&s->echo_at, c->source, ch->echo_line, "echocanceller");
		}
	}
}

static void take_system_span(struct importer *im, const struct system_span *from)
{
	const struct system_conf *c = im->system;
	struct import_span *s = import_span_at(&im->result, from->number);

	if (!s)
		return;
	s->first = from->first;
	s->channels = from->channels;
	s->t1 = from->t1;
	s->d4 = from->t1 && !from->esf && !from->dynamic;
	s->ami = !from->hdb3_or_b8zs;
	s->crc4 = from->crc4;
	s->lbo = from->lbo;
	s->dynamic = from->dynamic;
	s->known_timing = true;
	s->timing = from->timing;
	import_where(&s->span_at, c->source, from->line, from->text);
	import_where(&s->clock_at, c->source, from->line,
		     from->timing ? "its clock is taken" : "timing 0: its clock is not taken");
	take_channels(im, s);
}

/* Spans without any PRI channel are none of ours. */
static void drop_span(struct importer *im, unsigned index, const char *why)
{
	const struct import_span *s = &im->result.span[index];
	const struct import_source *source = im->system ? im->system->source : im->asterisk->source;

	import_note(&im->notes, source, 0, NULL, "span %u is left out: %s", s->span, why);
	im->result.span[index] = im->result.span[--im->result.count];
}

static void finish_spans(struct importer *im)
{
	for (unsigned i = 0; i < im->result.count;) {
		struct import_span *s = &im->result.span[i];

		if (s->bchannels && !s->dchannel) {
			s->dchannel = s->t1 ? T1_DCHANNEL : E1_DCHANNEL;
			import_say(&s->dchannel_at, "not given; the usual timeslot");
		}
		if (s->bchannels >> s->dchannel & 1)
			s->bchannels &= ~(UINT32_C(1) << s->dchannel);
		if (!s->bchannels)
			drop_span(im, i, "it has no B-channel of an ISDN PRI");
		else
			i++;
	}
}

/* ── chan_dahdi.conf ── */

static bool take_gain(struct importer *im, const struct chan_value *v, int *out)
{
	char *end;
	double db = strtod(v->value, &end);

	if (end == v->value || *import_trim(end) || !isfinite(db) || fabs(db) > GAIN_MAX_DB) {
		import_note(&im->notes, im->asterisk->source, v->line, v->text,
			    "not a gain from -%d to %d dB; left out", GAIN_MAX_DB, GAIN_MAX_DB);
		return false;
	}
	*out = (int)lround(db);
	if (fabs(db - *out) > 0.01)
		import_note(&im->notes, im->asterisk->source, v->line, v->text, "rounded to %d dB",
			    *out);
	return *out != 0;
}

static void take_echo(struct importer *im, const struct chan_value *v, struct import_span *s)
{
	unsigned taps = ECHO_DEFAULT_MS * 8;

	if (strcasecmp(v->value, "no") == 0 || strcasecmp(v->value, "off") == 0 ||
	    strcmp(v->value, "0") == 0) {
		s->echo_ms = 0;
		return;
	}
	if (import_number(v->value, ECHO_MAX_MS * 8, &taps) && taps < 32)
		taps = 32;
	s->echo_ms = taps / 8;
	import_where(&s->echo_at, im->asterisk->source, v->line, v->text);
}

/* What a call to the exchange carries; Asterisk's own default is national. */
static void take_dialplan(struct importer *im, const struct chan_value *v, struct import_span *s)
{
	static const struct {
		const char *word, *ton, *npi;
	} known[] = {{"national", "national", "e164"},
		     {"international", "international", "e164"},
		     {"local", "subscriber", "e164"},
		     {"private", "subscriber", "private"},
		     {"unknown", "unknown", "unknown"}};

	for (unsigned i = 0; i < 5; i++) {
		if (strcasecmp(known[i].word, v->line ? v->value : "national") != 0)
			continue;
		s->set_ton = known[i].ton;
		s->set_npi = known[i].npi;
		if (v->line)
			import_where(&s->dialplan_at, im->asterisk->source, v->line, v->text);
		else
			import_say(&s->dialplan_at, "no pridialplan: Asterisk's default");
		return;
	}
	import_note(&im->notes, im->asterisk->source, v->line, v->text,
		    "the type of number depends on the digits; write a rule for each prefix");
}

static void take_settings(struct importer *im, const struct chan_settings *set,
			  struct import_span *s)
{
	const struct import_source *source = im->asterisk->source;
	const struct chan_value *v = set->of;
	unsigned ms;

	import_where(&s->side_at, source, v[CHAN_SIGNALLING].line, v[CHAN_SIGNALLING].text);
	if (v[CHAN_SWITCHTYPE].line && strcasecmp(v[CHAN_SWITCHTYPE].value, "euroisdn") != 0)
		import_note(&im->notes, source, v[CHAN_SWITCHTYPE].line, v[CHAN_SWITCHTYPE].text,
			    "span %u: only EuroISDN is spoken here; the other end must change",
			    s->span);
	if (v[CHAN_ECHOCANCEL].line)
		take_echo(im, &v[CHAN_ECHOCANCEL], s);
	if (v[CHAN_RXGAIN].line && take_gain(im, &v[CHAN_RXGAIN], &s->rx_gain_db))
		import_where(&s->rx_at, source, v[CHAN_RXGAIN].line, v[CHAN_RXGAIN].text);
	if (v[CHAN_TXGAIN].line && take_gain(im, &v[CHAN_TXGAIN], &s->tx_gain_db))
		import_where(&s->tx_at, source, v[CHAN_TXGAIN].line, v[CHAN_TXGAIN].text);
	if (v[CHAN_T309].line && import_number(v[CHAN_T309].value, T309_MAX_S * 1000, &ms) &&
	    ms >= 1000) {
		s->t309_s = ms / 1000;
		import_where(&s->t309_at, source, v[CHAN_T309].line, v[CHAN_T309].text);
	} else if (v[CHAN_T309].line) {
		import_note(&im->notes, source, v[CHAN_T309].line, v[CHAN_T309].text,
			    "t309 is 1000 to %d ms here; left at its default", T309_MAX_S * 1000);
	}
	take_dialplan(im, &v[CHAN_PRIDIALPLAN], s);
	if (v[CHAN_GROUP].line) {
		str_copy(s->group, sizeof(s->group), v[CHAN_GROUP].value);
		import_where(&s->group_at, source, v[CHAN_GROUP].line, v[CHAN_GROUP].text);
	}
	if (v[CHAN_CONTEXT].line) {
		str_copy(s->context, sizeof(s->context), v[CHAN_CONTEXT].value);
		import_where(&s->context_at, source, v[CHAN_CONTEXT].line, v[CHAN_CONTEXT].text);
	}
}

static void place_channel(struct importer *im, unsigned channel, unsigned *span, unsigned *ts)
{
	const struct system_span *s;

	*span = (channel - 1) / E1_SLOTS + 1;
	*ts = (channel - 1) % E1_SLOTS + 1;
	if (!im->system)
		return;
	s = system_conf_span_of(im->system, channel);
	*span = s ? s->number : 0;
	*ts = s ? channel - s->first + 1 : 0;
}

static bool same_settings(const struct import_span *s, const struct chan_settings *set)
{
	return strcmp(s->group, set->of[CHAN_GROUP].line ? set->of[CHAN_GROUP].value : "") == 0 &&
	       strcmp(s->context, set->of[CHAN_CONTEXT].line ? set->of[CHAN_CONTEXT].value : "") ==
		   0;
}

/* The channels of one `channel =>`, span by span. */
static void take_maker(struct importer *im, const struct chan_maker *m, int side)
{
	const struct import_source *source = im->asterisk->source;
	struct import_span *last = NULL;

	for (unsigned c = 1; c <= IMPORT_CHANNELS_MAX; c++) {
		struct import_span *s;
		unsigned span, ts;

		if (!channel_in(&m->channels, c))
			continue;
		place_channel(im, c, &span, &ts);
		s = import_span_at(&im->result, span);
		if (!s) {
			import_note(&im->notes, source, m->line, m->text,
				    "channel %u is in no span that system.conf sets up", c);
			continue;
		}
		if (s != last && s->side < 0) {
			s->side = side;
			take_settings(im, &m->settings, s);
			import_where(&s->bchannels_at, source, m->line, m->text);
			s->bchannels = 0; /* those of Asterisk count, not all that DAHDI has */
			if (!*s->span_at.text)
				import_say(&s->span_at, "channels %u to %u, taking 31 a span",
					   (span - 1) * E1_SLOTS + 1, span * E1_SLOTS);
		} else if (s != last && (s->side != side || !same_settings(s, &m->settings))) {
			import_note(&im->notes, source, m->line, m->text,
				    "span %u is made with other settings above; a span has one "
				    "side and one plan here, the first ones are taken",
				    span);
		}
		last = s;
		if (s->dchannel == ts && im->system)
			import_note(&im->notes, source, m->line, m->text,
				    "channel %u is the D-channel of span %u and carries no calls",
				    c, span);
		else
			s->bchannels |= UINT32_C(1) << ts;
	}
}

static void take_makers(struct importer *im)
{
	for (unsigned i = 0; i < im->asterisk->makers; i++) {
		const struct chan_maker *m = &im->asterisk->maker[i];
		const struct chan_value *sig = &m->settings.of[CHAN_SIGNALLING];

		if (sig->line && strcasecmp(sig->value, "pri_cpe") == 0)
			take_maker(im, m, ISDN_USER);
		else if (sig->line && strcasecmp(sig->value, "pri_net") == 0)
			take_maker(im, m, ISDN_NETWORK);
		else
			import_note(&im->notes, im->asterisk->source, m->line, m->text,
				    "signalling is %.30s, not pri_cpe or pri_net; left out",
				    sig->line ? sig->value : "not set");
	}
}

/* Spans of system.conf that Asterisk did not use. */
static void drop_unused(struct importer *im)
{
	for (unsigned i = 0; i < im->result.count;) {
		if (im->result.span[i].side < 0)
			drop_span(im, i, "no channel => names it");
		else
			i++;
	}
}

/* ── both ── */

static int finish(struct importer *im, char **out)
{
	finish_spans(im);
	if (im->result.count == 0) {
		*im->why = "there is no span of an ISDN PRI in it";
		return -ENOENT;
	}
	*out = import_write(&im->result);
	return *out ? (int)im->notes.count : -ENOMEM;
}

static struct importer *importer_create(import_note_fn on_note, void *arg, const char **why,
					const char *command)
{
	struct importer *im = calloc(1, sizeof(*im));

	*why = "out of memory";
	if (!im)
		return NULL;
	im->notes = (struct import_notes){.on_note = on_note, .arg = arg};
	im->why = why;
	im->result.command = command;
	return im;
}

static void importer_destroy(struct importer *im)
{
	if (!im)
		return;
	free(im->system);
	chan_dahdi_free(im->asterisk);
	free(im);
}

static int read_system(struct importer *im, const struct import_source *system)
{
	if (system->len > IMPORT_FILE_MAX) {
		*im->why = "longer than 1 MiB; this is no system.conf";
		return -E2BIG;
	}
	return system_conf_read(system, &im->notes, &im->system);
}

int import_dahdi(const struct import_source *system, char **out, import_note_fn on_note, void *arg,
		 const char **why)
{
	struct importer *im = importer_create(on_note, arg, why, "import dahdi");
	int result = im ? read_system(im, system) : -ENOMEM;

	if (!result) {
		for (unsigned i = 1; i <= im->system->highest; i++)
			if (im->system->span[i].number)
				take_system_span(im, &im->system->span[i]);
		result = finish(im, out);
	}
	importer_destroy(im);
	return result;
}

int import_asterisk(const struct import_source *chan_dahdi, const struct import_source *system,
		    char **out, import_note_fn on_note, void *arg, const char **why)
{
	struct importer *im = importer_create(on_note, arg, why, "import asterisk");
	int result = im ? 0 : -ENOMEM;

	if (im && chan_dahdi->len > IMPORT_FILE_MAX) {
		*why = "longer than 1 MiB; this is no chan_dahdi.conf";
		result = -E2BIG;
	}
	if (!result && system)
		result = read_system(im, system);
	if (!result)
		result = chan_dahdi_read(chan_dahdi, &im->notes, &im->asterisk);
	if (!result) {
		for (unsigned i = 1; im->system && i <= im->system->highest; i++)
			if (im->system->span[i].number)
				take_system_span(im, &im->system->span[i]);
		take_makers(im);
		drop_unused(im);
		result = finish(im, out);
	}
	importer_destroy(im);
	return result;
}
