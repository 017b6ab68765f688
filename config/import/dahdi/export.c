/* SPDX-License-Identifier: GPL-2.0-or-later */
/* system.conf for the DAHDI spans of a configuration. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "config/import/dahdi/import_text.h"

enum { E1_CHANNELS = 31, T1_CHANNELS = 24 };

struct exporter {
	FILE *f;
	const struct config *config;
	unsigned first;	 /* DAHDI's channel that the next span begins with */
	unsigned next;	 /* its number */
	unsigned timing; /* priority that the next span with a foreign clock gets */
};

static bool is_t1(const struct config_span *s)
{
	return s->line_params.type == E1_TYPE_T1 || s->line_params.type == E1_TYPE_J1;
}

static void put_channels(FILE *f, const char *key, uint32_t slots, unsigned first)
{
	const char *comma = "";

	fprintf(f, "%s", key);
	for (unsigned ts = 1; ts <= E1_CHANNELS; ts++) {
		unsigned last = ts;

		if (!(slots >> ts & 1))
			continue;
		while (last < E1_CHANNELS && slots >> (last + 1) & 1)
			last++;
		fprintf(f, "%s%u", comma, first + ts - 1);
		if (last > ts)
			fprintf(f, "-%u", first + last - 1);
		comma = ",";
		ts = last;
	}
	fputc('\n', f);
}

static void put_span(struct exporter *e, const struct config_span *s)
{
	const struct e1_params *p = &s->line_params;
	bool t1 = is_t1(s), ami = p->code == E1_CODE_AMI;
	const char *framing = !t1 ? "ccs" : p->framing == E1_FRAMING_D4 ? "d4" : "esf";

	fprintf(e->f, "\n# span %u: %s side%s\n", s->isdn.span,
		s->isdn.side == ISDN_USER ? "user" : "network",
		s->clock_master ? ", the clock is ours" : "");
	fprintf(e->f, "span=%u,%u,%u,%s,%s%s\n", s->dahdi.dahdi_span,
		s->clock_master ? 0 : e->timing++, p->lbo, framing,
		ami  ? "ami"
		: t1 ? "b8zs"
		     : "hdb3",
		!t1 && p->crc4 ? ",crc4" : "");
	put_channels(e->f, "bchan=", s->isdn.bchannels, e->first);
	put_channels(e->f, "dchan=", UINT32_C(1) << s->isdn.dchannel_ts, e->first);
	if (s->dahdi.echo_tail_ms)
		put_channels(e->f, "echocanceller=mg2,", s->isdn.bchannels, e->first);
	e->first += t1 ? T1_CHANNELS : E1_CHANNELS;
	e->next = s->dahdi.dahdi_span + 1u;
}

/* The span with the lowest number from `from` on; NULL: none. */
static const struct config_span *lowest(const struct config *c, unsigned from)
{
	const struct config_span *found = NULL;

	for (unsigned i = 0; i < c->span_count; i++) {
		const struct config_span *s = &c->span[i];

		if (s->driver == CONFIG_DRIVER_DAHDI && s->dahdi.dahdi_span >= from &&
		    (!found || s->dahdi.dahdi_span < found->dahdi.dahdi_span))
			found = s;
	}
	return found;
}

static void skip_to(struct exporter *e, unsigned number)
{
	for (; e->next < number; e->next++) {
		fprintf(
		    e->f,
		    "\n# DAHDI span %u is not in the configuration: taken for an E1 (channels %u "
		    "to %u)\n",
		    e->next, e->first, e->first + E1_CHANNELS - 1);
		e->first += E1_CHANNELS;
	}
}

/* A place says nothing of the number that DAHDI gives the span, and system.conf knows numbers only.
 */
static void put_unnumbered(struct exporter *e)
{
	for (unsigned i = 0; i < e->config->span_count; i++) {
		const struct config_span *s = &e->config->span[i];
		char card[IMPORT_QUOTE];

		if (*s->dahdi.card)
			fprintf(e->f,
				"\n# span %u is left out: dahdi_card %s has no number here; "
				"spanbridge doctor\n# shows it, and dahdi_span: N in its place "
				"exports it\n",
				s->isdn.span, import_quote(card, s->dahdi.card));
	}
}

int export_dahdi(const struct config *config, const char *config_name, char **out)
{
	struct exporter e = {.config = config, .first = 1, .next = 1, .timing = 1};
	const struct config_span *s = lowest(config, 1);
	char name[IMPORT_QUOTE];
	size_t len;
	bool failed;

	if (!s)
		return -ENOENT;
	e.f = open_memstream(out, &len);
	if (!e.f)
		return -ENOMEM;
	fprintf(e.f,
		"# Made by `spanbridge export dahdi` from %s.\n"
		"# For /etc/dahdi/system.conf; dahdi_cfg -v makes it hold.\n",
		import_quote(name, config_name));
	for (; s; s = lowest(config, s->dahdi.dahdi_span + 1u)) {
		skip_to(&e, s->dahdi.dahdi_span);
		put_span(&e, s);
	}
	put_unnumbered(&e);
	fprintf(e.f, "\nloadzone=us\ndefaultzone=us\n");
	failed = ferror(e.f);
	if (fclose(e.f) || failed) {
		free(*out);
		*out = NULL;
		return -ENOMEM;
	}
	return 0;
}
