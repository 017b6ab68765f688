/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gateway/cli/plan_question.h"

#include <stdio.h>
#include <string.h>

#include "config/endpoint_text.h"
#include "gateway/base/clock.h"
#include "gateway/base/strbuf.h"
#include "gateway/plan/moment.h"

#define DEFAULT_CONFIG "/etc/spanbridge/spanbridge.yaml"

/* A word of an option and its code on the wire; the last one has no word. The words are those of the
 * configuration. */
struct word {
	const char *word;
	uint8_t code;
};

static const struct word tons[] = {
    {"unknown", CALL_TON_UNKNOWN},	 {"international", CALL_TON_INTERNATIONAL},
    {"national", CALL_TON_NATIONAL},	 {"network", CALL_TON_NETWORK},
    {"subscriber", CALL_TON_SUBSCRIBER}, {"abbreviated", CALL_TON_ABBREVIATED},
    {NULL, 0},
};
static const struct word npis[] = {
    {"unknown", CALL_NPI_UNKNOWN},
    {"e164", CALL_NPI_E164},
    {"private", CALL_NPI_PRIVATE},
    {NULL, 0},
};
static const struct word presentations[] = {
    {"allowed", CALL_PRES_ALLOWED},
    {"restricted", CALL_PRES_RESTRICTED},
    {"not-available", CALL_PRES_NOT_AVAILABLE},
    {NULL, 0},
};
static const struct word bearers[] = {
    {"speech", CALL_BEARER_SPEECH},	      {"audio", CALL_BEARER_AUDIO_3K1},
    {"unrestricted", CALL_BEARER_UNRESTRICTED}, {"restricted", CALL_BEARER_RESTRICTED},
    {"video", CALL_BEARER_VIDEO},	      {NULL, 0},
};

int plan_question_take(struct cli *c, struct plan_question *q)
{
	const struct {
		const char *option;
		const char **value;
	} options[] = {{"--config", &q->config},
		       {"--from", &q->from},
		       {"--ton", &q->ton},
		       {"--npi", &q->npi},
		       {"--calling", &q->calling},
		       {"--calling-ton", &q->calling_ton},
		       {"--presentation", &q->presentation},
		       {"--redirecting", &q->redirecting},
		       {"--connected", &q->connected},
		       {"--name", &q->name},
		       {"--bearer", &q->bearer},
		       {"--at", &q->at},
		       {"--answer", &q->lookups.said}};
	enum { OPTIONS = sizeof(options) / sizeof(options[0]) };

	*q = (struct plan_question){.config = DEFAULT_CONFIG};
	for (int i = 0; i < c->argc; i++) {
		unsigned o = 0;

		while (o < OPTIONS && strcmp(options[o].option, c->argv[i]) != 0)
			o++;
		if (o < OPTIONS && ++i == c->argc)
			return cli_usage("plan", "%s needs a value", options[o].option);
		if (o < OPTIONS)
			*options[o].value = c->argv[i];
		else if (strcmp(c->argv[i], "--lookup") == 0)
			q->lookups.ask = true;
		else if (c->argv[i][0] == '-')
			return cli_usage("plan", "plan test does not take %s", c->argv[i]);
		else if (q->called)
			return cli_usage("plan", "plan test takes one number, not also \"%s\"; quote one "
						 "that has spaces in it", c->argv[i]);
		else
			q->called = c->argv[i];
	}
	if (q->lookups.said && (q->lookups.ask || !cli_lookups_right(&q->lookups)))
		return cli_usage("plan", "--answer is a number, none or failed, and goes without --lookup");
	return q->called ? CLI_OK : cli_usage("plan", "plan test needs a number");
}

int plan_question_number(const char *what, const char *text, struct call_number *out)
{
	if (!text || e164_number_parse(out, text) == 0)
		return CLI_OK;
	return cli_usage("plan", "%s \"%s\": a number is 1 to %d digits, * and #, with + in front for "
				 "E.164", what, text, CALL_DIGITS_MAX);
}

/* given NULL: *code stays. */
static int take_word(const char *option, const char *given, const struct word *words, uint8_t *code)
{
	char all[120];
	struct strbuf b;

	if (!given)
		return CLI_OK;
	strbuf_init(&b, all, sizeof(all));
	for (const struct word *w = words; w->word; w++) {
		if (strcmp(w->word, given) == 0) {
			*code = w->code;
			return CLI_OK;
		}
		strbuf_addf(&b, "%s%s", b.len == 0 ? "" : w[1].word ? ", " : " or ", w->word);
	}
	return cli_usage("plan", "%s \"%s\": it is %s", option, given, all);
}

static int take_from(const struct plan_question *q, const struct config *config,
		     struct call_endpoint *source)
{
	char all[400], text[ENDPOINT_TEXT];
	struct call_endpoint ep;
	struct strbuf b;

	*source = (struct call_endpoint){CALL_EP_SPAN, config->span[0].isdn.span};
	if (!q->from || endpoint_find(config, q->from, source) == 0)
		return CLI_OK;
	strbuf_init(&b, all, sizeof(all));
	for (unsigned i = 0; i < config->span_count; i++) {
		ep = (struct call_endpoint){CALL_EP_SPAN, config->span[i].isdn.span};
		strbuf_addf(&b, "%s%s", b.len ? ", " : "", endpoint_text(config, ep, text));
	}
	for (unsigned i = 0; i < config->trunk_count; i++) {
		ep = (struct call_endpoint){CALL_EP_TRUNK, (uint16_t)i};
		strbuf_addf(&b, ", %s", endpoint_text(config, ep, text));
	}
	return cli_usage("plan", "--from %s: %s has no such side; it has %s", q->from, q->config, all);
}

int plan_question_call(const struct plan_question *q, const struct config *config,
		       struct call_setup *setup, int64_t *wall_us)
{
	uint8_t bearer = CALL_BEARER_AUDIO_3K1;

	*setup = (struct call_setup){.sending_complete = true};
	if (take_from(q, config, &setup->source) ||
	    plan_question_number("number", q->called, &setup->called) ||
	    plan_question_number("--calling", q->calling, &setup->calling) ||
	    plan_question_number("--redirecting", q->redirecting, &setup->redirecting) ||
	    take_word("--ton", q->ton, tons, &setup->called.ton) ||
	    take_word("--npi", q->npi, npis, &setup->called.npi) ||
	    take_word("--calling-ton", q->calling_ton, tons, &setup->calling.ton) ||
	    take_word("--presentation", q->presentation, presentations,
		      &setup->calling.presentation) ||
	    take_word("--bearer", q->bearer, bearers, &bearer))
		return CLI_USAGE;
	if (!q->calling && (q->calling_ton || q->presentation))
		return cli_usage("plan", "--calling-ton and --presentation say something of the calling "
					 "number; give --calling, too");
	setup->bearer = (enum call_bearer)bearer;
	if (q->name)
		str_copy(setup->calling_name, sizeof(setup->calling_name), q->name);
	*wall_us = clock_wall_us();
	if (q->at && plan_moment_parse(q->at, plan_zone(config->plan), wall_us))
		return cli_usage("plan", "--at \"%s\": no such moment; write it as 2026-12-24T10:00 (in the "
					 "plan's time zone), or with Z or +08:00 behind it", q->at);
	return CLI_OK;
}
